"""One row of the softmax: its weights as bars, and below them the gradient that each lets through."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from attn_core.steps import Softened
from dashboard.figures.conditions import either
from dashboard.figures.layers import layered
from dashboard.figures.matrix_map import MOST, plain
from dashboard.figures.palette import PARTS
from dashboard.figures.theme import ink

MEASURES = {"weight": "weight A", "gradient": "gradient ∂A/∂(q·k)"}


def row_table(
    chosen: Softened, usual: Softened, key: int, labels: Sequence[str] | None
) -> pd.DataFrame:
    """A row a key, at most 128 around the pinned one."""
    count = len(chosen.weights)
    start = min(max(0, key - MOST // 2), max(0, count - MOST))
    places = range(start, min(count, start + MOST))
    return pd.DataFrame(
        {
            "key j": list(places),
            "token": ["" if labels is None else plain(labels[j]) for j in places],
            "weight": [float(chosen.weights[j]) for j in places],
            "usual weight": [float(usual.weights[j]) for j in places],
            "gradient": [float(chosen.gradient[j]) for j in places],
            "usual gradient": [float(usual.gradient[j]) for j in places],
            "pinned": [j == key for j in places],
        }
    )


def softmax_row(
    table: pd.DataFrame, measure: str, dark: bool = False, width: int = 400, height: int = 150
) -> alt.LayerChart:
    """Bars of what was chosen, ticks of what dividing by √d gives."""
    usual = f"usual {measure}"
    x = alt.X(
        "key j:O",
        axis=alt.Axis(labelOverlap=True, labelSeparation=6, labelAngle=0, grid=False),
        title="key j",
    )
    tips = [alt.Tooltip("key j:O"), alt.Tooltip("token:N"), alt.Tooltip(f"{measure}:Q", format=".4~g"),
            alt.Tooltip(f"{usual}:Q", format=".4~g")]  # fmt: skip
    base = alt.Chart(table).encode(x=x, tooltip=tips)
    colour = PARTS["attention"][dark]
    tone = ink(dark)
    # The title above the plot: along a low axis it would be cut off.
    axis = alt.Axis(
        tickCount=4, titleAngle=0, titleAlign="left", titleBaseline="bottom", titleX=0, titleY=-8
    )
    bars = base.mark_bar(color=colour).encode(
        y=alt.Y(f"{measure}:Q", title=MEASURES[measure], axis=axis),
        stroke=either(alt.StrokeValue, "datum.pinned", tone.text, "transparent"),
    )
    ticks = base.mark_tick(color=tone.muted, thickness=2).encode(
        y=alt.Y(f"{usual}:Q", title=MEASURES[measure], axis=axis)
    )
    return layered([bars, ticks], dark, width=width, height=height)
