"""The point that was clicked: its numbers, its timings one by one, and where to see more."""

from __future__ import annotations

import streamlit as st

from attn_core import METHODS
from attn_core.naming import called
from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.components.shown_chart import show_chart
from dashboard.components.tradeoff_choice import draw_point
from dashboard.figures.export import Figure
from dashboard.figures.on_screen import on_screen
from dashboard.figures.palette import mark
from dashboard.figures.sample_strip import sample_rows, sample_strip
from dashboard.services import tradeoff_point as service
from dashboard.services.literal import literal
from dashboard.services.tradeoff_view import Shown, point, undrawn

POINT_ANCHOR = "the-point"
HINT = "Click a point, or choose one with the keyboard, to see its numbers, its timings and its attention map."


def point_panel(shown: Shown) -> None:
    wanted = st.query_params.get(state.D_POINT)
    found = point(shown, wanted)
    if found is None:
        if wanted and (elsewhere := undrawn(shown, wanted)):
            _lead_to(shown, wanted, elsewhere)
        elif shown.drawn:
            st.caption(HINT)
        return
    with st.container(border=True):
        st.html(f'<span id="{POINT_ANCHOR}" style="scroll-margin-top: 5rem"></span>')
        st.markdown(
            f"**{literal(called(found['label']))}** at N = {found['length']:,} "
            f":gray[:small[run {literal(found['run_name'] or found['run_id'])}]]"
        )
        with st.container(horizontal=True, gap="small"):
            for title, address in service.links(shown.everything, found).items():
                st.link_button(title, address, icon=":material/open_in_new:", type="tertiary")
        if about := service.about_map(shown.everything, found):
            st.caption(about)
        left, right = st.columns([2, 3], gap="large")
        with left:
            st.table(
                service.numbers(found),
                hide_index=True,
                border="horizontal",
                alt="Numbers of the point",
            )
            st.caption(literal(service.reading(shown.everything, found)))
        with right:
            _timings(shown, found)


def _lead_to(shown: Shown, point_id: str, elsewhere: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(literal(elsewhere), width="content")
        st.button(
            ":small[Draw it]", key="d_draw_point", type="tertiary", icon=":material/scatter_plot:",
            on_click=draw_point, args=(shown.everything, point_id),
        )  # fmt: skip


def _timings(shown: Shown, found) -> None:
    samples = service.samples(shown.everything, found)
    if not samples:
        st.caption("This point has no timings of its own.")
        return
    rows, dark = sample_rows(samples), state.dark_theme()
    ends = float(found["time_s"]), float(found["time_s_low"]), float(found["time_s_high"])
    look = METHODS[found["method"]]
    title = f"Timings of {called(found['label'])} at N = {found['length']:,}"

    def figure() -> Figure:
        chart = sample_strip(rows, *ends, mark(look).colour)
        note = f"Dashed: the median. Band: {service.interval_words(len(samples))}."
        return Figure(chart, rows, title, shown.setting.sizes, shown.setting.machine, note)

    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{len(samples)} timings**", width="content")
        export_menu(figure, "tradeoff_samples")
    show_chart(
        on_screen(lambda: sample_strip(rows, *ends, mark(look, dark).colour, dark=dark)),
        f"{title}, in the order in which they were taken.",
    )
