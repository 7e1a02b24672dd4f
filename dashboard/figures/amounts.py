"""Measured numbers as words with their units: the same in tooltips, labels, sentences and tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attn_core.amounts import digits, percent, seconds, size, stepped

RATE_UNITS = ("", " k", " M", " G", " T")


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


def rate(value: float) -> str:
    return "".join(stepped(value, RATE_UNITS, 1000)) + " tokens/s"


def times(value: float) -> str:
    return f"{digits(value)}×"


WORDS = {"time": seconds, "memory": size, "tokens": rate, "roofline": percent, "speedup": times}


def amount(quantity: str, value: float) -> str:
    """One value of a quantity with its unit."""
    return WORDS[quantity](value)


def sizes_line(settings: Mapping[str, Any]) -> str:
    """What was measured, in one line under a title; settings are a stored sweep's."""
    keys = f", M = {settings['keys']:,}" if settings.get("keys") else ""
    many = settings.get("threads")
    threads = f", {many} {'thread' if many == 1 else 'threads'}" if many else ""
    return (
        f"{settings.get('pass', 'forward')} · {settings.get('role', 'encoder')}{keys}, "
        f"batch {settings.get('batch', 1)}, {settings.get('heads', 8)} heads of "
        f"{settings.get('head_dim', 64)}, {settings.get('dtype', 'float32')} on "
        f"{settings.get('device', 'cpu')}{threads}"
    )
