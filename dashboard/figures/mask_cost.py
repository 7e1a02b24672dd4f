"""What each pattern needs as a multiple of exact attention that holds the whole matrix."""

from __future__ import annotations

import altair as alt
import pandas as pd

from attn_core import get_method
from dashboard.figures.layers import layered
from dashboard.figures.palette import mark
from dashboard.figures.theme import ink

PANELS = {"times flops": "FLOPs", "times memory": "memory"}


def cost_chart(rows: pd.DataFrame, *, dark: bool = False) -> alt.LayerChart:
    """A point a pattern and quantity; left of the line is less than softmax."""
    long = rows.melt(
        id_vars=["pattern", "method"], value_vars=list(PANELS), var_name="what", value_name="times"
    )
    long["what"] = [PANELS[what] for what in long["what"]]
    names = list(dict.fromkeys(rows["pattern"]))
    colours = [mark(get_method(name), dark).colour for name in rows["method"]]
    long = long.drop(columns="method")
    base = alt.Chart(long).encode(
        y=alt.Y("pattern:N", title=None, sort=names, axis=alt.Axis(labelLimit=220)),
        x=alt.X("times:Q", title="× softmax's", scale=alt.Scale(type="log"),
                axis=alt.Axis(format="~g", tickCount=6)),
        tooltip=["pattern:N", "what:N", alt.Tooltip("times:Q", title="× softmax", format=".3~g")],
    )  # fmt: skip
    shape = alt.Shape(
        "what:N", scale=alt.Scale(domain=list(PANELS.values()), range=["circle", "square"]),
        legend=alt.Legend(orient="bottom", title=None, symbolFillColor=ink(dark).muted),
    )  # fmt: skip
    colour = alt.Color("pattern:N", scale=alt.Scale(domain=names, range=colours), legend=None)
    points = base.mark_point(filled=True, size=90, opacity=1).encode(shape=shape, color=colour)
    rule = (
        alt.Chart(pd.DataFrame({"one": [1.0]}))
        .mark_rule(color=ink(dark).muted, strokeDash=[3, 3])
        .encode(x=alt.X("one:Q"))
    )
    return layered([rule, points], dark, height=28 * len(names) + 10)
