"""One pair's estimate over many drawings; and the weights of several feature maps, each against the exact ones."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from dashboard.figures import powers
from dashboard.figures.feature_errors import colours
from dashboard.figures.frames import column, numbers, where
from dashboard.figures.layers import layered
from dashboard.figures.theme import ink

FLOOR = 1e-6


def spread_chart(table: pd.DataFrame, *, dark: bool = False, height: int = 220) -> alt.LayerChart:
    """A tick a seed, on one line for each kind of directions; the line at 1 is the exact kernel."""
    tone, hues = ink(dark), colours(dark)
    drawn = table.assign(log=np.log10(numbers(table, "ratio").clip(lower=1e-300)))
    span = powers.ends(drawn["log"], [0.0])
    x = alt.X(
        "log:Q",
        title="estimate / exact kernel",
        scale=powers.scale(*span),
        axis=powers.axis(*span),
    )
    names = list(dict.fromkeys(table["name"]))
    y = alt.Y("name:N", title=None, sort=names, axis=alt.Axis(labelFontSize=12))
    colour = alt.Color("variant:N", legend=None, scale=alt.Scale(
        domain=["orthogonal", "independent"], range=[hues["orthogonal"], hues["independent"]]))  # fmt: skip
    said = [
        alt.Tooltip("seed:Q"), alt.Tooltip("name:N", title="directions"),
        alt.Tooltip("ratio:Q", title="estimate / exact", format=".3~g"),
    ]  # fmt: skip
    ratios = [numbers(where(table, column(table, "name") == one), "ratio").mean() for one in names]
    means = pd.DataFrame(
        {"name": names, "ratio": ratios, "log": np.log10(np.maximum(ratios, 1e-300))}
    )
    layers = [
        alt.Chart(pd.DataFrame({"log": [0.0]}))
        .mark_rule(color=tone.muted, strokeDash=[5, 4], strokeWidth=1.4)
        .encode(x=x),
        alt.Chart(drawn)
        .mark_tick(thickness=1.5, size=46, opacity=0.45)
        .encode(x=x, y=y, color=colour, tooltip=said),
        alt.Chart(means)
        .mark_point(shape="diamond", filled=True, size=110, color=tone.text, opacity=1)
        .encode(x=x, y=y, tooltip=[alt.Tooltip("ratio:Q", title="mean", format=".3~g")]),
    ]
    return layered(layers, dark, height=height)


def weight_rows(exact: np.ndarray, own: np.ndarray) -> pd.DataFrame:
    """A row a pair whose exact weight is not masked."""
    seen = exact > 0
    at, to = np.nonzero(seen)
    return pd.DataFrame({"row": at, "column": to, "exact": exact[seen], "own": own[seen]})


def weight_scatter(
    table: pd.DataFrame, variant: str, *, dark: bool = False, height: int = 240
) -> alt.LayerChart:
    """Attention weights, logarithmic; what is smaller than the floor lies on it."""
    tone = ink(dark)
    drawn = table.assign(
        x=np.log10(numbers(table, "exact").clip(lower=FLOOR)),
        y=np.log10(numbers(table, "own").clip(lower=FLOOR)),
    )
    span = (-6.1, 0.1)
    x = alt.X(
        "x:Q", title="exact weight", scale=powers.scale(*span), axis=powers.axis(*span, most=4)
    )
    y = alt.Y(
        "y:Q", title="its weight", scale=powers.scale(*span), axis=powers.axis(*span, most=4)
    )
    said = [
        alt.Tooltip("exact:Q", title="exact", format=".3~g"),
        alt.Tooltip("own:Q", title="its own", format=".3~g"),
    ]
    corner = pd.DataFrame({"x": span, "y": span})
    layers = [
        alt.Chart(corner).mark_line(color=tone.muted, strokeDash=[5, 4]).encode(x=x, y=y),
        alt.Chart(drawn)
        .mark_circle(size=14, color=colours(dark)[variant], opacity=0.35, clip=True)
        .encode(x=x, y=y, tooltip=said),
    ]
    return layered(layers, dark, height=height)
