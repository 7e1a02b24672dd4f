"""Measured numbers as words with their units: the same in tooltips, labels, sentences and tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

TIME_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
BYTE_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
RATE_UNITS = ("", " k", " M", " G", " T")


def digits(value: float) -> str:
    """Three significant digits, never an exponent: 0.0123, 1.07, 10.7, 107, 1,070."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "–"
    places = max(0, 2 - math.floor(math.log10(abs(value)) + 1e-9))
    return f"{value:,.{min(places, 4)}f}"


def seconds(value: float) -> str:
    for size, unit in TIME_UNITS:
        if value >= size * 0.9995:
            return f"{digits(value / size)} {unit}"
    return f"{digits(value * 1e9)} ns"


def duration(value: float) -> str:
    """A waiting time, as people say it: 8 s, 1 min 20 s, 2 h 5 min."""
    whole = max(1, round(value))
    if whole < 60:
        return f"{whole} s"
    if whole < 600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(round(whole / 60), 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def _stepped(value: float, names: tuple[str, ...], base: int) -> tuple[str, str]:
    power = 0
    while value >= base * 0.9995 and power < len(names) - 1:
        value, power = value / base, power + 1
    return digits(value), names[power]


def size(value: float) -> str:
    return " ".join(_stepped(value, BYTE_UNITS, 1024))


def rate(value: float) -> str:
    return "".join(_stepped(value, RATE_UNITS, 1000)) + " tokens/s"


def times(value: float) -> str:
    return f"{digits(value)}×"


def share(value: float) -> str:
    return f"{digits(value * 100)}%"


WORDS = {"time": seconds, "memory": size, "tokens": rate, "roofline": share, "speedup": times}


def amount(quantity: str, value: float) -> str:
    """One value of a quantity with its unit."""
    return WORDS[quantity](value)


def sizes_line(settings: Mapping[str, Any]) -> str:
    """What was measured, in one line under a title; settings are a stored sweep's."""
    keys = f", M = {settings['keys']:,}" if settings.get("keys") else ""
    threads = f", {settings['threads']} threads" if settings.get("threads") else ""
    return (
        f"{settings.get('pass', 'forward')} · {settings.get('role', 'encoder')}{keys}, "
        f"batch {settings.get('batch', 1)}, {settings.get('heads', 8)} heads of "
        f"{settings.get('head_dim', 64)}, {settings.get('dtype', 'float32')} on "
        f"{settings.get('device', 'cpu')}{threads}"
    )
