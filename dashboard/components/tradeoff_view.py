"""The points: scatter, parallel coordinates and table, linked; and the same as a figure for paper."""

from __future__ import annotations

import streamlit as st

from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.components.linked_points import linked_points
from dashboard.components.tradeoff_choice import draw_older, hide_beaten
from dashboard.components.tradeoff_linked import linked
from dashboard.components.tradeoff_point import POINT_ANCHOR
from dashboard.figures.export import Figure
from dashboard.figures.tradeoff_scatter import NOTE, break_note, tradeoff_scatter
from dashboard.services.kept import kept_with_first
from dashboard.services.tradeoff_view import Shown, point
from dashboard.services.tradeoff_words import alternative, brief, nothing_drawn, standings

READING = (
    "Ring: on the front, nothing measured is better in both. Half a ring: the noise leaves it open. Faint: something "
    "is better in both. The steps join the front, thin lines the budgets of a method; bars are intervals."
)
# With what stands above it, as much as fits a small screen.
HEIGHT = 340


def points_view(shown: Shown) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(
            f"**{shown.y.title} against {shown.x.noun}**",
            width="content",
            help=f"{READING} {_break_note(shown)}",
        )
        hide = hide_beaten()
        draw_older(shown)
        if shown.drawn:
            export_menu(lambda: figure(shown), f"tradeoff_{shown.x.name}_{shown.y.name}")
    _said(shown, hide)
    if not shown.drawn:
        st.info(nothing_drawn(shown), icon=":material/scatter_plot:")
        return
    key = "d_points"
    linked_points(
        linked(shown), x=shown.x.name, y=shown.y.name, key=key, alt=alternative(shown), height=HEIGHT,
        status=list(shown.labels), facets=len(shown.lengths) > 1, hide_dominated=hide,
        on_pick=lambda: _pick(key),
    )  # fmt: skip


def _said(shown: Shown, hide: bool) -> None:
    """Where the points stand, or which of them is open: its panel is further down than one sees."""
    found = point(shown, st.query_params.get(state.D_POINT))
    if found is not None:
        st.caption(f"{brief(shown, found)} · [all of it](#{POINT_ANCHOR})")
    else:
        st.caption(standings(shown, hide))


def _pick(key: str) -> None:
    """Before the page is drawn again: the point is part of the link."""
    found = st.session_state[key].get("picked")
    if isinstance(found, str):
        st.query_params[state.D_POINT] = found


def figure(shown: Shown) -> Figure:
    """All lengths on one chart, as the table has them."""
    title = f"{shown.y.title} against {shown.x.noun}"
    at = ", ".join(f"N = {length:,}" for length in shown.lengths)
    chart = tradeoff_scatter(shown.table, list(shown.labels), shown.x, shown.y)
    rows = shown.table.assign(front=shown.labels)
    note = f"{NOTE} {_break_note(shown)}".strip()
    return Figure(chart, rows, title, f"{at}; {shown.setting.sizes}", shown.setting.machine, note)


@kept_with_first()
def _break_note(shown: Shown) -> str:
    return break_note(shown.table, list(shown.labels), shown.x, shown.y)
