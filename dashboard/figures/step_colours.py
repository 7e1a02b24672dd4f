"""Colours of a step's array: Q blue, K orange-red, V green, attention violet."""

from __future__ import annotations

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


def colour(array: Array, table: pd.DataFrame, look: Look, dark: bool) -> alt.Color:
    numbers = table.loc[table["special"] == "", "coloured"].dropna()
    legend = alt.Legend(
        title=_unit(array, look), orient="bottom", gradientLength=LEGEND, gradientThickness=9, format=".2~g",
        titleLimit=160, tickCount=3,
    )  # fmt: skip
    if array.kind == "pattern":
        scale = alt.Scale(
            domain=[0, 1], range=[NIGHT if dark else PAPER, PARTS["attention"][dark]]
        )
        return alt.Color(
            "coloured:O", scale=scale, legend=alt.Legend(title="1: they meet", orient="bottom")
        )
    scale = (
        _weights(numbers, look, dark)
        if array.kind == "weight"
        else _numbers(array, numbers, look, dark)
    )
    return alt.Color("coloured:Q", scale=scale, legend=legend)


def _unit(array: Array, look: Look) -> str:
    weights = array.kind == "weight" and array.columns == KEY
    return f"{array.name}, × uniform" if weights and look.scale == "uniform" else array.name


def _weights(numbers: pd.Series, look: Look, dark: bool) -> alt.Scale:
    """Logarithmic from the smallest weight shown, but never below the floor; or linear."""
    top = _top(numbers, look)
    if look.scale == "linear":
        return alt.Scale(
            domain=[0, top / 3, 2 * top / 3, top],
            range=VIOLETS[dark],
            clamp=True,
            interpolate="rgb",
        )
    positive = numbers[numbers > FLOOR]
    low = min(float(positive.min()) if len(positive) else FLOOR, top / 10)
    stops = [low * (top / low) ** (at / 3) for at in range(4)]
    return alt.Scale(type="log", domain=stops, range=VIOLETS[dark], clamp=True, interpolate="rgb")


def _numbers(array: Array, numbers: pd.Series, look: Look, dark: bool) -> alt.Scale:
    """Around zero where there are negative ones."""
    top, paper = _top(numbers, look), NIGHT if dark else PAPER
    hue = PARTS[HUES[array.kind]][dark] if array.kind in HUES else ink(dark).text
    low = float(numbers.min()) if len(numbers) else 0.0
    if array.kind == "number":
        # Counted things: the least is not nothing.
        domain = [low - 1, max(float(numbers.max()) if len(numbers) else 1.0, low + 1)]
        return alt.Scale(domain=domain, range=[paper, hue], interpolate="rgb", nice=False)
    if low < 0:
        shades = [NEGATIVE[dark], paper, hue]
        return alt.Scale(domain=[-top, 0, top], range=shades, clamp=True, interpolate="rgb")
    return alt.Scale(
        domain=[0, top], range=[paper, hue], clamp=True, nice=False, interpolate="rgb"
    )


def _top(numbers: pd.Series, look: Look) -> float:
    top = float(np.percentile(numbers.abs(), look.clip)) if len(numbers) else 1.0
    return top if top > 0 else 1.0
