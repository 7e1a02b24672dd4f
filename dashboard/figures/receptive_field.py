"""Who has reached a query after each layer: along the text, and as a share of all."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from attn_core import AttentionMethod
from dashboard.figures.layers import layered
from dashboard.figures.palette import mark
from dashboard.figures.theme import ink

VIOLETS = ("#ece9fb", "#4a34b3"), ("#2a2740", "#b9abff")
DASHES = {"A": [1, 0], "B": [7, 3], "C": [2, 2], "D": [8, 3, 2, 3]}


def field_map(
    rows: pd.DataFrame, query: int, *, dark: bool = False, width: int = 280
) -> alt.LayerChart:
    """A row a layer, a column some tokens; the line is the query."""
    base = alt.Chart(rows)
    layers = alt.Y("layer:O", title="after layers", axis=alt.Axis(grid=False, labelFontSize=10))
    axis = alt.Axis(grid=False, labelFontSize=10, format=",d", tickCount=4)
    end = max(rows["to"].tolist())
    x = alt.X("from:Q", title="token", axis=axis, scale=alt.Scale(domain=[0, end], nice=False))
    legend = alt.Legend(
        title="share of the tokens here", orient="bottom", format="%", gradientLength=120,
        titleLimit=200, titleFontSize=11, titleFontWeight="normal", labelFontSize=11, gradientThickness=10,
    )  # fmt: skip
    colour = alt.Color(
        "share:Q", legend=legend,
        scale=alt.Scale(domain=[0, 1], range=list(VIOLETS[dark]), interpolate="rgb"),
    )  # fmt: skip
    cells = base.mark_rect(stroke=None, aria=False).encode(
        x=x,
        x2=alt.X2("to:Q"),
        y=layers,
        color=colour,
        tooltip=[
            alt.Tooltip("layer:O", title="after layers"),
            alt.Tooltip("from:Q", title="tokens from", format=",d"),
            alt.Tooltip("to:Q", title="to before", format=",d"),
            alt.Tooltip("tokens:Q", title="have reached the query", format=",d"),
            alt.Tooltip("share:Q", title="share", format=".3~p"),
        ],
    )
    line = (
        alt.Chart(pd.DataFrame({"query": [query + 0.5]}))
        .mark_rule(color=ink(dark).text, strokeDash=[3, 3], strokeWidth=1.2)
        .encode(x=alt.X("query:Q", title="token"))
    )
    height = 18 * rows["layer"].nunique()
    return layered([cells, line], dark, width=width, height=height)


def growth_chart(
    rows: pd.DataFrame,
    methods: Mapping[str, AttentionMethod],
    *,
    dark: bool = False,
    height: int = 220,
) -> alt.LayerChart:
    """A line a pattern; `methods` by label. Colour is the method's, dash and letter the pattern's own."""
    names = list(dict.fromkeys(rows["pattern"]))
    marks = {name: (mark(methods[name[0]], dark), DASHES[name[0]]) for name in names}
    # One for all three: a channel without a legend is in conflict with those that have it.
    key = alt.Legend(orient="bottom", symbolStrokeWidth=2)
    colour = alt.Color(
        "pattern:N", title=None, legend=key,
        scale=alt.Scale(domain=names, range=[found.colour for found, _ in marks.values()]),
    )  # fmt: skip
    dash = alt.StrokeDash(
        "pattern:N", title=None, legend=key,
        scale=alt.Scale(domain=names, range=[dashes for _, dashes in marks.values()]),
    )  # fmt: skip
    shape = alt.Shape(
        "pattern:N", title=None, legend=key,
        scale=alt.Scale(domain=names, range=[found.shape for found, _ in marks.values()]),
    )  # fmt: skip
    base = alt.Chart(rows).encode(
        x=alt.X("layer:Q", title="layers", axis=alt.Axis(format="d", tickMinStep=1, grid=False)),
        y=alt.Y("share:Q", title="share of tokens heard", scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%", tickCount=5)),
        color=colour,
        tooltip=[
            alt.Tooltip("pattern:N"),
            alt.Tooltip("layer:Q", title="layers"),
            alt.Tooltip("tokens:Q", title="tokens heard", format=",d"),
            alt.Tooltip("share:Q", format=".3~p"),
        ],
    )  # fmt: skip
    layers = [
        base.mark_line(strokeWidth=2).encode(strokeDash=dash),
        base.mark_point(filled=True, size=50, opacity=1).encode(shape=shape),
    ]
    return layered(layers, dark, height=height)
