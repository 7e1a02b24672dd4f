"""Axes whose extent is decided here, not in the browser: labels and failure marks are placed by it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import altair as alt

# Small ratios, times and rates all read well in these steps of a decade.
STEPS = (1, 2, 5)
MOST_TICKS = 7


@dataclass(frozen=True)
class Extent:
    """One axis: its ends in data, its length in pixels."""

    low: float
    high: float
    log: bool
    pixels: float

    def pixel(self, value: float) -> float:
        """Distance from the low end."""
        return self.pixels * (self._even(value) - self._even(self.low)) / self._span

    def at(self, pixel: float) -> float:
        """The value at a distance from the low end."""
        place = self._even(self.low) + self._span * pixel / self.pixels
        return 2.0**place if self.log else place

    @property
    def _span(self) -> float:
        return self._even(self.high) - self._even(self.low)

    def _even(self, value: float) -> float:
        return math.log2(value) if self.log else value

    @property
    def scale(self) -> alt.Scale:
        kind = "log" if self.log else "linear"
        scale = alt.Scale(type=kind, domain=[self.low, self.high], nice=False)
        if kind != "log":  # where zero is out of the question
            scale.zero = False
        return scale


def around(
    values: Iterable[float], log: bool, pixels: float, low: float = 10.0, high: float = 10.0
) -> Extent:
    """An extent that holds every value, with `low` and `high` pixels left free at its ends. A linear axis
    starts at zero, so that heights can be compared."""
    finite = [v for v in values if math.isfinite(v) and (v > 0 or not log)]
    least, most = (min(finite), max(finite)) if finite else (1.0, 10.0)
    if not log:
        least = min(0.0, least)
        low = 0.0
    if least == most:
        least, most = (least / 2, most * 2) if log else (least, most + 1.0)
    inner = Extent(least, most, log, max(pixels - low - high, 1.0))
    return Extent(inner.at(-low), inner.at(inner.pixels + high), log, pixels)


def spread(wanted: Sequence[float], gap: float, room: float) -> list[float]:
    """The places nearest to the wanted ones that stay `gap` apart and within 0 … room: neighbours that are
    too close are moved as one block, about the mean of what they wanted."""
    gap = min(gap, room / max(len(wanted) - 1, 1))
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    blocks: list[
        tuple[float, int]
    ] = []  # where the first of a block would be at its best, and how many
    for position, i in enumerate(order):
        start, size = wanted[i] - gap * position, 1
        while blocks and blocks[-1][0] > start:
            before, count = blocks.pop()
            start = (before * count + start * size) / (count + size)
            size += count
        blocks.append((start, size))
    firsts = [start for start, size in blocks for _ in range(size)]
    most = room - gap * max(len(wanted) - 1, 0)
    places = [0.0] * len(wanted)
    for position, i in enumerate(order):
        places[i] = min(max(firsts[position], 0.0), most) + gap * position
    return places


def decades(extent: Extent) -> list[float]:
    """Ticks for a logarithmic axis: powers of ten, with 2 and 5 between them where few fit."""
    first, last = math.floor(math.log10(extent.low)), math.ceil(math.log10(extent.high))
    fine = [step * 10.0**power for power in range(first, last + 1) for step in STEPS]
    inside = [value for value in fine if extent.low <= value <= extent.high]
    if len(inside) <= MOST_TICKS:
        return inside
    stride = max(1, math.ceil((last - first) / MOST_TICKS))
    coarse = [10.0**power for power in range(first, last + 1, stride)]
    return [value for value in coarse if extent.low <= value <= extent.high]


def doublings(extent: Extent) -> list[float]:
    """Ticks for bytes on a logarithmic axis: powers of two, every so many."""
    first, last = math.ceil(math.log2(extent.low)), math.floor(math.log2(extent.high))
    stride = max(1, math.ceil((last - first + 1) / MOST_TICKS))
    start = math.ceil(first / stride) * stride
    return [2.0**power for power in range(start, last + 1, stride)]


def binary_steps(extent: Extent) -> list[float]:
    """Ticks for bytes on a linear axis: multiples of one power of two."""
    step = 2.0 ** math.ceil(math.log2(max(extent.high, 1.0) / MOST_TICKS))
    return [step * place for place in range(int(extent.high // step) + 1)]


def units(names: Sequence[str], base: int) -> str:
    """A Vega expression that writes a tick in its unit; the first name is for values below `base`."""
    expression = f"format(datum.value, '~g') + ' {names[0]}'"
    for power, name in enumerate(names[1:], start=1):
        scaled = f"format(datum.value / {float(base**power):.0f}, ',~g') + ' {name}'"
        expression = f"datum.value >= {float(base**power):.0f} ? {scaled} : ({expression})"
    return expression


SECONDS = (
    "datum.value == 0 ? '0' : datum.value >= 1 ? format(datum.value, ',~g') + ' s' : "
    "datum.value >= 0.00099 ? format(datum.value * 1e3, '~g') + ' ms' : "
    "datum.value >= 0.00000099 ? format(datum.value * 1e6, '~g') + ' µs' : "
    "format(datum.value * 1e9, '~g') + ' ns'"
)
BYTES = units(("B", "KiB", "MiB", "GiB", "TiB"), 1024)
RATE = units(("", "k", "M", "G", "T"), 1000)
TIMES = "format(datum.value, ',~g') + '×'"
SHARE = "format(datum.value, ',~%')"
