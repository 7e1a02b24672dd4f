"""The cells of a step's array that are shown, and as a table: a row a cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attn_core.steps import Array
from attn_core.steps.step import KEY, QUERY
from dashboard.figures.matrix_map import Look, plain

# Cells of a side of an array drawn whole, and of a cut one: large enough to be seen, few enough to be drawn at once.
WHOLE, PART = 96, 64


@dataclass(frozen=True)
class Labels:
    """Tokens of the queries and of the keys, where there are any."""

    queries: Sequence[str] | None = None
    keys: Sequence[str] | None = None

    def of(self, side: str) -> Sequence[str] | None:
        return {QUERY: self.queries, KEY: self.keys}.get(side)


@dataclass(frozen=True)
class Part:
    """The cells of an array that are shown: all, or as many as fit around the pinned ones."""

    values: np.ndarray
    masked: np.ndarray | None
    first: tuple[int, int]

    def words(self, array: Array) -> str:
        """How many rows and columns there are, and which of them are shown where that is not all."""
        whole = array.values.shape
        sides = zip(self.first, self.values.shape, whole, strict=True)
        return " × ".join(
            f"{total:,}"
            if shown == total and not first
            else f"{first:,}–{first + shown - 1:,}" + (f" of {total:,}" if shown < total else "")
            for first, shown, total in sides
        )


def part_of(array: Array, query: int, key: int) -> Part:
    """Arrays of up to 96 × 96 cells whole, of larger ones at most 64 a side; what is cut holds the pinned query and
    key, where the sides are theirs."""
    pinned = {QUERY: query - array.first, KEY: key}
    shape = array.values.shape
    most = WHOLE if max(shape) <= WHOLE else PART
    rows = _window(shape[0], pinned.get(array.rows, 0), most)
    columns = _window(shape[1], pinned.get(array.columns, 0), most)
    masked = None if array.masked is None else array.masked[rows, columns].numpy()
    values = array.values[rows, columns].detach().to("cpu").double().numpy()
    return Part(values, masked, (array.first + rows.start, columns.start))


def _window(length: int, around: int, most: int) -> slice:
    start = min(max(0, around - most // 2), max(0, length - most))
    return slice(start, min(length, start + most))


def cells(array: Array, part: Part, labels: Labels, look: Look | None = None) -> pd.DataFrame:
    """A row a cell: its place, its number, what is special about it, and the value that is coloured."""
    look, weights = look or Look(), array.kind == "weight" and array.columns == KEY
    rows, columns = np.indices(part.values.shape)
    special = np.full(part.values.shape, "", dtype=object)
    special[~np.isfinite(part.values)] = "not finite"
    if weights and look.hide:
        special[:, : max(0, look.hide - part.first[1])] = "hidden"
    if part.masked is not None:
        special[part.masked] = "masked"
    values = np.where(np.isfinite(part.values), part.values, np.nan)
    found = pd.DataFrame(
        {
            "i": (part.first[0] + rows).ravel(),
            "j": (part.first[1] + columns).ravel(),
            "value": values.ravel(),
            "coloured": values.ravel()
            * (array.values.shape[1] if weights and look.scale == "uniform" else 1),
            "special": special.ravel(),
        }
    )
    for name, side, at in (("row", array.rows, found["i"]), ("column", array.columns, found["j"])):
        named = name == "row" and array.row_names is not None
        names = list(array.row_names or ()) if named else labels.of(side)
        if names is not None:
            shift = array.first if named else 0
            found[name] = [plain(str(names[int(place) - shift])) for place in at]
    return found
