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
class Run:
    """Keys that rows see by one part of a pattern: low ≤ j < high where (j - phase) mod period < width.

    `low`, `high` and `phase` hold a number for every row, (R,), or `low` and `high` several, (R, k). A run that
    `repeats` lists keys that two others hold both, so that sums count them once. Stretches of `width` keys are
    whole, but for the last one of the sequence.
    """

    part: str
    low: Tensor
    high: Tensor
    period: int = 1
    phase: Tensor | int = 0
    width: int = 1
    repeats: bool = False

    def ends(self) -> tuple[Tensor, Tensor]:
        """The first stretch of every row that begins at `low` or after, and how many follow before `high`."""
        first = self.low
        if self.period > 1:
            first = first + (self.phase - first) % self.period
        return first, ((self.high - first + self.period - 1) // self.period).clamp_min(0)


@dataclass(frozen=True)
class Pattern:
    """`rule(i, j)` says whether query i may see key j, for index tensors that broadcast;
    `row_counts()` says how many keys each query sees, in closed form; `runs()` which those are, part by part."""

    queries: int
    keys: int
    rule: Rule
    row_counts: Callable[[], Tensor]
    runs: Callable[[], list[Run]] | None = None

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


def everything(queries: int, keys: int, causal: bool) -> Pattern:
    """Every pair, or every pair of the past: what exact attention computes."""

    def ends() -> Tensor:
        return torch.arange(1, queries + 1) if causal else torch.full((queries,), keys)

    def runs() -> list[Run]:
        return [Run("every pair", torch.zeros(queries, dtype=torch.long), ends())]

    def rule(i: Tensor, j: Tensor) -> Tensor:
        return (i >= 0) & (j >= 0)

    return Pattern(queries, keys, in_time(rule, causal), ends, runs)
