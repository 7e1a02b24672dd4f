"""Which positions of a sequence each tile holds, and how to read and write them without copying.

A tile is a small set of queries or keys. Almost every sparse pattern is made of tiles whose positions are
affine, `start + tile·tile_step + row·row_step`: bands, dilated classes, blocks, single rows. Those are strided
views of the sequence itself, so that nothing is padded, gathered or masked to fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor


@dataclass(frozen=True)
class Affine:
    """Tiles at regular distances; overlapping tiles are fine for keys."""

    start: int
    tiles: int
    width: int
    tile_step: int = 0
    row_step: int = 1

    def part(self, first: int, last: int) -> Affine:
        return replace(self, start=self.start + first * self.tile_step, tiles=last - first)

    def positions(self, device: torch.device) -> Tensor:
        """(tiles, width)"""
        tile = torch.arange(self.tiles, device=device)[:, None] * self.tile_step
        return self.start + tile + torch.arange(self.width, device=device) * self.row_step

    def read(self, x: Tensor) -> Tensor:
        """(G, L, …) → (G, tiles, width, …), a view."""
        row = x.stride(1)
        return x.as_strided(
            (x.shape[0], self.tiles, self.width, *x.shape[2:]),
            (x.stride(0), self.tile_step * row, self.row_step * row, *x.stride()[2:]),
            x.storage_offset() + self.start * row,
        )

    def add(self, x: Tensor, tiles: Tensor) -> None:
        """Add (G, tiles, width, …) back into x (G, L, …), overlaps included."""
        if self.tiles > 1 and self.tile_step == 0:
            replace(self, tiles=1).read(x).add_(tiles.sum(1, keepdim=True))
            return
        step, off_grid = divmod(self.tile_step, self.row_step)
        overlapping = self.tiles > 1 and not off_grid and step < self.width
        if not overlapping:
            self.read(x).add_(tiles)
            return
        # Strips one step wide do not overlap each other, so each is one plain addition.
        for first in range(0, self.width, step):
            strip = min(step, self.width - first)
            slots = replace(self, start=self.start + first * self.row_step, width=strip)
            slots.read(x).add_(tiles[:, :, first : first + strip])


def every_query(length: int, keys: Affine, rows: int = 1024) -> list[tuple[Affine, Affine]]:
    """(queries, keys) that set every query against the same keys, some rows at a time."""
    full, rest = divmod(length, rows)
    stacks = []
    if full:
        stacks.append((Affine(0, full, rows, rows), replace(keys, tiles=full)))
    if rest:
        stacks.append((Affine(full * rows, 1, rest), keys))
    return stacks


def residue_classes(length: int, step: int) -> list[Affine]:
    """The positions with equal remainder modulo `step`, one tile each; remainders with one position more
    come first, as a stack of their own."""
    short, longer = divmod(length, step)
    stacks = [Affine(0, longer, short + 1, 1, step)] if longer else []
    return stacks + ([Affine(longer, step - longer, short, 1, step)] if short else [])


def band_stacks(
    length: int, left: int, right: int, tile: int, dilation: int = 1, ratio: int = 1
) -> list[tuple[Affine, Affine]]:
    """(queries, keys) that cover a band from `left` before to `right` after each tile of queries.

    Steps are counted in positions `dilation` apart, each residue class alone; keys may be coarser than queries,
    one for every `ratio` positions. Tiles that lie fully inside the sequence form one stack; those at its
    edges stand alone, cut to the keys that exist.
    """
    stacks = []
    for residue in range(min(dilation, length)):
        rows = -(-(length - residue) // dilation)
        stacks += _class_band(residue, rows, left, right, tile, dilation, ratio)
    return stacks


def _class_band(
    residue: int, rows: int, left: int, right: int, tile: int, dilation: int, ratio: int
) -> Iterator[tuple[Affine, Affine]]:
    def slots(start: int, stop: int, tiles: int = 1, step: int = 0) -> Affine:
        first = residue + start * dilation
        return Affine(first, tiles, stop - start, step * dilation, dilation)

    keys, key_tile = -(-rows // ratio), tile // ratio
    inside_first = -(-left // key_tile)
    inside_last = max(inside_first, min(rows // tile, (keys - right) // key_tile))
    if inside_last > inside_first:
        start, count = inside_first * tile, inside_last - inside_first
        span = (start // ratio - left, start // ratio + key_tile + right)
        yield slots(start, start + tile, count, tile), slots(*span, count, key_tile)
    edges = [*range(0, min(inside_first * tile, rows), tile)]
    edges += range(inside_last * tile, rows, tile)
    for start in edges:
        stop = min(start + tile, rows)
        span = (max(0, start // ratio - left), min(keys, -(-stop // ratio) + right))
        yield slots(start, stop), slots(*span)


@dataclass(frozen=True)
class Blocks:
    """Key tiles made of whole blocks of `block` positions, listed by number; -1 marks an empty place, which reads
    block 0 and must be masked. Whole blocks are gathered as long rows, which is copying at full speed; the
    sequence must be a whole number of blocks long."""

    index: Tensor
    block: int

    @property
    def tiles(self) -> int:
        return self.index.shape[0]

    @property
    def width(self) -> int:
        return self.index.shape[1] * self.block

    def part(self, first: int, last: int) -> Blocks:
        return Blocks(self.index[first:last], self.block)

    def positions(self, device: torch.device) -> Tensor:
        """(tiles, width), -1 in empty places."""
        index = self.index.to(device)[:, :, None]
        tokens = index * self.block + torch.arange(self.block, device=device)
        return torch.where(index >= 0, tokens, -1).flatten(1)

    def read(self, x: Tensor) -> Tensor:
        rows = select_rows(x.unflatten(1, (-1, self.block)).flatten(2), self._flat(x))
        return rows.view(x.shape[0], self.tiles, self.width, *x.shape[2:])

    def add(self, x: Tensor, tiles: Tensor) -> None:
        """Empty places must carry zeros, which a masked softmax gives."""
        flat = self._flat(x)
        rows = x.view(x.shape[0], -1, self.block * x.shape[2])
        rows.index_add_(1, flat, tiles.reshape(x.shape[0], len(flat), -1))

    def _flat(self, x: Tensor) -> Tensor:
        return self.index.clamp_min(0).flatten().to(x.device)


def select_rows(x: Tensor, index: Tensor) -> Tensor:
    """x (G, L, …) → (G, len(index), …). Along the first dimension a CPU copies rows half as fast again."""
    if x.shape[0] == 1:
        return x[0].index_select(0, index)[None]
    return x.index_select(1, index)
