"""Any part of an attention matrix as a small picture, without ever holding the matrix.

Mean pooling commutes with the product: where the matrix is left @ right, pooling the rows of `left` and the
columns of `right` is pooling the matrix, in O(N·r). Everything else is read block by block, folded, forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt
from typing import get_args

import torch
from torch import Tensor

from attn_core.matrix import MatrixView, widen
from attn_core.patterns import bounds
from attn_core.views.bins import Reduce, Strip, bin_edges, cut

Progress = Callable[[int, int], None]

# A block holds at most this many entries over all batches and heads: 8 MiB in fp32. Reading and folding one
# keeps a handful of copies alive, which stays under 64 MiB.
BLOCK_ENTRIES = 2**21


def pooled(
    view: MatrixView,
    rows: slice,
    cols: slice,
    size: int,
    reduce: Reduce = "mean",
    on_progress: Progress | None = None,
    *,
    batch: int = 0,
) -> Tensor:
    """Part of one sequence's matrices as (H, ≤size, ≤size) in fp32, for drawing.

    Each axis is cut into min(size, span) bins, bin b covering start + [b·span // bins, (b+1)·span // bins):
    every entry lies in exactly one bin, widths differ by at most one, and a span no longer than `size` gets
    one bin per entry. "mean" is the true mean of a bin, "max" its largest value (in signed matrices too: the
    largest, not the largest in magnitude). `on_progress(done, total)` is called as work advances, never
    backwards, last with done == total; an exception it raises stops the work.
    """
    if reduce not in get_args(Reduce):
        allowed = ", ".join(map(repr, get_args(Reduce)))
        raise ValueError(f"reduce must be one of {allowed}, got {reduce!r}")
    check_batch(view, batch)
    row_edges = bin_edges(*check_part("rows", rows, view.shape[0]), size)
    col_edges = bin_edges(*check_part("cols", cols, view.shape[1]), size)
    report = on_progress or ignore_progress
    with torch.no_grad():
        factors = view.factors() if reduce == "mean" else None
        if factors is not None:
            left, right = factors[0][batch], factors[1][batch].transpose(-2, -1)
            return _pool_factors(left, right, row_edges, col_edges, report)
        return _pool_blocks(view, row_edges, col_edges, reduce, batch, report)


def ignore_progress(done: int, total: int) -> None:
    """Stands in where nobody listens."""


def check_batch(view: MatrixView, batch: int) -> None:
    if isinstance(batch, bool) or not isinstance(batch, int) or not 0 <= batch < view.batch:
        raise ValueError(f"batch must be an integer from 0 to {view.batch - 1}, got {batch!r}")


def check_part(name: str, part: slice, length: int) -> tuple[int, int]:
    """Start and stop of a part of an axis that holds at least one entry."""
    if not isinstance(part, slice):
        raise ValueError(f"{name} must be a slice of step 1, got {part!r}")
    try:
        start, stop = bounds(part, length)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a slice of integers with step 1, got {part!r}") from None
    if start == stop:
        raise ValueError(f"{name} must select something of 0 to {length}, got {part!r}")
    return start, stop


def _pool_factors(
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


def _pool_blocks(
    view: MatrixView,
    row_edges: list[int],
    col_edges: list[int],
    reduce: Reduce,
    batch: int,
    report: Progress,
) -> Tensor:
    entries = max(1, BLOCK_ENTRIES // (view.batch * view.heads))
    height = min(isqrt(entries), row_edges[-1] - row_edges[0])
    row_strips, col_strips = cut(row_edges, height), cut(col_edges, entries // height)
    merge, start = (torch.add, 0.0) if reduce == "mean" else (torch.maximum, -torch.inf)
    shape = view.heads, len(row_edges) - 1, len(col_edges) - 1
    out = torch.full(shape, start, dtype=torch.float32, device=view.device)
    is_empty = _emptiness(view)
    done = 0
    for i in row_strips:
        band = out[:, i.bins].double()
        for j in col_strips:
            cells = band[:, :, j.bins]
            if is_empty(i, j):
                merge(cells, cells.new_zeros(()), out=cells)
            else:
                block = i.fold(view.block(i.part, j.part)[batch], reduce).transpose(1, 2)
                merge(cells, j.fold(block, reduce).transpose(1, 2).double(), out=cells)
            done += 1
            report(done, len(row_strips) * len(col_strips))
        out[:, i.bins] = band
    return out


def _emptiness(view: MatrixView) -> Callable[[Strip, Strip], bool]:
    """A cheap test for blocks that hold only zeros and need not be read. Asking the rule of a static pattern
    costs a small part of reading the block; one that depends on the data costs as much, so is not asked."""
    pattern = view.pattern
    static = pattern is not None and pattern.block(slice(0, 1), slice(0, 1)).dim() == 2

    def is_empty(i: Strip, j: Strip) -> bool:
        if view.causal and j.start >= i.stop:
            return True
        return static and pattern is not None and not bool(pattern.block(i.part, j.part).any())

    return is_empty
