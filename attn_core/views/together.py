"""Exact attention, a method and their difference at one place: what they share is read once."""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import Tensor

from attn_core.matrix import MatrixView
from attn_core.views.bins import Reduce
from attn_core.views.blocks import both, ignore_progress, pool
from attn_core.views.difference import DifferenceView
from attn_core.views.tiles import Grid, Tile, tile

NAMES = ("exact", "method", "error")


def tiles(
    exact: MatrixView,
    method: MatrixView,
    sides: Collection[str],
    level: int,
    row: int,
    col: int,
    reduce: Reduce = "mean",
) -> dict[str, Tile]:
    """The tiles of those sides, each as `tile` gives it, of views of one head."""
    place = level, row, col
    if "error" not in sides or len(sides) == 1:
        views = {"exact": exact, "method": method, "error": DifferenceView(method, exact)}
        return {side: tile(views[side], *place, reduce) for side in sides}
    if reduce == "mean":
        found = {side: tile(view, *place) for side, view in (("exact", exact), ("method", method))}
        found["error"] = difference(found["method"], found["exact"])
        return found
    # The largest difference is no difference of the largest: the entries themselves are needed.
    edges = Grid(*exact.shape).edges(*place)
    beside = SideBySide([exact, method, DifferenceView(method, exact)])
    with torch.no_grad():
        read = pool(beside, *edges, reduce, 0, ignore_progress, masks=True)
    masks = [None] * 3 if read.masked is None else list(read.masked)
    some = [mask if mask is not None and bool(mask.any()) else None for mask in masks]
    return {
        side: Tile(*one)
        for side, one in zip(NAMES, zip(read.values, some, strict=True), strict=True)
    }


def difference(method: Tile, exact: Tile) -> Tile:
    """Of means: a pixel is masked where neither allows anything."""
    return Tile(method.values - exact.values, both(method.masked, exact.masked))


class SideBySide(MatrixView):
    """One head each of several views, as the heads of one: exact attention, a method, their difference. Each block of
    the first two is read once."""

    def __init__(self, views: list[MatrixView]) -> None:
        first = views[0]
        self.views, self.batch, self.heads = views, 1, len(views)
        self.shape, self.device = first.shape, first.device
        self.causal = all(view.causal for view in views)

    def allowed(self, i: tuple[int, int], j: tuple[int, int]) -> Tensor | None:
        masks = [view.allowed(i, j) for view in self.views[:2]]
        if all(mask is None for mask in masks):
            return None
        shape = 1, 1, i[1] - i[0], j[1] - j[0]
        every = torch.ones((), dtype=torch.bool, device=self.device)
        spread = [(every if mask is None else mask).expand(shape) for mask in masks]
        return torch.cat(
            [*spread, spread[0] | spread[1]][: self.heads] if len(spread) > 1 else spread, 1
        )

    def read(self, i: tuple[int, int], j: tuple[int, int]) -> Tensor:
        return self.entries(i, j, self.allowed(i, j))

    def entries(self, i: tuple[int, int], j: tuple[int, int], mask: Tensor | None) -> Tensor:
        blocks: list[Tensor] = []
        for place, view in enumerate(self.views[:2]):
            mine = None if mask is None else mask[:, place : place + 1]
            if mine is not None and not bool(mine.any()):
                blocks.append(torch.zeros(1, 1, i[1] - i[0], j[1] - j[0], device=self.device))
            else:
                blocks.append(view.entries(i, j, mine))
        if self.heads == 3:
            blocks.append(blocks[1] - blocks[0])
        return torch.cat(blocks, 1)
