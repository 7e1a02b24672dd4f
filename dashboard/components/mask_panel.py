"""One chart of the Masks page: its heading, its export menu, its alternative text."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.figures.export import WIDTH, Figure
from dashboard.figures.on_screen import on_screen
from dashboard.figures.prepared import Prepared, prepared
from dashboard.services.kept import Kept


def mask_panel(
    draw: Callable[[bool, str, int], alt.LayerChart],
    rows: Callable[[], pd.DataFrame],
    kept: Hashable,
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
    screen; 0 is all there is. `kept` names all that the chart shows, which is then not drawn twice. `name` is unique
    on the page; `pins` are the keys that a click on a cell sets."""

    def figure() -> Figure:
        return Figure(draw(False, "", WIDTH), rows(), title, said, environment)

    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{title}**", width="content")
        export_menu(figure, name)
    dark, selection = state.dark_theme(), f"pin_{name}" if pins else ""
    chart = _charts.get(
        (name, kept, dark, size),
        lambda: prepared(on_screen(lambda: draw(dark, selection, size)), fixed=size > 0),
    )
    more: dict[str, Any] = {}
    if pins is not None:
        key = f"chart_{name}"
        more = {
            "key": key,
            "selection_mode": selection,
            "on_select": lambda: _take(key, selection, pins),
        }
    width = "content" if size else "stretch"
    st.vega_lite_chart(chart.shown(), theme=None, width=width, alt=alt_text, **more)


def _take(key: str, selection: str, pins: tuple[str, str]) -> None:
    """Before the page is drawn again: the first pair of the clicked cell is the pinned one."""
    found = st.session_state[key]["selection"].get(selection)
    if found:
        state.pin(int(found[0]["i"]), int(found[0]["j"]), pins)


_charts: Kept[Prepared] = Kept(128, lambda chart: chart.weight, 2**27)
