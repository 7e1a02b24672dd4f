"""Amounts as words with their units: the same on the command line, in messages, charts and tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

TIME_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
BYTE_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB")
FLOP_UNITS = ("FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP", "EFLOP", "ZFLOP")


def digits(value: float) -> str:
    """Three significant digits, never an exponent: 0.0123, 1.07, 10.7, 107, 1,070."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "–"
    # Rounded first: 0.9995 becomes 1.00, not 1.000.
    places = max(0, 2 - math.floor(math.log10(float(f"{abs(value):.3g}"))))
    return f"{value:,.{min(places, 4)}f}"


def seconds(value: float) -> str:
    for size, unit in TIME_UNITS:
        if value >= size * 0.9995:
            return f"{digits(value / size)} {unit}"
    return f"{digits(value * 1e9)} ns"


def stepped(value: float, names: Sequence[str], base: int) -> tuple[str, str]:
    power = 0
    while value >= base * 0.9995 and power < len(names) - 1:
        value, power = value / base, power + 1
    # Whole things (bytes, operations) have no fraction of one.
    return f"{value:,.0f}" if power == 0 and names[0] else digits(value), names[power]


def size(value: float) -> str:
    return " ".join(stepped(value, BYTE_UNITS, 1024))


def flops(value: float) -> str:
    return " ".join(stepped(value, FLOP_UNITS, 1000))


def percent(share: float) -> str:
    """As many digits as a small share needs."""
    small = 0 < abs(share) < 1e-6
    return f"{100 * share:.1e}%" if small else f"{digits(100 * share)}%"


def off(share: float) -> str:
    """How far off something is, in a sentence: ten times the whole and more as a multiple of it, 350×."""
    return f"{digits(share)}×" if 10 <= abs(share) < math.inf else percent(share)
