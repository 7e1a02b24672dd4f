"""Operator error against what a trained model keeps: a point a choice."""

from __future__ import annotations

import altair as alt
import pandas as pd

from attn_core.naming import called
from attn_core.tradeoff.axes import Axis
from attn_core.tradeoff.trust import Trust
from dashboard.figures.drawn_axis import DrawnAxis
from dashboard.figures.layers import layered
from dashboard.figures.method_looks import looks

WIDTH, HEIGHT = 560, 320
NOTE = "A point a choice; bars are intervals."


def trust_rows(found: Trust) -> pd.DataFrame:
    ends = ("", "_low", "_high")
    return pd.DataFrame(
        [
            {"label": one.label, "choice": called(one.label), "method": one.method, "length": one.length,
             "quality_length": one.quality_length, "quality_from": one.quality_from}
            | {f"{found.operator}{end}": value for end, value in zip(ends, one.operator, strict=True)}
            | {f"{found.quality}{end}": value for end, value in zip(ends, one.quality, strict=True)}
            for one in found.pairs
        ]
    )  # fmt: skip


def trust_chart(
    rows: pd.DataFrame,
    operator: Axis,
    quality: Axis,
    *,
    dark: bool = False,
    stretched: bool = False,
) -> alt.LayerChart:
    """`stretched` for a chart as wide as the page, else it is as wide as a figure for paper."""
    across = DrawnAxis(alt.X, operator, rows, WIDTH, stretched)
    up = DrawnAxis(alt.Y, quality, rows, HEIGHT)
    colour, shape = looks(rows["method"], dark)
    said = [
        alt.Tooltip("choice:N"), alt.Tooltip(f"{operator.name}:Q", title=operator.title, format=".3~g"),
        alt.Tooltip(f"{quality.name}:Q", title=quality.title, format=".3~g"),
        alt.Tooltip("length:Q", title="error at N"), alt.Tooltip("quality_length:Q", title="quality at N"),
        alt.Tooltip("quality_from:N", title="quality of"),
    ]  # fmt: skip
    base = alt.Chart(rows).encode(x=across.channel(), y=up.channel(), color=colour)
    layers = [
        *across.breaks(HEIGHT, dark),
        *(base.mark_rule(opacity=0.5).encode(**side.bars()) for side in (across, up)),
        base.mark_point(filled=True, size=80).encode(shape=shape, tooltip=said),
    ]
    return layered(layers, dark, height=HEIGHT)
