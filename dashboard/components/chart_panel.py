"""A chart on a page: its heading, its export menu, its alternative text, and what a click in it pins."""

from __future__ import annotations

from collections.abc import Callable

import altair as alt
import pandas as pd
import streamlit as st

from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.figures.export import Figure
from dashboard.figures.on_screen import on_screen

# The chart on white paper or in the dark, with a selection of that name or none.
Draw = Callable[[bool, str], alt.LayerChart]


def chart_panel(
    draw: Draw,
    rows: pd.DataFrame,
    *,
    name: str,
    title: str,
    alt_text: str,
    said: str,
    environment: str,
    note: str = "",
    help_text: str | None = None,
    pins: tuple[str, str] | None = None,
) -> None:
    """`name` is unique on the page; `said` is the setting, for files. `pins` are the fields of a selection that become
    the pinned query and key, "" for one that stays."""

    def figure() -> Figure:
        return Figure(draw(False, ""), rows, title, said, environment, note)

    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{title}**", width="content", help=help_text)
        export_menu(figure, name)
    selection = f"pick_{name}" if pins else ""
    chart = on_screen(lambda: draw(state.dark_theme(), selection))
    if pins is None:
        st.altair_chart(chart, theme=None, width="stretch", alt=alt_text)
        return
    key = f"chart_{name}"
    st.altair_chart(
        chart, theme=None, width="stretch", alt=alt_text, key=key, selection_mode=selection,
        on_select=lambda: _take(key, selection, pins),
    )  # fmt: skip


def _take(key: str, selection: str, pins: tuple[str, str]) -> None:
    """Before the page is drawn again."""
    found = st.session_state[key]["selection"].get(selection)
    if found:
        state.repin(found[0], *pins)
