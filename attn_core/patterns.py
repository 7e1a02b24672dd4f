"""Which (query, key) pairs may interact, as a rule that is asked for, never an N×M mask that is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Rule = Callable[[Tensor, Tensor], Tensor]


def bounds(part: slice, length: int) -> tuple[int, int]:
    """Start and stop of a slice with step 1, clipped to the length."""
    start, stop, step = part.indices(length)
    if step != 1:
        raise ValueError(f"a block takes slices of step 1, got step {step}")
    return start, max(start, stop)


@dataclass(frozen=True)
class Pattern:
    """`rule(i, j)` says whether query i may see key j, for index tensors that broadcast;
    `row_counts()` says how many keys each query sees, in closed form."""

    queries: int
    keys: int
    rule: Rule
    row_counts: Callable[[], Tensor]

    def block(self, rows: slice, cols: slice, device: torch.device | None = None) -> Tensor:
        """The bool mask of one block, in O(block)."""
        i = torch.arange(*bounds(rows, self.queries), device=device)
        j = torch.arange(*bounds(cols, self.keys), device=device)
        return self.rule(i[:, None], j[None, :])

    def one(self, head: int, batch: int) -> Pattern:
        """The pattern of one head; a rule is the same for all of them."""
        return self

    def density(self) -> float:
        """The share of all pairs that interact."""
        return int(self.row_counts().sum()) / (self.queries * self.keys)


def in_time(rule: Rule, causal: bool) -> Rule:
    """The rule restricted to j ≤ i, or as it is."""
    return (lambda i, j: rule(i, j) & (j <= i)) if causal else rule
