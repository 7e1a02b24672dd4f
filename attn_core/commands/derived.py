"""What follows from a run's rows, in words for a terminal: memory, growth, crossovers, and how far to trust them.

The engine derives it; here it is only written down, with its intervals and with the answers that are no number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attn_core.amounts import size
from attn_core.commands.text import by_length, columns, ordered
from attn_core.timing.row import TIMED
from attn_core.timing.scaling import Crossover, Exponent, crossover, exponent

YARDSTICKS = ("flash", "softmax")
NOTHING = "–"
Rows = Sequence[Mapping[str, Any]]


def derived(rows: Rows, nulls: Rows, order: Sequence[str] = ()) -> list[str]:
    """Blocks of lines, each with an empty line before it; none where nothing is known."""
    plain = [dict(row) for row in rows]
    blocks = [memory(plain, order), growth(plain, order), noise(nulls)]
    return [line for block in blocks if block for line in ("", block)]


def memory(rows: Rows, order: Sequence[str] = ()) -> str:
    """Peak memory as a table like that of the medians."""
    if all(row["peak_bytes"] is None for row in rows):
        return ""
    return by_length(rows, "peak memory", _peak, order)


def _peak(row: Mapping[str, Any]) -> str:
    return NOTHING if row["peak_bytes"] is None else size(row["peak_bytes"])


def growth(rows: Sequence[dict[str, Any]], order: Sequence[str] = ()) -> str:
    """Exponents, and from where on a method beats exact attention: a line for each method that was timed."""
    timed = [row for row in rows if row["outcome"] in TIMED]
    labels = ordered(timed, order)
    fitted = {label: exponent(timed, label) for label in labels}
    exact = [name for name in YARDSTICKS if name in labels and len(labels) > 1]
    if not exact and all(one.value is None for one in fitted.values()):
        return ""
    table = [["growth", "time grows as", *(f"against {name}" for name in exact)]]
    for label in labels:
        held = [
            NOTHING if name == label else crossover_words(crossover(timed, label, name))
            for name in exact
        ]
        table.append([label, exponent_words(fitted[label]), *held])
    return columns(table)


def exponent_words(one: Exponent) -> str:
    """The power of N with its interval: N^1.02 (0.99 to 1.06)."""
    if one.value is None:
        return NOTHING
    interval = f" ({one.low:.2f} to {one.high:.2f})" if one.low is not None else ""
    return f"N^{one.value:.2f}{interval}"


def crossover_words(one: Crossover) -> str:
    """The answer in the engine's own states, with the lengths that belong to it."""
    if one.state == "crosses":
        bounds = f" ({one.low:,.0f} to {one.high:,.0f})" if one.low is not None else ""
        return f"faster from N = {one.length:,.0f}{bounds}"
    if one.state == "only shorter":
        return f"only shorter: faster up to N = {one.length:,.0f}"
    if one.state == "never up to N":
        return f"never up to N = {one.up_to:,}"
    return one.state


def noise(nulls: Rows) -> str:
    """One method measured twice at each length: how far a ratio strays from 1 when nothing differs."""
    return "\n".join(
        f"same method twice: {row['ratio']:.3f}{_interval(row)} at N = {row['queries']:,}, {row['label']}"
        for row in sorted(nulls, key=lambda row: row["queries"])
        if row.get("ratio") is not None
    )


def _interval(row: Mapping[str, Any]) -> str:
    low, high = row.get("ratio_low"), row.get("ratio_high")
    return "" if low is None or high is None else f" ({low:.3f} to {high:.3f})"
