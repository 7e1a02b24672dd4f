"""The raw timings of one point, in the order in which they were taken: drift and outliers show."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from dashboard.figures import axes
from dashboard.figures.layers import layered
from dashboard.figures.theme import ink

HEIGHT = 150


def sample_rows(samples: Sequence[float]) -> pd.DataFrame:
    return pd.DataFrame({"turn": range(1, len(samples) + 1), "seconds": list(samples)})


def sample_strip(
    rows: pd.DataFrame, median: float, low: float, high: float, colour: str, *, dark: bool = False
) -> alt.LayerChart:
    up = alt.Y(
        "seconds:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(labelExpr=axes.SECONDS, tickCount=4)
    )  # fmt: skip
    band = alt.Chart(pd.DataFrame({"low": [low], "high": [high]}))
    line = alt.Chart(pd.DataFrame({"seconds": [median]}))
    points = alt.Chart(rows).mark_circle(size=22, color=colour, opacity=0.7)
    return layered(
        [
            # A bar begins at zero unless told otherwise, and the samples would share what is left.
            band.mark_rect(color=colour, opacity=0.15).encode(
                y=alt.Y("low:Q", title=None, scale=alt.Scale(zero=False)), y2=alt.Y2("high:Q")
            ),
            line.mark_rule(color=ink(dark).muted, strokeDash=[5, 4]).encode(y=up),
            points.encode(
                x=alt.X(
                    "turn:Q",
                    title="measured as number",
                    scale=alt.Scale(zero=False, nice=False, padding=8),
                    axis=alt.Axis(grid=False, tickMinStep=1),
                ),
                y=up,
                tooltip=[alt.Tooltip("turn:Q"), alt.Tooltip("seconds:Q", format=".4s")],
            ),
        ],
        dark,
        height=HEIGHT,
    )
