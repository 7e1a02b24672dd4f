"""The quantities of a trade-off in words."""

from __future__ import annotations

import numpy as np

from attn_core.amounts import digits, flops, seconds, size
from attn_core.tradeoff.axes import Axis

WORDS = {"s": seconds, "bytes": size, "FLOPs": flops, "score": digits, "ratio": digits}


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
    said, least, most = (words(axis, one) for one in (value, low, high))
    return said if said == least == most else f"{said} ({least} to {most})"


def narrow(axis: Axis, value: float, low: float, high: float) -> str:
    """The same for a narrow column: the ends of the interval without the unit, where all three share it."""
    said = span(axis, value, low, high)
    unit = words(axis, value).partition(" ")[2]
    ends = [words(axis, one) for one in (low, high)]
    if "(" not in said or not all(one.partition(" ")[2] == unit for one in ends):
        return said
    return f"{words(axis, value)} ({'–'.join(one.partition(' ')[0] for one in ends)})"
