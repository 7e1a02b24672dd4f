"""The main picture of Feature maps: estimates against the exact kernel, and φ of queries and keys beside them."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from attn_core import METHODS
from dashboard.components.beside import beside
from dashboard.components.chart_panel import chart_panel
from dashboard.components.source_picker import Looked
from dashboard.figures.feature_map import feature_map, feature_rows, span_of
from dashboard.figures.frames import column
from dashboard.figures.kernel_scatter import kernel_scatter
from dashboard.figures.palette import mark
from dashboard.services import feature_pairs
from dashboard.services import features as service
from dashboard.services.shown import file_name, setting

SCATTER_NOTE = (
    "A point a pair of query and key; dashed: as exact. Line and bars: pairs in eighths by their exact kernel, the "
    "mean estimate and the middle 80%."
)


def feature_picture(
    asked: service.Asked, looked: Looked, table: pd.DataFrame, environment: str
) -> None:
    said = setting(looked.source, looked.head, asked.given)
    left, right = beside("kernel", [0.45, 0.55])
    with left:
        _scatter(asked, looked, table, said, environment)
    with right:
        _maps(asked, looked, said, environment)


def _scatter(asked: service.Asked, looked: Looked, table, said: str, environment: str) -> None:
    calibrated = feature_pairs.calibration(table)
    unit = "φ(q)·φ(k), estimate" if asked.estimates else "φ(q)·φ(k), × one factor"

    def draw(dark: bool, selection: str):
        return kernel_scatter(
            table, calibrated, colour=mark(METHODS[asked.method], dark).colour, unit=unit,
            pin=(looked.query, looked.key), selectable=selection, dark=dark,
        )  # fmt: skip

    chart_panel(
        draw, table, name="kernel", title="Kernel: estimate against exact", said=said, environment=environment,
        file=file_name("kernel", asked.given), note=SCATTER_NOTE,
        help_text=SCATTER_NOTE + " A click pins the pair.", pins=("i", "j"),
        alt_text="Kernel estimates against exp(q·k/√d), pair by pair, logarithmic, with their calibration.",
    )  # fmt: skip


def _maps(asked: service.Asked, looked: Looked, said: str, environment: str) -> None:
    source = looked.source
    sides = [
        ("q", "query i", looked.query, source.queries, source.query_labels),
        ("k", "key j", looked.key, source.keys, source.key_labels),
    ]
    tables = []
    for side, _, pin, length, labels in sides:
        rows = service.shown_rows(length, pin)
        logs, which = service.feature_logs(asked, side, rows)
        tables.append(feature_rows(logs, rows, which, labels))
    span = span_of(*tables)
    for place, (side, axis, pin, length, _), table in zip(
        st.columns([0.43, 0.57], gap="small"), sides, tables, strict=True
    ):
        rows, columns = (column(table, name).nunique() for name in ("row", "feature"))
        shown = f"{rows} of {length:,} tokens, {columns} of {asked.width:,} features"
        with place:
            chart_panel(
                partial(_draw, table, span, axis, pin, side == "k"), table,
                name=f"phi_{side}", title=f"φ({side.upper()})", said=f"{said}; {shown}", environment=environment,
                file=file_name(f"phi_{side}", asked.given), note=f"{shown}, evenly spaced; six decades at most.",
                help_text=f"{shown}, evenly spaced, and the pinned token in its frame. Both maps share their colours; "
                "grey is exactly zero. A click pins the token.",
                pins=("row", "") if side == "q" else ("", "row"),
                alt_text=f"A row a token: its features φ({side}), as colours on a logarithmic scale.",
            )  # fmt: skip


def _draw(table, span, axis: str, pin: int, legend: bool, dark: bool, selection: str):
    return feature_map(
        table, span, side=axis, pin=pin, selectable=selection, legend=legend, dark=dark
    )
