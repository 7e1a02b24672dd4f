"""How the command line prints: aligned columns, numbers with units, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from attn_core.amounts import seconds
from attn_core.timing.row import TIMED


def as_json(data: Any) -> str:
    """JSON that every reader takes: no NaN, no infinity."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)


def columns(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> str:
    """Rows as aligned columns, those in `right` flush right; the first row is the heading."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    flush = set(right)
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if place in flush else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def result(row: Mapping[str, Any]) -> str:
    """What came of one cell: its median, with ~ where the interval stayed wide, or why there is none."""
    if row["outcome"] in TIMED and row["median_s"] is not None:
        return ("~" if row["outcome"] == "unstable" else "") + seconds(row["median_s"])
    return row["outcome"]


def medians(rows: Sequence[Mapping[str, Any]], order: Sequence[str] = ()) -> str:
    """Medians as a table: a line for each method, in the given order of labels, a column for each length."""
    return by_length(rows, "median", result, order)


def by_length(
    rows: Sequence[Mapping[str, Any]],
    title: str,
    shown: Callable[[Mapping[str, Any]], str],
    order: Sequence[str] = (),
) -> str:
    """What is `shown` of every row: a line for each method, a column for each length."""
    lengths = sorted({row["queries"] for row in rows})
    found = {(row["label"], row["queries"]): shown(row) for row in rows}
    heading = [title, *(f"{length:,}" for length in lengths)]
    table = [heading] + [
        [label, *(found.get((label, length), "–") for length in lengths)]
        for label in ordered(rows, order)
    ]
    return columns(table, right=range(1, len(heading)))


def ordered(rows: Sequence[Mapping[str, Any]], order: Sequence[str] = ()) -> list[str]:
    """The labels that rows have, in the given order."""
    measured = {row["label"]: None for row in rows}
    return [label for label in dict.fromkeys([*order, *measured]) if label in measured]


def remarks(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The sentences a table has no room for: why cells have no number, and what ~ means."""
    said = list(
        dict.fromkeys(
            f"{row['label']} at {row['queries']:,}: {row['outcome']}: {row['message']}"
            for row in rows
            if row["outcome"] not in TIMED and row["message"]
        )
    )
    if any(row["outcome"] == "unstable" for row in rows):
        said.append("~ the median's interval stayed wide: read it with its interval")
    return said
