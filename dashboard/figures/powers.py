"""Axes of numbers given by their decimal logarithm, because as such they may be too large or too small to draw."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable

import altair as alt
import numpy as np

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MOST_TICKS = 6


def ends(
    *columns: Iterable[float], margin: float = 0.04, step: float | None = None
) -> tuple[float, float]:
    """The least and the largest of all finite numbers, with a little room, in steps that a small change stays in."""
    numbers = np.concatenate([np.asarray(list(one), dtype=float) for one in columns])
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return -1.0, 1.0
    low, high = float(numbers.min()), float(numbers.max())
    room = max((high - low) * margin, 0.02)
    return outward(low - room, high + room, step)


def outward(low: float, high: float, step: float | None = None) -> tuple[float, float]:
    """To a step: tenths, halves or wholes, whichever is near a twentieth of the span, where none is given."""
    step = step or next((one for one in (0.1, 0.5) if high - low <= 20 * one), 1.0)
    return math.floor(low / step) * step, math.ceil(high / step) * step


def ticks(low: float, high: float, most: int = MOST_TICKS) -> list[float]:
    """Whole powers of ten, or 1, 2 and 5 times them where the axis is short."""
    if high - low < 2.2:
        fine = [
            p + math.log10(step)
            for p in range(math.floor(low), math.ceil(high) + 1)
            for step in (1, 2, 5)
        ]
        return [round(one, 6) for one in fine if low <= one <= high]
    step = max(1, math.ceil((high - low) / most))
    first = math.ceil(low / step) * step
    return [float(one) for one in range(first, math.floor(high) + 1, step)]


def written(power: float) -> str:
    """10 to this power: 0.02, 1, 1,000, 10⁻⁷."""
    if abs(power - round(power)) > 1e-3 or -3 <= round(power) <= 3:
        number = 10.0**power
        return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
    return "10" + str(round(power)).translate(RAISED)


def axis(low: float, high: float, most: int = MOST_TICKS, **options) -> alt.Axis:
    places = ticks(low, high, most)
    return alt.Axis(values=places, labelExpr=label(places), **options)


def label(places: list[float]) -> str:
    """Which tick is meant is found by its distance: their text differs between number formats."""
    text = "''"
    for one in places:
        text = f"abs(datum.value - {one:.6f}) < 0.0005 ? {json.dumps(written(one), ensure_ascii=False)} : ({text})"
    return text


def scale(low: float, high: float) -> alt.Scale:
    return alt.Scale(domain=[low, high], nice=False, zero=False, clamp=False)
