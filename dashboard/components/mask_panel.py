"""One chart of the Masks page: its heading, its export menu, its alternative text."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import altair as alt
import pandas as pd
import streamlit as st

from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.components.shown_chart import Pick, show_chart
from dashboard.figures.export import WIDTH, Figure
from dashboard.figures.on_screen import OnScreen, on_screen
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
    file: str,
    pins: tuple[str, str] | None = None,
) -> None:
    """`draw` takes whether the theme is dark, the name of a selection, and the plot's width, which is `size` on
    screen; 0 is all there is. `kept` names all that the chart shows, which is then not drawn twice. `name` is unique
    on the page, `file` says more; `pins` are the keys that a click on a cell sets."""

    def figure() -> Figure:
        return Figure(draw(False, "", WIDTH), rows(), title, said, environment)

    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{title}**", width="content")
        export_menu(figure, name, file=file)
    dark, selection = state.dark_theme(), f"pin_{name}" if pins else ""
    chart = _charts.get(
        (name, kept, dark, size),
        lambda: on_screen(lambda: draw(dark, selection, size), own_size=size > 0),
    )
    pick = None
    if pins is not None:
        # The first pair of the clicked cell is the pinned one.
        pick = Pick(f"chart_{name}", selection, lambda found: state.repin(found, keys=pins))
    show_chart(chart, alt_text, width="content" if size else "stretch", pick=pick)


_charts: Kept[OnScreen] = Kept(128, lambda chart: chart.weight, 2**27)
