"""Does operator error predict task quality? An honest answer to whether the cheap metric can be trusted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from attn_core.tradeoff.axes import AXES, OPERATOR, QUALITY
from attn_core.tradeoff.trust import trust
from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.components.shown_chart import show_chart
from dashboard.components.tradeoff_choice import axis_title
from dashboard.figures.drawn_axis import break_note
from dashboard.figures.export import Figure
from dashboard.figures.on_screen import on_screen
from dashboard.figures.trust_chart import NOTE, trust_chart, trust_rows
from dashboard.services import validation as check
from dashboard.services.literal import literal
from dashboard.services.tradeoff_view import Shown

OPERATOR_HELP = "What a study measures of the operator alone, in seconds."
QUALITY_HELP = "What a Figure Z measures of a translator trained with it, in minutes to hours."


def url_checks() -> dict[str, Callable[[str], object]]:
    offered = {state.D_OPERATOR: ("cheap", OPERATOR), state.D_QUALITY: ("dear", QUALITY)}
    return {
        key: partial(check.choose, name, options=[axis_title(one) for one in names])
        for key, (name, names) in offered.items()
    }


def trust_tab(shown: Shown) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        operator = _choice("Cheap", state.D_OPERATOR, OPERATOR, OPERATOR_HELP)
        quality = _choice("Dear", state.D_QUALITY, QUALITY, QUALITY_HELP)
    found = trust(shown.newest, operator, quality)
    if not found.pairs:
        st.info(literal(found.sentence), icon=":material/school:")
        return
    st.markdown(literal(found.sentence))
    rows, dark = trust_rows(found), state.dark_theme()
    title = f"{AXES[quality].title} against {AXES[operator].noun}"
    reading = f"{NOTE} {break_note(rows, AXES[operator])}".strip()

    def figure() -> Figure:
        chart = trust_chart(rows, AXES[operator], AXES[quality])
        about = f"{found.sentence} {reading}"
        return Figure(chart, rows, title, shown.everything.source, shown.setting.machine, about)

    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{title}**", width="content")
        export_menu(figure, "tradeoff_trust")
    show_chart(
        on_screen(
            lambda: trust_chart(rows, AXES[operator], AXES[quality], dark=dark, stretched=True)
        ),
        f"{title}. {found.sentence}",
    )
    st.caption(reading)


def _choice(label: str, key: str, names: tuple[str, ...], said: str) -> str:
    return st.selectbox(
        label, names, format_func=axis_title, key=key, help=said, bind="query-params", width=190
    )  # fmt: skip
