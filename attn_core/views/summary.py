"""What an attention matrix does on the whole: how sharp, how local, how much of it sits on a few keys."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from attn_core.matrix import MatrixView, widen
from attn_core.views.blocks import BLOCK_ENTRIES, Progress, ignore_progress
from attn_core.views.metric import Metric, heads_without, why_not_distributions
from attn_core.views.pooling import check_batch, check_part

SINK_KEYS = (1, 4)
TOP_KEYS = (1, 8, 64)


@dataclass(frozen=True, eq=False)
class Statistics:
    """One sequence's matrices, summarised per head. Rows that are zero throughout (nothing to attend to)
    are counted in `empty_rows` and left out of every mean over rows."""

    rows: tuple[int, int]
    empty_rows: Tensor  # (H,)
    entropy: Metric  # (H,), mean of row_entropy
    row_entropy: Metric  # (H, rows), of each row scaled to sum to one; 0 for an empty row
    distance_profile: Metric  # (H, max(N, M)): mean weight at |i-j|, 0 where distance_pairs is 0
    distance_pairs: Tensor  # (max(N, M),): how many pairs of the chosen rows lie at that distance
    sink_keys: tuple[int, ...]
    sink_mass: Metric  # (H, sink_keys): mean weight a row puts on the first key, the first four
    top_keys: tuple[int, ...]
    top_mass: (
        Metric  # (H, top_keys): mean share of a row's total magnitude in its k largest magnitudes
    )
    negative_mass: Metric  # (H,): share of all magnitude that is negative


def statistics(
    view: MatrixView,
    rows: slice = slice(None),
    on_progress: Progress | None = None,
    *,
    batch: int = 0,
) -> Statistics:
    """Summary of some rows (all by default), read strip by strip: O(strip · M) memory at any length.

    What has no meaning for a matrix (the entropy of rows that are not distributions) is undefined, with the
    reason. `on_progress(done, total)` behaves as in `pooled`.
    """
    check_batch(view, batch)
    start, stop = check_part("rows", rows, view.shape[0])
    report = on_progress or ignore_progress
    keys = view.shape[1]
    sums = _Sums(view, start, stop)
    # No taller than wide: summing along diagonals pads a strip to its height plus its width.
    height = max(1, min(BLOCK_ENTRIES // (view.batch * view.heads * keys), max(keys, 64)))
    strips = range(start, stop, height)
    with torch.no_grad():
        for done, first in enumerate(strips, start=1):
            last = min(first + height, stop)
            sums.add(first, widen(view.block(slice(first, last), slice(None))[batch]))
            report(done, len(strips))
    return sums.result()


class _Sums:
    """What accumulates while strips go by; all of it O(rows + M) per head, in fp64."""

    def __init__(self, view: MatrixView, start: int, stop: int) -> None:
        self.start, self.stop = start, stop
        self.queries, self.keys = view.shape
        self.no_entropy = why_not_distributions(view)
        self.sink_keys = _up_to(SINK_KEYS, self.keys)
        self.top_keys = _up_to(TOP_KEYS, self.keys)
        self.distances = torch.zeros(
            (view.heads, max(view.shape)), dtype=torch.float64, device=view.device
        )
        self.negative = self.distances.new_zeros(view.heads)
        self.total = self.distances.new_zeros(view.heads, stop - start)
        self.entropy = torch.zeros_like(self.total)
        self.sink = self.total.new_zeros((*self.total.shape, len(self.sink_keys)))
        self.top = self.total.new_zeros((*self.total.shape, len(self.top_keys)))

    def add(self, first: int, strip: Tensor) -> None:
        """`strip` is (H, r, M), its top row being row `first` of the matrix."""
        rows = slice(first - self.start, first - self.start + strip.shape[1])
        magnitude = strip.abs()
        total = magnitude.sum(-1, dtype=torch.float64)
        safe = total.masked_fill(total == 0, 1.0)
        # Every row is scaled to sum to one exactly: with p = w/total, -Σ p ln p is this.
        entropy = torch.special.entr(magnitude).sum(-1, dtype=torch.float64) / safe + safe.log()
        largest = magnitude.topk(self.top_keys[-1]).values.cumsum(-1, dtype=torch.float64)
        leading = strip[..., : self.sink_keys[-1]].cumsum(-1, dtype=torch.float64)
        self.total[:, rows] = total
        self.entropy[:, rows] = entropy.masked_fill(total == 0, 0.0).clamp(min=0.0)
        self.top[:, rows] = largest[..., [k - 1 for k in self.top_keys]] / safe[..., None]
        self.sink[:, rows] = leading[..., [k - 1 for k in self.sink_keys]]
        self.negative -= strip.clamp(max=0).sum((-2, -1), dtype=torch.float64)
        diagonals = _diagonal_sums(strip)
        offset = (
            torch.arange(diagonals.shape[1], device=strip.device) - (strip.shape[1] - 1) - first
        )
        self.distances.index_add_(1, offset.abs(), diagonals)

    def result(self) -> Statistics:
        filled = self.total != 0
        no_rows = heads_without(filled.any(-1), "a row that is not empty")
        pairs = _pairs_at_distance(self.start, self.stop, self.queries, self.keys)
        pairs = pairs.to(self.distances.device)

        def mean(values: Tensor, unit: str, why_not: str = "") -> Metric:
            """Over the rows that are not empty; an empty row's values are zeros, and add nothing."""
            count = filled.sum(1).reshape(-1, *[1] * (values.dim() - 2))
            return Metric.measured(values.sum(1) / count, unit, why_not or no_rows)

        return Statistics(
            rows=(self.start, self.stop),
            empty_rows=(~filled).sum(-1),
            entropy=mean(self.entropy, "nats", self.no_entropy),
            row_entropy=Metric.measured(self.entropy, "nats", self.no_entropy),
            distance_profile=Metric.measured(self.distances / pairs.clamp(min=1), "weight"),
            distance_pairs=pairs,
            sink_keys=self.sink_keys,
            sink_mass=mean(self.sink, "weight"),
            top_keys=self.top_keys,
            top_mass=mean(self.top, "share"),
            negative_mass=Metric.measured(self.negative / self.total.sum(-1), "share", no_rows),
        )


def _up_to(counts: tuple[int, ...], keys: int) -> tuple[int, ...]:
    return tuple(sorted({min(count, keys) for count in counts}))


def _diagonal_sums(strip: Tensor) -> Tensor:
    """(H, r, c) to (H, r + c - 1): sums over j - i = -(r-1) … c-1. Padding every row by r and reading the
    memory with rows one entry shorter moves each row one place further, so diagonals become columns."""
    heads, height, width = strip.shape
    padded = F.pad(strip.flip(1), (0, height)).flatten(1)
    skewed = padded[:, : height * (width + height - 1)].view(heads, height, width + height - 1)
    return skewed.sum(1, dtype=torch.float64)


def _pairs_at_distance(start: int, stop: int, queries: int, keys: int) -> Tensor:
    """How many pairs (i, j) with start ≤ i < stop lie at each |i - j|."""
    distance = torch.arange(max(queries, keys))
    before = (distance + keys).clamp(max=stop) - distance.clamp(min=start)
    after = (keys - distance).clamp(max=stop) - start
    after[0] = 0
    return before.clamp(min=0) + after.clamp(min=0)
