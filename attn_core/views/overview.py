"""The coarse levels of large matrices: made once, in one pass over all entries, and read from then on.

A tile of the levels below BASE is computed whenever it is asked for. One of those above would read millions of entries;
it is folded from the pixels of level BASE, which fit in memory at any length.
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
# Levels above this one are folded from it: from level BASE the highest would be folded from millions of pixels.
STAND = BASE + 2
# Up to here, 8,192 × 8,192, a pass takes no longer than a reader waits.
ON_THE_SPOT = 2**26
MASKED = "masked"
FOLDS = {"max": np.maximum, "all": np.logical_and}


def needs_overview(queries: int, keys: int) -> bool:
    """Whether the coarse levels are a job of their own."""
    return queries * keys > ON_THE_SPOT


@dataclass(frozen=True, eq=False)
class Overview:
    """Level BASE of one head: arrays named "exact mean", "method max", "exact masked" and so on; the same of level
    STAND, where there are levels above it, as "exact mean 6". Means that are made of factors, and differences of
    means, are not among them."""

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
        values = self._raised(f"{side} {reduce}", place, reduce)
        return Tile(values.float(), self._masked(side, place))

    def _masked(self, side: str, place: tuple[int, int, int]) -> Tensor | None:
        if side == "error":
            return both(self._masked("exact", place), self._masked("method", place))
        if f"{side} {MASKED}" not in self.arrays:
            return None
        masked = self._raised(f"{side} {MASKED}", place, "all")
        return masked if bool(masked.any()) else None

    def standing(self) -> dict[str, NDArray]:
        """The arrays of level STAND, where there are levels above it."""
        grid = Grid(*self.exact.shape)
        if grid.levels <= STAND + 1:
            return {}
        rows, cols = grid.tiles(STAND)
        return {
            f"{name} {STAND}": np.block(
                [
                    [
                        self._raised(name, (STAND, r, c), _fold_of(name)).numpy()
                        for c in range(cols)
                    ]
                    for r in range(rows)
                ]
            )
            for name in self.arrays
        }

    def _raised(self, name: str, place: tuple[int, int, int], fold: str) -> Tensor:
        """The pixels of a tile from those of a level below; the last ones count for what they cover."""
        level, row, col = place
        edges = Grid(*self.exact.shape).edges(level, row, col)
        stands = level > STAND and f"{name} {STAND}" in self.arrays
        array = self.arrays[f"{name} {STAND}" if stands else name]
        base = 2 ** (STAND if stands else BASE)
        starts, weights, parts = [], [], []
        for one in edges:
            pixels = np.arange(one[0] // base, -(-one[-1] // base))
            parts.append(slice(pixels[0], pixels[-1] + 1))
            weights.append(np.minimum((pixels + 1) * base, one[-1]) - pixels * base)
            starts.append(np.array(one[:-1]) // base - pixels[0])
        found = np.asarray(array[parts[0], parts[1]])
        if level == BASE:
            return torch.from_numpy(found.copy())
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
    return Overview(exact, method, arrays | Overview(exact, method, arrays).standing())
