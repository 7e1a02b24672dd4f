"""Colours of a step's array: Q blue, K orange-red, V green, attention violet."""

from __future__ import annotations

import json
from itertools import pairwise

import altair as alt
import numpy as np
import pandas as pd

from attn_core.steps import Array
from attn_core.steps.step import KEY
from dashboard.figures.matrix_map import FLOOR, Look
from dashboard.figures.palette import PARTS
from dashboard.figures.theme import ink

HUES = {
    "query": "query",
    "key": "key",
    "value": "value",
    "weight": "attention",
    "score": "attention",
}
PAPER, NIGHT = "#ffffff", "#15171b"
# What negative numbers fade into: no part of attention has this hue.
NEGATIVE = ("#7d6a4f", "#c9b18c")
# Paper, attention's violet and beyond: weights span decades.
VIOLETS = (
    ["#ffffff", "#c3b9f2", "#5b45c9", "#241566"],
    ["#15171b", "#3f348a", "#a392f5", "#f3f0ff"],
)
LEGEND = 96
# Numbers apart by less than this share of them are one number.
SAME = 1e-5


def colour(array: Array, table: pd.DataFrame, look: Look, dark: bool) -> alt.Color:
    numbers = table.loc[table["special"] == "", "coloured"].dropna()
    if array.kind == "pattern":
        scale = alt.Scale(
            domain=[0, 1], range=[NIGHT if dark else PAPER, PARTS["attention"][dark]]
        )
        return alt.Color(
            "coloured:O", scale=scale, legend=alt.Legend(title="1: they meet", orient="bottom")
        )
    scale, places = (
        _weights(numbers, look, dark)
        if array.kind == "weight"
        else _numbers(array, numbers, look, dark)
    )
    return alt.Color(
        "coloured:Q", scale=scale, legend=_legend(numbers, places, _unit(array, look))
    )


def _legend(numbers: pd.Series, places: list[float], title: str) -> alt.Legend | None:
    """A bar with its ends labelled; where all numbers are the same, that one."""
    if not len(numbers):
        return None
    low, high = float(numbers.min()), float(numbers.max())
    if high - low <= SAME * max(abs(low), abs(high)):
        return alt.Legend(
            title=title, orient="bottom", titleLimit=160, type="symbol", symbolType="square", symbolSize=90,
            values=[low], labelExpr=json.dumps(f"all {written(low)}"),
        )  # fmt: skip
    # A logarithmic scale would leave out the text of all that is no power of ten.
    return alt.Legend(
        title=title, orient="bottom", titleLimit=160, gradientLength=LEGEND, gradientThickness=9, values=places,
        labelExpr=_label(places), labelOverlap=True,
    )  # fmt: skip


def _label(places: list[float]) -> str:
    """The text of the nearest place."""
    text = json.dumps(written(places[-1]))
    for one, after in reversed(list(pairwise(places))):
        text = f"datum.value < {(one + after) / 2!r} ? {json.dumps(written(one))} : ({text})"
    return text


def written(number: float) -> str:
    """Short, and without a power of ten where digits are as short."""
    if number == int(number) or abs(number) >= 100:
        return f"{number:,.0f}" if abs(number) < 1e6 else f"{number:.1e}"
    return f"{number:.2g}".replace("e-0", "e-")


def _unit(array: Array, look: Look) -> str:
    weights = array.kind == "weight" and array.columns == KEY
    return f"{array.name}, × uniform" if weights and look.scale == "uniform" else array.name


def _weights(numbers: pd.Series, look: Look, dark: bool) -> tuple[alt.Scale, list[float]]:
    """Logarithmic from the smallest weight shown, but never below the floor; or linear. With the places to label."""
    top = _top(numbers, look)
    if look.scale == "linear":
        stops = [top * at / 3 for at in range(4)]
        scale = alt.Scale(domain=stops, range=VIOLETS[dark], clamp=True, interpolate="rgb")
        return scale, [0.0, top]
    positive = numbers[numbers > FLOOR]
    low = min(float(positive.min()) if len(positive) else FLOOR, top / 10)
    stops = [low * (top / low) ** (at / 3) for at in range(4)]
    # Rounding must not put the last label beyond the bar.
    stops[-1] = top
    scale = alt.Scale(type="log", domain=stops, range=VIOLETS[dark], clamp=True, interpolate="rgb")
    return scale, [low, top]


def _numbers(
    array: Array, numbers: pd.Series, look: Look, dark: bool
) -> tuple[alt.Scale, list[float]]:
    """Around zero where there are negative ones. With the places to label."""
    top, paper = _top(numbers, look), NIGHT if dark else PAPER
    hue = PARTS[HUES[array.kind]][dark] if array.kind in HUES else ink(dark).text
    low = float(numbers.min()) if len(numbers) else 0.0
    if array.kind == "number":
        high = float(numbers.max()) if len(numbers) else 0.0
        # Counted things: the least is not nothing.
        least = _between(paper, hue, max(0.15, 1 / (high - low + 1)))
        domain = [low, high] if high > low else [low - 1, low]
        scale = alt.Scale(domain=domain, range=[least, hue], interpolate="rgb", nice=False)
        return scale, sorted({low, float((low + high) // 2), high})
    if low < 0:
        shades, domain = [NEGATIVE[dark], paper, hue], [-top, 0.0, top]
        return alt.Scale(domain=domain, range=shades, clamp=True, interpolate="rgb"), domain
    scale = alt.Scale(
        domain=[0, top], range=[paper, hue], clamp=True, nice=False, interpolate="rgb"
    )
    return scale, [0.0, top]


def _between(first: str, second: str, share: float) -> str:
    ends = ([int(one[at : at + 2], 16) for at in (1, 3, 5)] for one in (first, second))
    return "#" + "".join(f"{round(a + share * (b - a)):02x}" for a, b in zip(*ends, strict=True))


def _top(numbers: pd.Series, look: Look) -> float:
    top = float(np.percentile(numbers.abs(), look.clip)) if len(numbers) else 1.0
    return top if top > 0 else 1.0
