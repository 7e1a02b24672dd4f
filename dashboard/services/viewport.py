"""The part of a matrix that is seen, as it stands in the URL: first and last query, first and last key.
No streamlit here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

SHAPE = re.compile(r"(\d{1,6})-(\d{1,6})_(\d{1,6})-(\d{1,6})")


@dataclass(frozen=True)
class Viewport:
    """Rows i0 to i1 and columns j0 to j1, the ends not included."""

    i0: int
    i1: int
    j0: int
    j1: int

    @property
    def rows(self) -> tuple[int, int]:
        return self.i0, self.i1

    @property
    def columns(self) -> tuple[int, int]:
        return self.j0, self.j1

    @property
    def text(self) -> str:
        return f"{self.i0}-{self.i1}_{self.j0}-{self.j1}"

    @property
    def words(self) -> str:
        return f"queries {self.i0:,}–{self.i1 - 1:,}, keys {self.j0:,}–{self.j1 - 1:,}"

    def is_whole(self, queries: int, keys: int) -> bool:
        return self == whole(queries, keys)


def whole(queries: int, keys: int) -> Viewport:
    return Viewport(0, queries, 0, keys)


def around(i: int, j: int, most: int, queries: int, keys: int) -> Viewport:
    """At most so many rows and columns, with a pair in the middle where the edges allow it."""
    rows, columns = min(most, queries), min(most, keys)
    i0 = min(max(i - rows // 2, 0), queries - rows)
    j0 = min(max(j - columns // 2, 0), keys - columns)
    return Viewport(i0, i0 + rows, j0, j0 + columns)


def parse(text: str, queries: int, keys: int) -> Viewport:
    """What the URL says, or a ValueError with what it may say."""
    match = SHAPE.fullmatch(text)
    if match is not None:
        found = Viewport(*map(int, match.groups()))
        if found.i0 < found.i1 <= queries and found.j0 < found.j1 <= keys:
            return found
    raise ValueError(
        f"The part to show must be i0-i1_j0-j1 inside {queries:,} queries and {keys:,} keys, got {text[:40]!r}."
    )


def reported(numbers: object, queries: int, keys: int) -> Viewport | None:
    """What the browser says it shows, brought inside; None where that is nothing."""
    if not isinstance(numbers, Sequence) or isinstance(numbers, str) or len(numbers) != 4:
        return None
    if not all(isinstance(one, int | float) and abs(one) < 1e9 for one in numbers):
        return None
    i0, i1, j0, j1 = (int(one) for one in numbers)
    i0, j0 = min(max(i0, 0), queries - 1), min(max(j0, 0), keys - 1)
    return Viewport(i0, min(max(i1, i0 + 1), queries), j0, min(max(j1, j0 + 1), keys))
