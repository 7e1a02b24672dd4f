"""How the quantities of a trade-off look on an axis and in words."""

from __future__ import annotations

from typing import Any, cast

import altair as alt
import numpy as np
import pandas as pd

from attn_core.amounts import digits, flops, seconds, size
from attn_core.tradeoff.axes import Axis
from dashboard.figures import axes, broken_axis
from dashboard.figures.broken_axis import Shortened, marked, widest

WORDS = {"s": seconds, "bytes": size, "FLOPs": flops, "score": digits, "ratio": digits}
FLOPS = axes.units(("FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP"), 1000)
LABELS = {"s": axes.SECONDS, "bytes": axes.BYTES, "FLOPs": FLOPS, "share": axes.SHARE}
PLAIN = "format(datum.value, '~g')"
MARGIN = 0.06


def words(axis: Axis, value: float) -> str:
    """With its unit; a dash for what has no number, whether it was not measured or there is none to measure."""
    if not np.isfinite(value):
        return "–"
    if axis.unit == "share":
        return f"{_exact(value * 100)}%"
    return f"{_exact(value)} nats" if axis.unit == "nats" else WORDS[axis.unit](value)


def _exact(value: float) -> str:
    """What is tiny, as a power of ten: as the linked views write it."""
    return (
        f"{value:.2e}".replace("e-0", "e−").replace("e-", "e−")
        if 0 < abs(value) < 1e-3
        else digits(value)
    )


def span(axis: Axis, value: float, low: float, high: float) -> str:
    """A value with its interval, where it has one."""
    if not np.isfinite(value) or not (np.isfinite(low) and np.isfinite(high)) or low == high:
        return words(axis, value)
    return f"{words(axis, value)} ({words(axis, low)} to {words(axis, high)})"


def narrow(axis: Axis, value: float, low: float, high: float) -> str:
    """The same for a narrow column: the ends of the interval without the unit, where all three share it."""
    said = span(axis, value, low, high)
    unit = words(axis, value).partition(" ")[2]
    ends = [words(axis, one) for one in (low, high)]
    if "(" not in said or not all(one.partition(" ")[2] == unit for one in ends):
        return said
    return f"{words(axis, value)} ({'–'.join(one.partition(' ')[0] for one in ends)})"


# Of a chart that is as wide as the page: only the browser knows.
STRETCHED = "width"


def channel(
    make: Any,
    axis: Axis,
    table: pd.DataFrame,
    pixels: float,
    column: str = "",
    *,
    stretched: bool = False,
) -> Any:
    """The x or y of an axis over all of the table, its error bars included; `make` is alt.X or alt.Y. Another column
    than the axis' own lies on the same scale. `stretched` is an axis across a chart as wide as the page, which is
    about `pixels` long."""
    return make(
        f"{column or axis.name}:Q",
        title=title(axis),
        scale=scale(make, axis, table, pixels, stretched=stretched),
        axis=_ticks(axis, table, pixels),
    )


def title(axis: Axis) -> str:
    return f"{axis.title} ({axis.better} is better)"


def ends(axis: Axis, table: pd.DataFrame) -> tuple[float, float]:
    """What the axis shows: all values with a little room; a log axis leaves out what is not positive."""
    known = _known(axis, table, axis.name, axis.low, axis.high)
    if not len(known):
        return (0.1, 1.0) if axis.log else (0.0, 1.0)
    low, high = float(known.min()), float(known.max())
    if axis.log:
        empty = shortened(axis, table)
        wide = np.log10(high / low) - (
            np.log10(empty.high / empty.low) - empty.drawn if empty else 0.0
        )
        room = max(float(wide) * MARGIN, 0.04)
        return low * 10**-room, high * 10**room
    room = max((high - low) * MARGIN, 0.01 * max(abs(high), 1e-9))
    return low - room, high + room


def shortened(axis: Axis, table: pd.DataFrame) -> Shortened | None:
    """The stretch of the axis that is drawn short, if any."""
    return widest(_known(axis, table, axis.name)) if axis.log else None


def break_note(table: pd.DataFrame, *shown: Axis) -> str:
    """What must be said of these axes over the table: nothing, unless one of them is drawn short."""
    return broken_axis.NOTE if any(shortened(one, table) for one in shown) else ""


def scale(
    make: Any, axis: Axis, table: pd.DataFrame, pixels: float, *, stretched: bool = False
) -> alt.Scale:
    low, high = ends(axis, table)
    empty = shortened(axis, table)
    if empty:
        decades = [np.log10(empty.low / low), empty.drawn, np.log10(high / empty.high)]
        shares = np.cumsum([0.0, *decades]) / sum(decades)
        if make is alt.Y:  # from below
            shares = 1 - shares
        places = [
            alt.ExprRef(f"{STRETCHED} * {share:.6f}") if stretched else float(pixels * share)
            for share in shares
        ]
        return alt.Scale(
            type="log", domain=[low, empty.low, empty.high, high], nice=False, range=places
        )
    shown = alt.Scale(type="log" if axis.log else "linear", domain=[low, high], nice=False)
    if not axis.log:  # where zero is out of the question
        shown.zero = False
    return shown


def breaks(
    make: Any,
    axis: Axis,
    table: pd.DataFrame,
    pixels: float,
    foot: float,
    dark: bool,
    *,
    stretched: bool = False,
) -> list[alt.Chart]:
    """What marks the stretch, where there is one. `foot` is how far down the chart an axis across it lies; a page makes
    room for words below it, and a stretched chart less high."""

    def on_axis(column: str) -> Any:
        return channel(make, axis, table, pixels, column, stretched=stretched)

    bottom = alt.ExprRef("height") if stretched else foot
    return marked(shortened(axis, table), on_axis, bottom if make is alt.X else None, dark)


def _known(axis: Axis, table: pd.DataFrame, *columns: str) -> np.ndarray:
    values = cast(pd.DataFrame, table[list(columns)]).to_numpy(float)
    return values[np.isfinite(values) & ((values > 0) | (not axis.log))]


def _ticks(axis: Axis, table: pd.DataFrame, pixels: float) -> alt.Axis:
    said = LABELS.get(axis.unit, PLAIN)
    if not axis.log:
        return alt.Axis(labelExpr=said, tickCount=6)
    low, high = ends(axis, table)
    empty = shortened(axis, table)
    parts = (
        [(low, empty.low, empty.low), (empty.high, high, empty.high)]
        if empty
        else [(low, high, 0.0)]
    )
    places = []
    for least, most, named in parts:
        extent = axes.Extent(least, most, True, pixels)
        own = axes.doublings(extent) if axis.unit == "bytes" else axes.decades(extent)
        places += own or [_rounded_within(named, least, most)] * bool(named)
    if axis.unit == "share":
        tiny = "replace(format(100 * datum.value, '~e'), '-', '−') + '%'"
        said = f"datum.value < 0.0000099 ? {tiny} : {said}"
    return alt.Axis(labelExpr=said, values=places)


def _rounded_within(value: float, least: float, most: float) -> float:
    """In as few digits as keep it there."""
    digits = (float(f"{value:.{count}e}") for count in range(16))
    return next((one for one in digits if least <= one <= most), value)
