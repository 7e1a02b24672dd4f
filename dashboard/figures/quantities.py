"""What a chart of measured rows can show, and how each value comes from a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from attn_core.naming import called
from dashboard.figures import axes
from dashboard.figures.frames import column, firsts, numbers, where

TIMED = ("ok", "unstable")
YARDSTICK = "flash"


@dataclass(frozen=True)
class Quantity:
    """One vertical axis. `relative` and `per_token` say whether those readings make sense of it."""

    name: str
    title: str
    unit: str
    relative: bool = True
    per_token: bool = False


QUANTITIES: Mapping[str, Quantity] = {
    "time": Quantity("Time", "Median time of one call", axes.SECONDS, per_token=True),
    "memory": Quantity("Memory", "Peak memory beyond q, k and v", axes.BYTES, per_token=True),
    "tokens": Quantity("Tokens/s", "Tokens per second", axes.RATE),
    "roofline": Quantity(
        "Roofline", "Share of what this machine's own rates allow", axes.SHARE, False
    ),
    "speedup": Quantity("Speed-up", f"Times as fast as {called(YARDSTICK)}", axes.TIMES, False),
}


def quantity_named(name: str) -> Quantity:
    """The quantity of that key, or a ValueError that lists the keys."""
    if name not in QUANTITIES:
        raise ValueError(f"quantity must be one of {', '.join(QUANTITIES)}, got {name!r}.")
    return QUANTITIES[name]


def is_ratio(quantity: str, relative_to: str | None = None) -> bool:
    """Whether the axis says how many times as much, in place of an amount."""
    return quantity == "speedup" or (quantity_named(quantity).relative and relative_to is not None)


def values(
    rows: pd.DataFrame, quantity: str, relative_to: str | None = None, per_token: bool = False
) -> pd.DataFrame:
    """The drawable rows with columns `value`, `low` and `high`; a row without the number is left out.
    `relative_to` is a label: its median at the same length, in the same run, is the unit."""
    form = quantity_named(quantity)
    if quantity == "memory":
        found = where(rows, numbers(rows, "peak_bytes").notna())
        peak = numbers(found, "peak_bytes")
        found = found.assign(value=peak, low=peak, high=peak)
    else:
        is_timed = column(rows, "outcome").isin(TIMED) & numbers(rows, "median_s").notna()
        found = where(rows, is_timed)
        median = numbers(found, "median_s")
        low, high = (numbers(found, name).fillna(median) for name in ("p20_s", "p80_s"))
        found = _derived(found.assign(value=median, low=low, high=high), quantity)
    if per_token and form.per_token:
        tokens = numbers(found, "queries") * numbers(found, "batch")
        found = found.assign(**{name: found[name] / tokens for name in ("value", "low", "high")})
    unit = (relative_to or YARDSTICK) if quantity == "speedup" else relative_to
    if unit is not None and (form.relative or quantity == "speedup"):
        found = _held_against(found, unit, inverted=quantity == "speedup")
    return where(found, column(found, "value").notna())


def _derived(found: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """Times turned into rates or shares: the shortest time gives the highest of them."""
    if quantity == "tokens":
        amount = numbers(found, "queries") * numbers(found, "batch")
    elif quantity == "roofline":
        amount = numbers(found, "floor_s")
    else:
        return found
    value, low, high = amount / found["value"], amount / found["high"], amount / found["low"]
    return found.assign(value=value, low=low, high=high)


def _held_against(found: pd.DataFrame, label: str, inverted: bool) -> pd.DataFrame:
    places = ["run", "queries"]
    unit = firsts(where(found, column(found, "label") == label), *places)[[*places, "value"]]
    unit.columns = [*places, "unit"]
    joined = found.merge(unit, on=places, how="inner")
    if inverted:
        value, low, high = (joined["unit"] / joined[name] for name in ("value", "high", "low"))
    else:
        value, low, high = (joined[name] / joined["unit"] for name in ("value", "low", "high"))
    return joined.assign(value=value, low=low, high=high)
