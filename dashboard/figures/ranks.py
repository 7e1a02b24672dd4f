"""Effective ranks by head and layer, and how a pseudo-inverse comes near."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from attn_core import METHODS
from dashboard.figures import powers
from dashboard.figures.conditions import either
from dashboard.figures.frames import column, numbers
from dashboard.figures.layers import layered
from dashboard.figures.palette import mark
from dashboard.figures.theme import ink


def head_map(rows: pd.DataFrame, value: str, title: str, *, dark: bool = False) -> alt.LayerChart:
    """A cell a head and layer, its number written in it."""
    x = alt.X(
        "head:O",
        title="head",
        axis=alt.Axis(labelAngle=0, orient="top"),
        scale=alt.Scale(padding=0.04),
    )
    y = alt.Y("layer:O", title="layer", scale=alt.Scale(padding=0.04))
    top = max(rows[value])
    base = alt.Chart(rows).encode(x=x, y=y)
    said = [
        alt.Tooltip("layer:O"), alt.Tooltip("head:O"),
        alt.Tooltip("effective:Q", title="effective rank", format=".1f"),
        alt.Tooltip("energy:Q", title="rank of 90% energy"), alt.Tooltip("size:Q", title="of"),
    ]  # fmt: skip
    cells = base.mark_rect().encode(
        color=alt.Color(f"{value}:Q", legend=alt.Legend(title=title, gradientLength=90),
                        scale=alt.Scale(scheme="viridis", domain=[0, top], nice=False)),
        tooltip=said,
    )  # fmt: skip
    light = either(alt.ColorValue, f"datum.{value} > {0.55 * top}", "#16181d", "#ffffff")
    words = base.mark_text(fontSize=13).encode(
        text=alt.Text(f"{value}:Q", format=".1f" if value == "effective" else "d"), color=light
    )
    height = 80 + 44 * int(column(rows, "layer").nunique())
    return layered([cells, words], dark, height=height)


def inverse_chart(
    rows: pd.DataFrame, limit: float, asked: int, *, dark: bool = False, height: int = 230
) -> alt.LayerChart:
    """Residual and matrix error by iteration; dashed: the error with the true pseudo-inverse, and the number asked."""
    tone = ink(dark)
    names = {"residual": "‖AZA − A‖ / ‖A‖", "matrix_error": "error of F·Z·B"}
    long = pd.concat(
        [
            pd.DataFrame({"iteration": rows["iteration"], "what": words, "value": rows[name]})
            for name, words in names.items()
        ],
        ignore_index=True,
    )
    long = long.assign(log=np.log10(numbers(long, "value").clip(lower=1e-12)))
    bound = pd.DataFrame(
        {"log": [float(np.log10(max(limit, 1e-12)))], "said": ["error with the true A⁺"]}
    )
    span = powers.ends(long["log"], bound["log"])
    y = alt.Y("log:Q", title="relative", scale=powers.scale(*span), axis=powers.axis(*span))
    x = alt.X("iteration:Q", title="iteration", axis=alt.Axis(format="d", tickMinStep=1))
    low_rank = mark(METHODS["nystromformer"], dark).colour
    colour = alt.Color("what:N", scale=alt.Scale(domain=list(names.values()), range=[tone.muted, low_rank]),
                       legend=alt.Legend(orient="bottom", symbolOpacity=1))  # fmt: skip
    said = [
        alt.Tooltip("iteration:Q"),
        alt.Tooltip("what:N"),
        alt.Tooltip("value:Q", format=".3~g"),
    ]
    base = alt.Chart(long).encode(x=x, y=y, color=colour)
    rule = alt.Chart(bound)
    layers = [
        alt.Chart(pd.DataFrame({"iteration": [asked]})).mark_rule(color=tone.muted, strokeDash=[3, 3]).encode(x=x),
        rule.mark_rule(color=low_rank, strokeDash=[6, 4], strokeWidth=1.4).encode(y=y),
        rule.mark_text(align="right", dx=-4, dy=-8, color=tone.muted, fontSize=11).encode(
            x=alt.XValue("width"), y=y, text=alt.Text("said:N")
        ),
        base.mark_line(strokeWidth=2),
        base.mark_point(filled=True, size=36, opacity=1).encode(tooltip=said),
    ]  # fmt: skip
    return layered(layers, dark, height=height)
