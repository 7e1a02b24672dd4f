"""A chart on a page: its heading, its export menu, its alternative text, and what a click in it pins."""

from __future__ import annotations

from collections.abc import Callable

import altair as alt
import pandas as pd
import streamlit as st

from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.components.shown_chart import Pick, show_chart
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
    file: str = "",
    note: str = "",
    help_text: str | None = None,
    pins: tuple[str, str] | None = None,
) -> None:
    """`name` is unique on the page; `said` is the setting and `file` a name, for files. `pins` are the fields of a
    selection that become the pinned query and key, "" for one that stays."""

    def figure() -> Figure:
        return Figure(draw(False, ""), rows, title, said, environment, note)

    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{title}**", width="content", help=help_text)
        export_menu(figure, name, file=file)
    selection = f"pick_{name}" if pins else ""
    dark = state.dark_theme()
    pick = None
    if pins is not None:
        pick = Pick(f"chart_{name}", selection, lambda found: state.repin(found, *pins))
    show_chart(on_screen(lambda: draw(dark, selection)), alt_text, pick=pick)
