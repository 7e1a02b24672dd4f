"""Any part of an attention matrix as a small picture, without ever holding the matrix.

Mean pooling commutes with the product: where the matrix is left @ right, pooling the rows of `left` and the
columns of `right` is pooling the matrix, in O(N·r). Everything else is read block by block, folded, forgotten.
"""

from __future__ import annotations

from typing import get_args

import torch
from torch import Tensor

from attn_core.matrix import MatrixView
from attn_core.patterns import bounds
from attn_core.views.bins import Reduce, bin_edges
from attn_core.views.blocks import Progress, ignore_progress, pool


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
    with torch.no_grad():
        report = on_progress or ignore_progress
        return pool(view, row_edges, col_edges, reduce, batch, report).values


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
