"""How an axis is cut into bins, and the strips in which those bins are read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np
import torch
from torch import Tensor

Reduce = Literal["mean", "max"]


def bin_edges(start: int, stop: int, size: int) -> list[int]:
    """Where the bins of `pooled` begin, and where the last one ends."""
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise ValueError(f"size must be an integer of at least 1, got {size!r}")
    span = stop - start
    bins = min(size, span)
    return [start + b * span // bins for b in range(bins + 1)]


@dataclass(frozen=True)
class Strip:
    """Neighbouring entries of an axis read together: whole bins from bin `first` on, or a piece of one bin
    that is too wide to be read at once. `edges` are those of the whole bins."""

    start: int
    stop: int
    first: int
    edges: list[int]

    @property
    def part(self) -> slice:
        return slice(self.start, self.stop)

    @property
    def bins(self) -> slice:
        return slice(self.first, self.first + len(self.edges) - 1)

    def fold(self, block: Tensor, reduce: Reduce) -> Tensor:
        """(H, length, width) to (H, bins, width): each bin's maximum, or what this strip adds to its mean."""
        if self._even:
            bins = block.unflatten(1, (len(self.edges) - 1, -1))
            share = 1 / (self.edges[1] - self.edges[0])
            return bins.amax(2) if reduce == "max" else bins.sum(2).mul_(share)
        members, shares = self._members
        gathered = block[:, members.to(block.device)]
        if reduce == "max":
            return gathered.amax(2)
        return gathered.mul_(shares[..., None].to(block)).sum(2)

    @cached_property
    def _even(self) -> bool:
        """Whether all bins are as wide and lie here whole, or there is but one: then nothing need be gathered."""
        whole = self.start == self.edges[0] and self.stop == self.edges[-1]
        return len(self.edges) == 2 or (whole and len(set(np.diff(self.edges).tolist())) == 1)

    @cached_property
    def _members(self) -> tuple[Tensor, Tensor]:
        """(bins, widest): the entries of every bin, and what each counts for in the bin's mean. Widths
        differ, so narrower bins repeat their last entry, counting for nothing."""
        edges = torch.tensor(self.edges)
        inside = edges.clamp(self.start, self.stop) - self.start
        offsets = torch.arange(int(inside.diff().max()))
        members = torch.minimum(inside[:-1, None] + offsets, inside[1:, None] - 1)
        real = offsets < inside.diff()[:, None]
        return members, real.double() / edges.diff()[:, None]


def cut(edges: list[int], longest: int) -> list[Strip]:
    """Strips of at most `longest` entries that together cover all bins."""
    strips: list[Strip] = []
    first = 0
    for b, (low, high) in enumerate(pairwise(edges)):
        if high - edges[first] > longest and first < b:
            strips.append(Strip(edges[first], low, first, edges[first : b + 1]))
            first = b
        if high - low > longest:
            pieces = range(low, high, longest)
            strips += [Strip(at, min(at + longest, high), b, [low, high]) for at in pieces]
            first = b + 1
    if first < len(edges) - 1:
        strips.append(Strip(edges[first], edges[-1], first, edges[first:]))
    return strips
