"""A chart in its place, with its alternative text and what a click in it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.figures.on_screen import OnScreen


@dataclass(frozen=True)
class Pick:
    """`take` gets the fields of the mark that a click in the chart chose, before the page is drawn again. The chart
    has a selection of the name `selection`; `key` is unique on the page."""

    key: str
    selection: str
    take: Callable[[Mapping[str, Any]], None]


def show_chart(
    chart: OnScreen, alt: str, *, width: str = "stretch", pick: Pick | None = None
) -> None:
    """`alt` says what the picture is; what it shows today stands as text beside it. The two travel apart because a
    browser makes a view anew when its alternative text changes. `width` is `stretch`, or `content` for a plot that
    has a size of its own."""
    more: dict[str, Any] = {}
    if pick is not None:
        more = {
            "key": pick.key,
            "selection_mode": pick.selection,
            "on_select": lambda: _taken(pick),
        }
    st.vega_lite_chart(chart.shown(), theme=None, width=width, alt=alt, **more)  # pyright: ignore[reportArgumentType, reportCallIssue]


def _taken(pick: Pick) -> None:
    found = st.session_state[pick.key]["selection"].get(pick.selection)
    if found:
        pick.take(found[0])
