"""A pattern as a small picture: how many pairs of each cell may interact, exactly, and by which part."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from attn_core.masks.anatomy import Anatomy
from attn_core.views import bin_edges


@dataclass(frozen=True, eq=False)
class Shares:
    """`edges` are where the bins of both axes begin, padding included; `pairs` (bins, bins) may interact, by_part
    (parts, bins, bins) by each part, a pair of two parts in both."""

    edges: Tensor
    parts: tuple[str, ...]
    pairs: Tensor
    by_part: Tensor

    @property
    def total(self) -> int:
        return int(self.pairs.sum())


def shares(anatomy: Anatomy, size: int) -> Shares:
    """Bins as `pooled` makes them. O(N) a bin of rows, whatever the pattern."""
    edges = bin_edges(0, anatomy.length, size)
    by_part, pairs = [], []
    for start, stop in pairwise(edges):
        parts, all_of_them = anatomy.coverage(slice(start, min(stop, anatomy.tokens)))
        by_part.append(_binned(parts, edges))
        pairs.append(_binned(all_of_them[None], edges)[0])
    return Shares(torch.tensor(edges), anatomy.parts, torch.stack(pairs), torch.stack(by_part, 1))


def _binned(counts: Tensor, edges: list[int]) -> Tensor:
    """In numpy, as the counts are made: see `RunAnatomy`."""
    sums = np.pad(counts.numpy().cumsum(1), ((0, 0), (1, 0)))
    return torch.from_numpy(np.diff(sums[:, np.minimum(edges, counts.shape[1])]))
