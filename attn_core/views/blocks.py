"""Pooling a matrix over bins of rows and columns: by its factors, or block by block, each read once and forgotten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isqrt

import torch
from torch import Tensor

from attn_core.matrix import MatrixView, widen
from attn_core.views.bins import Reduce, Strip, cut
from attn_core.views.difference import DifferenceView

Progress = Callable[[int, int], None]

# A block holds at most this many entries over all batches and heads: 8 MiB in fp32. Reading and folding one
# keeps a handful of copies alive, which stays under 64 MiB.
BLOCK_ENTRIES = 2**21
# Into how many steps the progress of two pieces of work is cut.
STEPS = 1000


@dataclass(frozen=True, eq=False)
class Pooled:
    """(H, bins, bins): pooled values in fp32, and the bins in which no pair may interact; None if there is none."""

    values: Tensor
    masked: Tensor | None


def ignore_progress(done: int, total: int) -> None:
    """Stands in where nobody listens."""


def pool(
    view: MatrixView,
    row_edges: list[int],
    col_edges: list[int],
    reduce: Reduce,
    batch: int,
    report: Progress,
    masks: bool = False,
) -> Pooled:
    """One sequence's matrices over the bins between the edges; `masks` asks for the masked bins too."""
    edges = row_edges, col_edges
    if reduce == "mean" and isinstance(view, DifferenceView):
        halves = [
            pool(one, *edges, reduce, batch, _half(report, place), masks)
            for place, one in enumerate((view.method, view.exact))
        ]
        return Pooled(halves[0].values - halves[1].values, both(*(one.masked for one in halves)))
    factors = view.factors() if reduce == "mean" else None
    if factors is None:
        return pool_blocks(view, *edges, (reduce,), batch, report, masks)[0]
    left, right = factors[0][batch], factors[1][batch].transpose(-2, -1)
    masked = _masked(view, *edges, batch) if masks else None
    return Pooled(pool_factors(left, right, *edges, report), masked)


def both(one: Tensor | None, other: Tensor | None) -> Tensor | None:
    """Masked in the one and in the other."""
    return None if one is None or other is None else one & other


def pool_factors(
    left: Tensor, right: Tensor, row_edges: list[int], col_edges: list[int], report: Progress
) -> Tensor:
    """`left` (H, N, r) and `right` (H, M, r), each averaged over its bins, then multiplied once."""
    longest = max(1, BLOCK_ENTRIES // (left.shape[0] * left.shape[2]))
    row_strips, col_strips = cut(row_edges, longest), cut(col_edges, longest)
    means = [
        left.new_zeros((left.shape[0], len(edges) - 1, left.shape[2]), dtype=torch.float64)
        for edges in (row_edges, col_edges)
    ]
    steps = [(left, means[0], strip) for strip in row_strips]
    steps += [(right, means[1], strip) for strip in col_strips]
    for done, (factor, mean, strip) in enumerate(steps, start=1):
        mean[:, strip.bins] += strip.fold(widen(factor[:, strip.part]), "mean")
        report(done, len(steps))
    return (means[0] @ means[1].transpose(-2, -1)).float()


def pool_blocks(
    view: MatrixView,
    row_edges: list[int],
    col_edges: list[int],
    reduces: Sequence[Reduce],
    batch: int,
    report: Progress,
    masks: bool = False,
) -> list[Pooled]:
    """For each of `reduces` the map, from one pass over the matrix. Blocks that allow nothing are not read."""
    row_strips, col_strips = strips(view, row_edges, col_edges)
    shape = view.heads, len(row_edges) - 1, len(col_edges) - 1
    starts = [0.0 if reduce == "mean" else -torch.inf for reduce in reduces]
    outs = [torch.full(shape, start, device=view.device) for start in starts]
    masked = torch.ones(shape, dtype=torch.bool, device=view.device) if masks else None
    done = 0
    for i in row_strips:
        bands = [out[:, i.bins].double() for out in outs]
        for j in col_strips:
            mask = allowed(view, i, j)
            empty = mask is not None and not bool(mask.any())
            block = None if empty else _entries(view, i, j, mask)[batch]
            for band, reduce in zip(bands, reduces, strict=True):
                _merge(band[:, :, j.bins], block, i, j, reduce)
            if masked is not None and not empty:
                masked[:, i.bins, j.bins] &= ~_folded_mask(mask, i, j, batch)
            done += 1
            report(done, len(row_strips) * len(col_strips))
        for out, band in zip(outs, bands, strict=True):
            out[:, i.bins] = band
    some = masked if masked is not None and bool(masked.any()) else None
    return [Pooled(out, some) for out in outs]


def strips(
    view: MatrixView, row_edges: list[int], col_edges: list[int]
) -> tuple[list[Strip], list[Strip]]:
    """The rows and the columns of blocks that are small enough to be held."""
    entries = max(1, BLOCK_ENTRIES // (view.batch * view.heads))
    height = min(isqrt(entries), row_edges[-1] - row_edges[0])
    return cut(row_edges, height), cut(col_edges, entries // height)


def allowed(view: MatrixView, i: Strip, j: Strip) -> Tensor | None:
    """The mask of a block; where the future begins, without looking at every pair."""
    if view.causal and j.start >= i.stop:
        return torch.zeros((1, 1), dtype=torch.bool, device=view.device)
    return view.allowed((i.start, i.stop), (j.start, j.stop))


def _entries(view: MatrixView, i: Strip, j: Strip, mask: Tensor | None) -> Tensor:
    return view.entries((i.start, i.stop), (j.start, j.stop), mask)


def _merge(cells: Tensor, block: Tensor | None, i: Strip, j: Strip, reduce: Reduce) -> None:
    """Puts a block into the bins that it is part of; None stands for zeros."""
    merge = torch.add if reduce == "mean" else torch.maximum
    if block is None:
        merge(cells, cells.new_zeros(()), out=cells)
    else:
        merge(cells, _folded(block, i, j, reduce).double(), out=cells)


def _folded(block: Tensor, i: Strip, j: Strip, reduce: Reduce) -> Tensor:
    return j.fold(i.fold(block, reduce).transpose(1, 2), reduce).transpose(1, 2)


def _folded_mask(mask: Tensor | None, i: Strip, j: Strip, batch: int) -> Tensor:
    """Whether anything of a bin is allowed, over (H or 1, bins, bins); a mask may be (r, c), or for each sample."""
    if mask is None:
        return torch.ones((), dtype=torch.bool)
    mask = mask[None] if mask.dim() == 2 else mask[batch if mask.shape[0] > 1 else 0]
    return _folded(mask.expand(-1, i.stop - i.start, j.stop - j.start), i, j, "max")


def _masked(
    view: MatrixView, row_edges: list[int], col_edges: list[int], batch: int
) -> Tensor | None:
    """The masked bins alone. A view without any rule is not asked."""
    if view.pattern is None and view.key_keep is None and not view.causal:
        return None
    shape = view.heads, len(row_edges) - 1, len(col_edges) - 1
    masked = torch.ones(shape, dtype=torch.bool, device=view.device)
    row_strips, col_strips = strips(view, row_edges, col_edges)
    for i in row_strips:
        for j in col_strips:
            mask = allowed(view, i, j)
            masked[:, i.bins, j.bins] &= ~_folded_mask(mask, i, j, batch).to(view.device)
    return masked if bool(masked.any()) else None


def _half(report: Progress, place: int) -> Progress:
    """Progress of the first or the second half of the work."""
    return lambda done, total: report((STEPS * done // total + STEPS * place) // 2, STEPS)
