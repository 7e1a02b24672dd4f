"""What a matrix gives, gets and misses, as lines: exact attention and methods in their own colours."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from attn_core import METHODS
from dashboard.figures.layers import layered
from dashboard.figures.palette import mark
from dashboard.figures.theme import ink

EXACT = "exact"
HEIGHT = 210
# One for colours and dashes: two different ones of the same names Vega would not put together.
LEGEND = alt.Legend(orient="top", symbolType="stroke", symbolStrokeWidth=2)


def profile(
    table: pd.DataFrame,
    axis: str,
    unit: str,
    methods: Mapping[str, str],
    *,
    log: bool = False,
    pin: int | None = None,
    dark: bool = False,
) -> alt.LayerChart:
    """Lines of `value` along `axis`; `methods` says which method each matrix's name belongs to."""
    names = [name for name in methods if name in set(table["matrix"])]
    marks = [mark(METHODS[methods[name]], dark) for name in names]
    shown = table[table["value"] > 0] if log else table
    kind = "log" if log else "linear"
    x = alt.X(
        f"{axis}:Q", title=axis, scale=alt.Scale(type=kind, nice=False), axis=alt.Axis(grid=False)
    )
    scale = alt.Scale(type="log") if log else alt.Scale(zero=True)
    y = alt.Y("value:Q", title=unit, scale=scale)
    lines = (
        alt.Chart(shown)
        .mark_line(strokeWidth=1.6, interpolate="linear")
        .encode(
            x=x,
            y=y,
            color=_coloured(names, [one.colour for one in marks]),
            strokeDash=alt.StrokeDash(
                "matrix:N",
                scale=alt.Scale(domain=names, range=[list(one.dash) for one in marks]),
                legend=LEGEND,
            ),
            tooltip=[
                alt.Tooltip("matrix:N"),
                alt.Tooltip(f"{axis}:Q", format=",.0f"),
                alt.Tooltip("value:Q", title=unit, format=".4~g"),
            ],
        )
    )
    layers: list[alt.Chart] = [lines]
    if pin is not None:
        rule = alt.Chart(pd.DataFrame({axis: [float(pin)]})).mark_rule(
            color=ink(dark).accent, strokeWidth=1.5
        )
        layers.append(rule.encode(x=f"{axis}:Q"))
    return layered(layers, dark, height=HEIGHT)


def _coloured(names: list[str], colours: list[str]) -> alt.Color:
    return alt.Color(
        "matrix:N",
        scale=alt.Scale(domain=names, range=colours),
        legend=LEGEND,
    )


def budget_curve(
    table: pd.DataFrame, name: str, at: int, method: str, dark: bool = False
) -> alt.LayerChart:
    """The matrix's error and the predicted time against a method's budget, and where the scrubber stands."""
    tone = mark(METHODS[method], dark)
    rows = table[table["budget"] > 0]
    x = alt.X("budget:Q", title=name, scale=alt.Scale(type="log", base=2, nice=False))
    base = alt.Chart(rows).encode(x=x)
    tips = [
        alt.Tooltip("budget:Q", title=name),
        alt.Tooltip("matrix error:Q", title="relative error of the matrix", format=".3~g"),
        alt.Tooltip("output error:Q", title="relative error of the output", format=".3~g"),
        alt.Tooltip("milliseconds:Q", title="predicted time, ms", format=".3~g"),
    ]
    error = base.mark_line(color=tone.colour, point={"color": tone.colour, "size": 40}).encode(
        y=alt.Y("matrix error:Q", title="relative error of the matrix"), tooltip=tips
    )
    time = (
        base.transform_calculate(milliseconds="datum.seconds * 1000")
        .mark_line(color=ink(dark).muted, strokeDash=[4, 3], point={"color": ink(dark).muted})
        .encode(
            y=alt.Y(
                "milliseconds:Q", title="predicted time, ms (dashed)", scale=alt.Scale(zero=True)
            ),
            tooltip=tips,
        )
    )
    here = (
        alt.Chart(pd.DataFrame({"budget": [at]}))
        .mark_rule(color=ink(dark).accent, strokeWidth=2)
        .encode(x=x)
    )
    own = {"scale": {"y": "independent"}}
    return layered([error, time, here], dark, height=HEIGHT, resolve=own)
