"""What of exact attention's mass a pattern leaves outside, a cell for each layer and head."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.figures.conditions import either
from dashboard.figures.layers import layered

ORANGES = ("#fbf1e6", "#b5500a"), ("#2b2521", "#f5a14d")
# Numbers are written into so many heads' cells.
WRITTEN = 8


def lost_map(
    rows: pd.DataFrame, top: float, *, dark: bool = False, width: int = 280
) -> alt.LayerChart:
    """`top` ends the colours, alike on all maps of a page."""
    heads, layers = len(set(rows["head"])), len(set(rows["layer"]))
    axis = alt.Axis(grid=False, labelFontSize=11, labelAngle=0, labelOverlap=True)
    x = alt.X("head:O", title="head", axis=axis, scale=alt.Scale(padding=0))
    y = alt.Y("layer:O", title="layer", axis=axis, scale=alt.Scale(padding=0))
    end = top if top > 0 else 1.0
    legend = alt.Legend(
        title="mass outside, mean over queries", orient="bottom", format=".2~p", gradientLength=140,
        titleLimit=240, titleFontSize=11, titleFontWeight="normal", labelFontSize=11, gradientThickness=10, tickCount=3,
    )  # fmt: skip
    colour = alt.Color(
        "lost:Q", legend=legend,
        scale=alt.Scale(domain=[0, end], range=list(ORANGES[dark]), interpolate="rgb", nice=False),
    )  # fmt: skip
    base = alt.Chart(rows).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("layer:O"),
            alt.Tooltip("head:O"),
            alt.Tooltip("lost:Q", title="mass outside, mean", format=".4~p"),
            alt.Tooltip("worst:Q", title="worst query", format=".4~p"),
            alt.Tooltip("worst query:O", title="which"),
        ],
    )
    marks: list[alt.Chart] = [base.mark_rect(stroke=None, aria=False).encode(color=colour)]
    if heads <= WRITTEN:
        light, strong = ("#22242a", "#ffffff") if not dark else ("#e6e5e1", "#1d2027")
        ink = either(alt.ColorValue, f"datum.lost > {end * 0.6}", strong, light)
        marks.append(
            base.mark_text(fontSize=11).encode(text=alt.Text("lost:Q", format=".2~p"), color=ink)
        )
    height = 36 if layers <= 8 else 18
    return layered(marks, dark, width=width, height=height * layers)
