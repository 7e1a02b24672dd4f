"""One chart of the Masks page: its heading, its export menu, its alternative text."""

from __future__ import annotations

from collections.abc import Callable

import altair as alt
import pandas as pd
import streamlit as st

from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.figures.export import Figure


def mask_panel(
    draw: Callable[[bool, str], alt.LayerChart],
    rows: pd.DataFrame,
    *,
    name: str,
    title: str,
    alt_text: str,
    said: str,
    environment: str,
    pins: bool = False,
    stretch: bool = False,
) -> None:
    """`draw` takes whether the theme is dark, and the name of a selection; `name` is unique on the page."""

    def figure() -> Figure:
        return Figure(draw(False, ""), rows, title, said, environment)

    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{title}**", width="content")
        export_menu(figure, name)
    width = "stretch" if stretch else "content"
    if not pins:
        st.altair_chart(draw(state.dark_theme(), ""), theme=None, width=width, alt=alt_text)
        return
    key, selection = f"chart_{name}", f"pin_{name}"
    st.altair_chart(
        draw(state.dark_theme(), selection), theme=None, width=width, alt=alt_text, key=key,
        selection_mode=selection, on_select=lambda: _take(key, selection),
    )  # fmt: skip


def _take(key: str, selection: str) -> None:
    """Before the page is drawn again: the first pair of the clicked cell is the pinned one."""
    found = st.session_state[key]["selection"].get(selection)
    if found:
        state.pin(int(found[0]["i"]), int(found[0]["j"]))
