"""One number a query as bars beside a map's rows."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from dashboard.figures.conditions import either
from dashboard.figures.layers import layered
from dashboard.figures.matrix_map import NOT_FINITE, plain
from dashboard.figures.theme import ink

LEAST = 1e-6
# The share of the width that a mark of an infinite number takes.
INFINITE = 0.05


def row_bars(
    index: np.ndarray,
    values: np.ndarray,
    unit: str,
    labels: Sequence[str] | None,
    pinned: int,
    size: int,
    dark: bool = False,
) -> tuple[alt.LayerChart, pd.DataFrame]:
    """The chart and its rows. What is infinite is a mark at the far end, in the colour of what is not finite."""
    finite = np.isfinite(values)
    # Rounding is no bar.
    most = max(float(values[finite].max(initial=0.0)), LEAST)
    table = pd.DataFrame(
        {
            "i": index,
            "value": np.where(finite, values, np.nan),
            "from": np.where(finite, 0.0, (1 - INFINITE) * most),
            "to": np.where(finite, values if most > LEAST else 0.0, most),
            "state": np.where(finite, "finite", "infinite"),
        }
    )
    if labels is not None:
        table["query"] = [plain(labels[int(i)]) for i in index]
    tone = ink(dark)
    height = max(2, size // len(index)) * len(index)
    bars = (
        alt.Chart(table)
        .mark_bar()
        .encode(
            x=alt.X(
                "from:Q", title=unit, axis=_axis(most), scale=alt.Scale(domain=[0, most], nice=False),
            ),
            x2=alt.X2("to:Q"),
            y=alt.Y(
                "i:O", title="query i", sort=None, scale=alt.Scale(padding=0.1),
                axis=alt.Axis(labelFontSize=10, labelOverlap=True),
            ),
            color=alt.Color(
                "state:N",
                scale=alt.Scale(domain=["finite", "infinite"], range=[tone.accent, NOT_FINITE]),
                legend=None if finite.all() else alt.Legend(orient="bottom"),
            ),
            opacity=either(alt.OpacityValue, f"datum.i == {pinned}", 1.0, 0.65),
            tooltip=[
                alt.Tooltip("i:O", title="query i"),
                *([alt.Tooltip("query:N")] if labels is not None else []),
                alt.Tooltip("value:Q", title=unit, format=".4~g"),
                alt.Tooltip("state:N"),
            ],
        )
    )  # fmt: skip
    around = alt.AutoSizeParams(type="pad")
    return layered([bars], dark, width=size, height=height, autosize=around), table


def _axis(most: float) -> alt.Axis:
    """Where all is rounding, zero is the only number there is."""
    if most == LEAST:
        return alt.Axis(orient="top", values=[0], format="~g")
    return alt.Axis(orient="top", format=".2~g", tickCount=3)
