"""A logarithmic axis whose widest empty stretch is drawn short.

Exact methods err by rounding alone, a millionth of what others err by: in true proportion most of the picture would be
empty. The linked views follow the same rule.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import altair as alt
import numpy as np
import pandas as pd

from dashboard.figures.theme import ink

# From how many powers of ten on a stretch is drawn short, and how long it is then, as a share of the rest.
WIDE, SHORT = 2.0, 0.15
NOTE = "Pale, with a break in the axis: a stretch without points, drawn shorter than it is."


class Shortened(NamedTuple):
    """Nothing lies between `low` and `high`; it is drawn as long as `drawn` powers of ten."""

    low: float
    high: float
    drawn: float


def widest(values: np.ndarray) -> Shortened | None:
    """The widest stretch between positive values, if it is wider than all the rest."""
    logs = np.sort(np.log10(values))
    if len(logs) < 2:
        return None
    steps = np.diff(logs)
    at = int(steps.argmax())
    rest = float(logs[-1] - logs[0] - steps[at])
    if not (steps[at] >= WIDE and steps[at] > rest > 0):
        return None
    return Shortened(float(10 ** logs[at]), float(10 ** logs[at + 1]), rest * SHORT)


def marked(
    stretch: Shortened | None, channel: Any, foot: float | alt.ExprRef | None, dark: bool
) -> list[alt.Chart]:
    """The stretch pale across the chart, with a sign where it meets the axis. `channel` makes the axis' channel of a
    column; an axis across the chart lies at its `foot`, else it is the one upwards."""
    if stretch is None:
        return []
    low, part = stretch.low, stretch.high / stretch.low
    # Not as far as the points at both ends.
    places = {"low": low * part**0.3, "high": low * part**0.7, "middle": low * part**0.5}
    base = alt.Chart(pd.DataFrame([places]))
    across = foot is not None
    tone, name = ink(dark), "x" if across else "y"
    band = base.mark_rect(color=tone.grid, opacity=0.4).encode(
        **{name: channel("low"), f"{name}2": "high:Q"}
    )
    other = {"y": alt.value(foot)} if across else {"x": alt.value(0)}
    # Two strokes across the axis.
    sign = base.mark_text(
        text="//", fontSize=14, fontWeight="bold", color=tone.muted, angle=0 if across else 60
    ).encode(**{name: channel("middle")}, **other)
    return [band, sign]
