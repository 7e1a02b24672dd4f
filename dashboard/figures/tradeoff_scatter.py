"""All points of a trade-off by two quantities, for paper: the front is joined, what it beats is faint."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from attn_core.tradeoff.axes import Axis
from dashboard.figures import drawn_axis
from dashboard.figures.drawn_axis import DrawnAxis
from dashboard.figures.frames import where
from dashboard.figures.layers import layered
from dashboard.figures.method_looks import looks
from dashboard.figures.theme import ink

WIDTH, HEIGHT = 560, 380
FAINT = {"front": 1.0, "undecided": 0.85, "dominated": 0.28, "older": 0.28}
NOTE = (
    "Ringed: on the front, nothing measured is better in both. Dashed ring: undecided within the intervals. Faint: "
    "something is better in both. Steps join the front of a length, thin lines a method's budgets; bars are intervals."
)


def tradeoff_scatter(
    table: pd.DataFrame,
    labels: Sequence[str],
    x: Axis,
    y: Axis,
    *,
    dark: bool = False,
    height: int = HEIGHT,
) -> alt.LayerChart:
    """`labels` say of each point where it stands against the front."""
    shown = _placed(table, labels)
    shown = shown.assign(strength=[FAINT.get(one, 0.0) for one in shown["status"]])
    sides = DrawnAxis(alt.X, x, shown, WIDTH), DrawnAxis(alt.Y, y, shown, height)
    across, up = (side.channel() for side in sides)
    colour, shape = looks(shown["method"], dark)
    strength = alt.Opacity("strength:Q", scale=None, legend=None)
    base = alt.Chart(shown).encode(x=across, y=up, color=colour)
    lines = shown.assign(line=line_keys(shown))
    budgets = (
        alt.Chart(where(lines, lines["line"] != ""))
        .mark_line(strokeWidth=1.2, opacity=0.4)
        .encode(
            x=across,
            y=up,
            color=colour,
            detail=alt.Detail("line:N"),
            order=alt.Order("budget_value:Q"),
        )
    )
    bars = [
        base.mark_rule(strokeWidth=1.2).encode(**side.bars(), opacity=strength) for side in sides
    ]
    points = base.mark_point(filled=True, size=64).encode(shape=shape, opacity=strength)
    layers = [
        *(layer for side in sides for layer in side.breaks(height, dark)),
        budgets,
        _steps(shown, x, across, up, dark),
        *bars,
        points,
        *_rings(shown, across, up, dark),
    ]
    return layered(layers, dark, height=height)


def break_note(table: pd.DataFrame, labels: Sequence[str], x: Axis, y: Axis) -> str:
    """What must be said of the chart of these points if an axis of it is drawn short."""
    return drawn_axis.break_note(_placed(table, labels), x, y)


def _placed(table: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """Those that have a place."""
    table = table.assign(status=list(labels))
    return where(table, table["status"] != "unmeasured")


def _steps(shown: pd.DataFrame, x: Axis, across, up, dark: bool) -> alt.Chart:
    """From one point of the front to the next, along the edge of what they dominate."""
    return (
        alt.Chart(where(shown, shown["status"] == "front"))
        .mark_line(
            interpolate="step-after" if x.better == "lower" else "step-before",
            strokeWidth=1.1, opacity=0.55, color=ink(dark).text,
        )
        .encode(x=across, y=up, detail="length:N", order=alt.Order(f"{x.name}:Q"))
    )  # fmt: skip


def _rings(shown: pd.DataFrame, across, up, dark: bool) -> list[alt.Chart]:
    tone = ink(dark)
    found = []
    for status, dash in (("front", [1, 0]), ("undecided", [3, 2])):
        part = alt.Chart(where(shown, shown["status"] == status)).encode(x=across, y=up)
        ring = part.mark_point(
            filled=False,
            shape="circle",
            size=190,
            stroke=tone.text,
            strokeWidth=1.3,
            strokeDash=dash,
        )
        found.append(ring)
    return found


def line_keys(table: pd.DataFrame) -> list[str]:
    """Points with an equal key differ in nothing but their budget, and are joined, older ones only to those of their
    run; "" joins nothing."""
    runs = table["run_id"].where(table["older"], "") if "older" in table else [""] * len(table)
    columns = ("method", "params", "budget", "budget_value", "length")
    return [
        _line_key(*one) if one[3] and np.isfinite(one[4]) else ""
        for one in zip(runs, *(table[name] for name in columns), strict=True)
    ]


def _line_key(run: str, method: str, params: dict, budget: str, _value: float, length: int) -> str:
    others = ",".join(f"{name}={params[name]}" for name in sorted(params) if name != budget)
    return f"{run} {method} {others} @ {length}"
