"""The coarse levels of large matrices: made once, in one pass over all entries, and read from then on.

A tile of the levels below BASE is computed whenever it is asked for. One of those above would read millions of entries:
its pixels are kept, those of level BASE from a pass over all entries, those of each level above from the one below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from attn_core.matrix import MatrixView
from attn_core.views.bins import Reduce
from attn_core.views.blocks import Progress, both, ignore_progress, pool_blocks
from attn_core.views.difference import DifferenceView
from attn_core.views.tiles import Grid, Tile, tile
from attn_core.views.together import NAMES, SideBySide, difference

# Tiles below this level cover at most 2^22 entries: a tenth of a second, or a few, of two cores.
BASE = 4
# Up to here, 8,192 × 8,192, a pass takes no longer than a reader waits.
ON_THE_SPOT = 2**26
MASKED = "masked"
FOLDS = {"max": np.maximum, "all": np.logical_and}


def needs_overview(queries: int, keys: int) -> bool:
    """Whether the coarse levels are a job of their own."""
    return queries * keys > ON_THE_SPOT


@dataclass(frozen=True, eq=False)
class Overview:
    """Level BASE of one head: arrays named "exact mean", "method max", "exact masked" and so on; the same of the levels
    above as "exact mean 6". Means that are made of factors, and differences of means, are not among them."""

    exact: MatrixView
    method: MatrixView | None
    arrays: Mapping[str, NDArray] = field(default_factory=dict)

    def tile(self, side: str, level: int, row: int, col: int, reduce: Reduce) -> Tile:
        """A tile of level BASE or above."""
        place = level, row, col
        if (side, reduce) == ("error", "mean"):
            return difference(*(self.tile(one, *place, reduce) for one in ("method", "exact")))
        if f"{side} {reduce}" not in self.arrays and self.method is not None:
            return tile(self.method, *place, reduce)
        values = self._raised(f"{side} {reduce}", place)
        return Tile(values.float(), self._masked(side, place))

    def _masked(self, side: str, place: tuple[int, int, int]) -> Tensor | None:
        if side == "error":
            return both(self._masked("exact", place), self._masked("method", place))
        if f"{side} {MASKED}" not in self.arrays:
            return None
        masked = self._raised(f"{side} {MASKED}", place)
        return masked if bool(masked.any()) else None

    def pyramid(self) -> dict[str, NDArray]:
        """The arrays of every level from BASE on, each folded from the one below it."""
        grid, known = Grid(*self.exact.shape), dict(self.arrays)
        for level in range(BASE + 1, grid.levels):
            below = Overview(self.exact, self.method, dict(known))
            rows, cols = grid.tiles(level)
            for name in self.arrays:
                tiles = [
                    [below._raised(name, (level, row, col)).numpy() for col in range(cols)]
                    for row in range(rows)
                ]
                known[f"{name} {level}"] = np.block(tiles).astype(self.arrays[name].dtype)
        return known

    def _raised(self, name: str, place: tuple[int, int, int]) -> Tensor:
        """The pixels of a tile, from the highest level that is kept and not above it; the last ones count for what
        they cover."""
        level, row, col = place
        kept = max(
            at for at in range(BASE, level + 1) if at == BASE or f"{name} {at}" in self.arrays
        )
        array, size = self.arrays[name if kept == BASE else f"{name} {kept}"], 2**kept
        starts, weights, parts = [], [], []
        for one in Grid(*self.exact.shape).edges(level, row, col):
            pixels = np.arange(one[0] // size, -(-one[-1] // size))
            parts.append(slice(pixels[0], pixels[-1] + 1))
            weights.append(np.minimum((pixels + 1) * size, one[-1]) - pixels * size)
            starts.append(np.array(one[:-1]) // size - pixels[0])
        found = np.asarray(array[parts[0], parts[1]])
        if kept == level:
            return torch.from_numpy(found.copy())
        fold = _fold_of(name)
        for axis in (0, 1):
            if fold in FOLDS:
                found = FOLDS[fold].reduceat(found, starts[axis], axis)
                continue
            weight = np.expand_dims(weights[axis], 1 - axis).astype(found.dtype)
            whole = np.add.reduceat(weights[axis], starts[axis])
            found = np.add.reduceat(found * weight, starts[axis], axis, dtype=np.float64)
            found /= np.expand_dims(whole, 1 - axis)
        return torch.from_numpy(found)


def _fold_of(name: str) -> str:
    kind = name.split()[1]
    return "all" if kind == MASKED else kind


def survey(
    exact: MatrixView, method: MatrixView | None, on_progress: Progress = ignore_progress
) -> Overview:
    """One head's overview, mean and maximum of all sides in one pass. An exception of `on_progress` stops it."""
    beside = [exact] if method is None else [exact, method, DifferenceView(method, exact)]
    edges = [[*range(0, length, 2**BASE), length] for length in exact.shape]
    with torch.no_grad():
        mean, largest = pool_blocks(
            SideBySide(beside), edges[0], edges[1], ("mean", "max"), 0, on_progress, masks=True
        )
    arrays: dict[str, NDArray] = {}
    for place, side in enumerate(NAMES[: len(beside)]):
        view = beside[place]
        if side != "error" and view.factors() is None:
            arrays[f"{side} mean"] = mean.values[place].cpu().numpy()
        arrays[f"{side} max"] = largest.values[place].cpu().numpy()
        if side != "error" and mean.masked is not None and bool(mean.masked[place].any()):
            arrays[f"{side} {MASKED}"] = mean.masked[place].cpu().numpy()
    return Overview(exact, method, Overview(exact, method, arrays).pyramid())
