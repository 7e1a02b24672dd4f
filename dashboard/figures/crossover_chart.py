"""From which length each choice beats an exact method: a row a choice, its interval, or what is known instead."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from attn_core import METHODS
from attn_core.naming import called
from attn_core.tradeoff.limits import MOST_ERROR
from dashboard.figures.frames import column, numbers, records, where
from dashboard.figures.layers import layered
from dashboard.figures.palette import mark
from dashboard.figures.theme import ink

ROW = 22
ORDER = {"always faster": 0, "crosses": 1, "undecided": 2, "only shorter": 3, "never up to N": 4}
SAID = {
    "always faster": "at every length it was timed at",
    "only shorter": "only up to here",
    "never up to N": "not up to here",
}
# What the noise leaves open, by which ends of the interval there are.
OPEN = {
    (False, True): "from here at the latest, perhaps at every length",
    (True, False): "not before here, perhaps not at all",
    (False, False): "not told by the noise",
}
# Of what has no point: the crossing lies before or beyond what was measured, or nobody knows where.
MARKS = {
    "always faster": "triangle-left",
    "never up to N": "triangle-right",
    "only shorter": "square",
    "undecided": "diamond",
}
NOTE = (
    "Dot: where the choice begins to win and keeps winning, interpolated between the two measured lengths that the "
    "thin line joins; it may lie anywhere on that. Thick: the 95% interval that the timings' noise alone gives it. ◁ "
    "wins already at the shortest length measured, ▷ not even at the longest, □ only up to here, ◇ not told by the "
    "noise. Of several runs the newest counts. Beyond what was measured nothing is said. Faint: at a length "
    f"where it was measured the output error is beyond {MOST_ERROR:.0%}."
)
FAINT = 0.35


def crossover_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Those that are known, the earliest winner first; `place` is where the mark or the words stand."""
    rows = where(table, table["state"].isin(list(ORDER)))
    if not len(rows):
        return rows
    # Where the two were compared: at one end of that, and no further.
    always = column(rows, "state") == "always faster"
    ends = numbers(rows, "up_to").where(~always, numbers(rows, "first"))
    # What is open is known from one end at most.
    undecided = column(rows, "state") == "undecided"
    known = numbers(rows, "high").astype(float).fillna(numbers(rows, "low").astype(float))
    place = numbers(rows, "length").astype(float).where(~undecided, known)
    rows = rows.assign(
        place=place.fillna(ends.astype(float)),
        choice=[called(label) for label in rows["label"]],
        said=[_said(row) for row in records(rows)],
        order=[ORDER[state] for state in rows["state"]],
        strength=[FAINT if far else 1.0 for far in too_far(rows)],
    )
    return rows.sort_values(["order", "place", "label"]).reset_index(drop=True)


def too_far(rows: pd.DataFrame) -> list[bool]:
    """Whose error is larger than a verdict or a budget would offer."""
    return (
        [error > MOST_ERROR for error in rows["error"]] if "error" in rows else [False] * len(rows)
    )


def _said(row: Mapping[str, Any]) -> str:
    if row["state"] != "undecided":
        return SAID.get(row["state"], "")
    return OPEN[bool(pd.notna(row["low"])), bool(pd.notna(row["high"]))]


def crossover_chart(rows: pd.DataFrame, *, dark: bool = False) -> alt.LayerChart:
    tone = ink(dark)
    names = [name for name in METHODS if name in set(rows["method"])]
    colours = [mark(METHODS[name], dark).colour for name in names]
    left, right = float(numbers(rows, "first").min()), float(numbers(rows, "up_to").max())
    domain = [left / 1.15, max(right, left * 2) * 1.15]
    scale = alt.Scale(type="log", base=2, domain=domain, nice=False)
    x = alt.X(
        "place:Q", title="N", scale=scale,
        axis=alt.Axis(format=",d", tickCount=6),
    )  # fmt: skip
    y = alt.Y(
        "choice:N", title=None, sort=list(rows["choice"]),
        axis=alt.Axis(labelLimit=240, labelColor=tone.text, grid=True),
    )  # fmt: skip
    colour = alt.Color("method:N", legend=None, scale=alt.Scale(domain=names, range=colours))
    said = [alt.Tooltip("choice:N", title="choice"), alt.Tooltip("note:N", title="found")]
    base = alt.Chart(rows).encode(y=y, color=colour, tooltip=said)
    crossing = base.transform_filter("datum.state == 'crosses'")
    around = crossing.mark_rule(strokeWidth=1.4, opacity=0.8)
    # Memory has no noise.
    noise = base.transform_filter(
        "datum.axis == 'time_s' && isValid(datum.low) && isValid(datum.high)"
    ).mark_rule(strokeWidth=5, opacity=0.35, clip=True)
    strength = alt.Opacity("strength:Q", scale=None, legend=None)
    points = crossing.mark_point(filled=True, size=80).encode(opacity=strength)
    shapes = alt.Scale(domain=list(MARKS), range=list(MARKS.values()))
    others = (
        base.transform_filter("datum.state != 'crosses'")
        .mark_point(filled=False, size=60)
        .encode(shape=alt.Shape("state:N", legend=None, scale=shapes), opacity=strength)
    )
    words = base.mark_text(dx=10, align="left", fontSize=11, color=tone.muted).encode(
        x=x, text="said:N", color=alt.ColorValue(tone.muted)
    )
    # Towards the middle, where there is room.
    middle = math.sqrt(domain[0] * domain[1])
    left_words = words.transform_filter(f"datum.place < {middle}")
    right_words = words.transform_filter(f"datum.place >= {middle}").mark_text(
        dx=-10, align="right", fontSize=11
    )
    layers = [
        around.encode(x=alt.X("after:Q", scale=scale), x2="by:Q"),
        noise.encode(x=alt.X("low:Q", scale=scale), x2="high:Q"),
        points.encode(x=x), others.encode(x=x), left_words, right_words,
    ]  # fmt: skip
    return layered(layers, dark, height=ROW * rows["label"].nunique() + 10)
