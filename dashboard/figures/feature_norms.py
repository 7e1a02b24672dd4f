"""Where the estimate breaks: its error against the norms of queries and keys, and pair by pair against theory."""

from __future__ import annotations

import math

import altair as alt
import numpy as np
import pandas as pd

from dashboard.figures import powers
from dashboard.figures.frames import column, numbers, where
from dashboard.figures.layers import layered
from dashboard.figures.theme import ink

HEIGHT = 300
BROKEN = 1.0


def norm_map(table: pd.DataFrame, *, dark: bool = False, height: int = HEIGHT) -> alt.LayerChart:
    """Median relative error by mean norms; the frame is the source as it is."""
    drawn = table.assign(
        query=numbers(table, "query_norm").round(2), key=numbers(table, "key_norm").round(2)
    )
    x = alt.X("key:O", title="mean ‖k‖", axis=alt.Axis(format="~g", labelAngle=0, labelOverlap=True, labelFontSize=10),
              scale=alt.Scale(padding=0))  # fmt: skip
    y = alt.Y("query:O", title="mean ‖q‖", sort="descending", axis=alt.Axis(format="~g", labelFontSize=10),
              scale=alt.Scale(padding=0))  # fmt: skip
    base = alt.Chart(drawn).encode(x=x, y=y)
    scale = alt.Scale(scheme="inferno", domain=[0, BROKEN], clamp=True, nice=False)
    bar = alt.Legend(title="median error", format="~%", gradientLength=140)
    cells = base.mark_rect(strokeWidth=0.8, aria=False).encode(
        color=alt.Color("error:Q", scale=scale, legend=bar),
        stroke=alt.Stroke("error:Q", scale=scale, legend=bar),
        tooltip=[
            alt.Tooltip("query_factor:Q", title="queries ×", format=".3~g"),
            alt.Tooltip("key_factor:Q", title="keys ×", format=".3~g"),
            alt.Tooltip("error:Q", title="median error", format=".3~g"),
        ],
    )  # fmt: skip
    same = (column(drawn, "query_factor") == 1) & (column(drawn, "key_factor") == 1)
    own = alt.Chart(where(drawn, same))
    frame = own.mark_rect(filled=False, stroke=ink(dark).accent, strokeWidth=2.5).encode(x=x, y=y)
    return layered([cells, frame], dark, height=height)


def pair_points(table: pd.DataFrame) -> pd.DataFrame:
    """Relative error of every pair by ‖q̂ + k̂‖², from services.features.pair_rows."""
    with np.errstate(over="ignore"):
        gap = numbers(table, "estimate").to_numpy() - numbers(table, "exact").to_numpy()
        error = np.abs(10.0 ** np.minimum(gap, 300.0) - 1)
    return table.assign(error=error, log_error=np.log10(np.maximum(error, 1e-6)))


def pair_chart(
    points: pd.DataFrame, count: int, *, colour: str, dark: bool = False, height: int = HEIGHT
) -> alt.LayerChart:
    tone = ink(dark)
    low, high = min(points["square"]), max(points["square"])
    room = max(0.04 * (high - low), 0.1)
    squares = np.linspace(max(low - room, 1e-3), high + room, 60)
    # log10 of √((exp s - 1) / m), safe where exp s is not.
    theory = 0.5 * (squares + np.log(-np.expm1(-squares)) - math.log(count)) / math.log(10)
    span = powers.ends(points["log_error"], [0.0])
    span = span[0], max(span[1], 0.5)
    x = alt.X(
        "square:Q",
        title="‖q̂ + k̂‖²",
        scale=alt.Scale(domain=[max(low - room, 0), high + room], nice=False),
    )
    y = alt.Y(
        "log_error:Q",
        title="|estimate / exact − 1|",
        scale=powers.scale(*span),
        axis=powers.axis(*span),
    )
    line = pd.DataFrame({"square": squares, "log_error": theory})
    rule = pd.DataFrame({"log_error": [0.0], "said": ["100%: no digit is right"]})
    layers = [
        alt.Chart(points)
        .mark_circle(size=14, color=colour, opacity=0.3, clip=True, aria=False)
        .encode(x=x, y=y, tooltip=[
            alt.Tooltip("i:Q", title="query i"), alt.Tooltip("j:Q", title="key j"),
            alt.Tooltip("square:Q", title="‖q̂ + k̂‖²", format=".3~g"),
            alt.Tooltip("error:Q", title="error", format=".3~g"),
        ]),
        alt.Chart(rule).mark_rule(color=tone.muted, strokeDash=[5, 4]).encode(y=y),
        alt.Chart(rule)
        .mark_text(align="right", dx=-6, dy=-8, color=tone.muted, fontSize=11)
        .encode(x=alt.XValue("width"), y=y, text=alt.Text("said:N")),
        alt.Chart(line).mark_line(color=tone.text, strokeWidth=2, clip=True).encode(x=x, y=y),
    ]  # fmt: skip
    return layered(layers, dark, height=height)
