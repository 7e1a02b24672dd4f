"""A quantity of a trade-off along one side of a chart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import altair as alt
import numpy as np
import pandas as pd

from attn_core.tradeoff.axes import Axis
from dashboard.figures import axes, broken_axis
from dashboard.figures.broken_axis import Shortened, marked, widest

FLOPS = axes.units(("FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP"), 1000)
LABELS = {"s": axes.SECONDS, "bytes": axes.BYTES, "FLOPs": FLOPS, "share": axes.SHARE}
PLAIN = "format(datum.value, '~g')"
MARGIN = 0.06


@dataclass(frozen=True, eq=False)
class DrawnAxis:
    """Over all of a table, error bars included; `make` is alt.X or alt.Y. It is `pixels` long, or about that where it
    is `stretched`: across a chart as wide as the page, whose width only the browser knows."""

    make: Any
    axis: Axis
    table: pd.DataFrame
    pixels: float
    stretched: bool = False

    @cached_property
    def shortened(self) -> Shortened | None:
        """The stretch that is drawn short, if any."""
        return shortened(self.axis, self.table)

    @cached_property
    def ends(self) -> tuple[float, float]:
        """What is shown: all values with a little room; a log axis leaves out what is not positive."""
        axis = self.axis
        known = _known(axis, self.table, axis.name, axis.low, axis.high)
        if not len(known):
            return (0.1, 1.0) if axis.log else (0.0, 1.0)
        low, high = float(known.min()), float(known.max())
        if not axis.log:
            room = max((high - low) * MARGIN, 0.01 * max(abs(high), 1e-9))
            return low - room, high + room
        wide, empty = np.log10(high / low), self.shortened
        if empty:
            wide += empty.drawn - np.log10(empty.high / empty.low)
        room = max(float(wide) * MARGIN, 0.04)
        return low * 10**-room, high * 10**room

    @cached_property
    def scale(self) -> alt.Scale:
        low, high = self.ends
        if self.shortened:
            domain = [low, self.shortened.low, self.shortened.high, high]
            return alt.Scale(type="log", domain=domain, nice=False, range=self._places)
        shown = alt.Scale(
            type="log" if self.axis.log else "linear", domain=[low, high], nice=False
        )
        if not self.axis.log:  # where zero is out of the question
            shown.zero = False
        return shown

    @property
    def _places(self) -> list[Any]:
        """Where the ends and the stretch between them lie."""
        (low, high), empty = self.ends, self.shortened
        assert empty is not None
        decades = [np.log10(empty.low / low), empty.drawn, np.log10(high / empty.high)]
        shares = np.cumsum([0.0, *decades]) / sum(decades)
        if self.make is alt.Y:  # from below
            shares = 1 - shares
        if self.stretched:
            return [alt.ExprRef(f"width * {share:.6f}") for share in shares]
        return [float(self.pixels * share) for share in shares]

    def channel(self, column: str = "") -> Any:
        """Another column than the axis' own lies on the same scale."""
        axis = self.axis
        title = f"{axis.title} ({axis.better} is better)"
        return self.make(
            f"{column or axis.name}:Q", title=title, scale=self.scale, axis=self._ticks
        )

    def bars(self) -> dict[str, Any]:
        """The channels of the intervals."""
        name = "x" if self.make is alt.X else "y"
        low = self.make(f"{self.axis.low}:Q", scale=self.scale)
        return {name: low, f"{name}2": f"{self.axis.high}:Q"}

    def breaks(self, foot: float, dark: bool) -> list[alt.Chart]:
        """What marks the stretch, where there is one. `foot` is how far down the chart an axis across it lies; a page
        makes room for words below it, and a stretched chart less high."""
        bottom = alt.ExprRef("height") if self.stretched else foot
        return marked(self.shortened, self.channel, bottom if self.make is alt.X else None, dark)

    @cached_property
    def _ticks(self) -> alt.Axis:
        unit = self.axis.unit
        said = LABELS.get(unit, PLAIN)
        if not self.axis.log:
            return alt.Axis(labelExpr=said, tickCount=6)
        (low, high), empty = self.ends, self.shortened
        parts = [(low, high, math.sqrt(low * high))]
        if empty:
            parts = [(low, empty.low, empty.low), (empty.high, high, empty.high)]
        places = []
        for least, most, named in parts:
            extent = axes.Extent(least, most, True, self.pixels)
            own = axes.doublings(extent) if unit == "bytes" else axes.decades(extent)
            places += own or [_rounded_within(named, least, most)]
        if unit == "share":
            tiny = "replace(format(100 * datum.value, '~e'), '-', '−') + '%'"
            said = f"datum.value < 0.0000099 ? {tiny} : {said}"
        return alt.Axis(labelExpr=said, values=places)


def shortened(axis: Axis, table: pd.DataFrame) -> Shortened | None:
    return widest(_known(axis, table, axis.name)) if axis.log else None


def break_note(table: pd.DataFrame, *shown: Axis) -> str:
    """What must be said of these axes over the table: nothing, unless one of them is drawn short."""
    return broken_axis.NOTE if any(shortened(one, table) for one in shown) else ""


def _known(axis: Axis, table: pd.DataFrame, *columns: str) -> np.ndarray:
    values = cast(pd.DataFrame, table[list(columns)]).to_numpy(float)
    return values[np.isfinite(values) & ((values > 0) | (not axis.log))]


def _rounded_within(value: float, least: float, most: float) -> float:
    """Up or down to as few digits as keep it there."""
    power = math.floor(math.log10(value))
    for digits in range(16):
        step = 10.0 ** (power - digits)
        for steps in (math.floor(value / step), math.ceil(value / step)):
            if least <= (found := float(f"{steps * step:.{digits}e}")) <= most:
                return found
    return value
