"""Figures that others published, to be drawn beside measured ones and never merged with them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "data" / "published.json"
# The tutorial whose experiment this project repeats.
FIGURE_Z = "Figure Z"


@dataclass(frozen=True)
class Figure:
    """One number. `method` is our name where the catalogue has the same method, else the paper's; the note says what
    it is called there. Text is empty, and a number None, where the source does not say; a value of None is one that
    the source reports as missing, and the note says why."""

    source: str
    year: int
    hardware: str
    dtype: str
    which: str
    n: int | None
    method: str
    metric: str
    value: float | None
    unit: str
    note: str


@cache
def _all(file: Path) -> tuple[Figure, ...]:
    rows = json.loads(file.read_text(encoding="utf-8"))
    return tuple(Figure(which=row.pop("pass"), n=row.pop("N"), **row) for row in rows)


def figures(source: str = "", *, metric: str = "", file: Path = FILE) -> list[Figure]:
    """All of them, or those whose source begins so, or of one metric."""
    return [
        one
        for one in _all(file)
        if one.source.startswith(source) and (not metric or one.metric == metric)
    ]


def span(found: Sequence[Figure]) -> tuple[float, float] | None:
    """The range of figures that disagree; None where none has a value."""
    values = [one.value for one in found if one.value is not None]
    return (min(values), max(values)) if values else None
