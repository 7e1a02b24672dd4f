"""A pyramid of small pictures over one matrix, for zooming: level 0 shows entries, each level above halves the size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, get_args

import torch
from torch import Tensor

from attn_core.matrix import MatrixView
from attn_core.views.bins import Reduce
from attn_core.views.blocks import ignore_progress, pool

TILE = 256


class Tile(NamedTuple):
    """(h, w) with h, w ≤ 256: fp32 values, and the pixels in which no pair may interact; None if there is none."""

    values: Tensor
    masked: Tensor | None


@dataclass(frozen=True)
class Grid:
    """The pixels and tiles of a matrix of N × M. A pixel of level L covers 2^L × 2^L entries, the last of a row or
    column what is left; the highest level fits into one tile."""

    queries: int
    keys: int

    @property
    def levels(self) -> int:
        """How many there are, level 0 included."""
        return 1 + (-(-max(self.queries, self.keys) // TILE) - 1).bit_length()

    def pixels(self, level: int) -> tuple[int, int]:
        size = 2 ** self._within("level", level, self.levels)
        return -(-self.queries // size), -(-self.keys // size)

    def tiles(self, level: int) -> tuple[int, int]:
        rows, cols = self.pixels(level)
        return -(-rows // TILE), -(-cols // TILE)

    def edges(self, level: int, row: int, col: int) -> tuple[list[int], list[int]]:
        """Where the pixels of a tile begin, and where the last one ends, in rows and in columns."""
        rows, cols = self.tiles(level)
        size = 2**level
        row, col = self._within("row", row, rows), self._within("col", col, cols)
        return _edges(row, size, self.queries), _edges(col, size, self.keys)

    def covered(self, level: int, row: int, col: int) -> int:
        """How many entries a tile stands for."""
        rows, cols = self.edges(level, row, col)
        return (rows[-1] - rows[0]) * (cols[-1] - cols[0])

    def _within(self, name: str, value: int, count: int) -> int:
        if type(value) is not int or not 0 <= value < count:
            raise ValueError(
                f"tile: {name} must be a whole number from 0 to {count - 1}, got {value!r}"
            )
        return value


def tile(
    view: MatrixView, level: int, row: int, col: int, reduce: Reduce = "mean", *, head: int = 0
) -> Tile:
    """One tile of one head of the first sequence, in O(what it covers), or in O(factors) where means are made of
    factors. "mean" and "max" are those of `pooled`. For many tiles of a head give `view.one(head)`: what was found
    out about the rows then stays known."""
    if reduce not in get_args(Reduce):
        raise ValueError(f"reduce must be one of {', '.join(get_args(Reduce))}, got {reduce!r}")
    edges = Grid(*view.shape).edges(level, row, col)
    alone = view if (view.batch, view.heads, head) == (1, 1, 0) else view.one(head)
    with torch.no_grad():
        found = pool(alone, *edges, reduce, 0, ignore_progress, masks=True)
    return Tile(found.values[0], None if found.masked is None else found.masked[0])


def _edges(place: int, size: int, length: int) -> list[int]:
    start, stop = place * TILE * size, min((place + 1) * TILE * size, length)
    return [*range(start, stop, size), stop]
