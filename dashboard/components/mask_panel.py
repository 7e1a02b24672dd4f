"""One chart of the Masks page: its heading, its export menu, its alternative text."""

from __future__ import annotations

from collections.abc import Callable

import altair as alt
import pandas as pd
import streamlit as st

from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.figures.export import WIDTH, Figure

# Pixels are the plot's own; Streamlit would fit axes and legend into them.
AROUND = {"type": "pad", "contains": "content"}
# Thousands of cells are drawn at once; as nodes of a document they would be slow, and each read out.
CANVAS = {"embedOptions": {"renderer": "canvas"}}


def mask_panel(
    draw: Callable[[bool, str, int], alt.LayerChart],
    rows: pd.DataFrame,
    *,
    name: str,
    title: str,
    alt_text: str,
    said: str,
    environment: str,
    size: int,
    pins: tuple[str, str] | None = None,
) -> None:
    """`draw` takes whether the theme is dark, the name of a selection, and the plot's width, which is `size` on
    screen; 0 is all there is. `name` is unique on the page; `pins` are the keys that a click on a cell sets."""

    def figure() -> Figure:
        return Figure(draw(False, "", WIDTH), rows, title, said, environment)

    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{title}**", width="content")
        export_menu(figure, name)
    selection = f"pin_{name}" if pins else ""
    chart = draw(state.dark_theme(), selection, size).properties(usermeta=CANVAS)
    if not size:
        st.altair_chart(chart, theme=None, width="stretch", alt=alt_text)
        return
    chart = chart.properties(autosize=AROUND)
    if pins is None:
        st.altair_chart(chart, theme=None, width="content", alt=alt_text)
        return
    key = f"chart_{name}"
    st.altair_chart(
        chart, theme=None, width="content", alt=alt_text, key=key, selection_mode=selection,
        on_select=lambda: _take(key, selection, pins),
    )  # fmt: skip


def _take(key: str, selection: str, pins: tuple[str, str]) -> None:
    """Before the page is drawn again: the first pair of the clicked cell is the pinned one."""
    found = st.session_state[key]["selection"].get(selection)
    if found:
        state.pin(int(found[0]["i"]), int(found[0]["j"]), pins)
