"""What a pattern is made of, and three questions to it that cost O(N): how many rows of a strip see each key and
by which part, what a set of tokens sees at once, and what of packed bits lies before every token."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from attn_core.contract import AttentionMethod
from attn_core.patterns import Pattern, Run, everything

Bits = np.ndarray


class Anatomy(ABC):
    """A pattern over `tokens` real ones; padding behind them sees nothing and is seen by none. `ordered` says that
    rows side by side see much the same."""

    ordered = True

    def __init__(self, length: int, tokens: int, causal: bool, parts: Sequence[str]) -> None:
        if not 1 <= tokens <= length:
            raise ValueError(f"padding must leave from 1 to {length} tokens, got {tokens}")
        self.length, self.tokens, self.causal = length, tokens, causal
        self.parts = tuple(parts)

    @abstractmethod
    def coverage(self, rows: slice) -> tuple[Tensor, Tensor]:
        """(parts, tokens) and (tokens,): how many of these rows see a key by each part, and at all."""

    @abstractmethod
    def image(self, rows: Tensor) -> Tensor:
        """Of a set of tokens (bool): the keys that any of them sees."""

    @abstractmethod
    def gather(self, bits: Bits) -> Bits:
        """(tokens, words) of packed bits, one row a key: every query's own bits or those of any key it sees."""

    @abstractmethod
    def holders(self, i: int, j: int) -> tuple[str, ...]:
        """The parts by which query i sees key j; none where it does not."""


class RunAnatomy(Anatomy):
    """Of a pattern known without data."""

    def __init__(self, pattern: Pattern, tokens: int, causal: bool) -> None:
        if pattern.runs is None:
            raise ValueError("the pattern does not say which runs of keys it consists of")
        self.runs = [_cut(run, tokens) for run in pattern.runs()]
        parts = dict.fromkeys(run.part for run in self.runs if not run.repeats)
        super().__init__(pattern.queries, tokens, causal, list(parts))

    def coverage(self, rows: slice) -> tuple[Tensor, Tensor]:
        by_part = torch.zeros(len(self.parts), self.tokens, dtype=torch.long)
        total = torch.zeros(self.tokens, dtype=torch.long)
        for run in self.runs:
            found = covered(run, self.tokens, rows)
            if run.repeats:
                total -= found
            else:
                by_part[self.parts.index(run.part)] += found
                total += found
        return by_part, total

    def image(self, rows: Tensor) -> Tensor:
        chosen = rows.nonzero()[:, 0]
        seen = torch.zeros(self.tokens, dtype=torch.bool)
        for run in self.runs:
            if not run.repeats:
                seen |= covered(run, self.tokens, chosen) > 0
        return seen

    def gather(self, bits: Bits) -> Bits:
        found = bits.copy()
        for run in self.runs:
            if not run.repeats:
                _gather(run, bits, found)
        return found

    def holders(self, i: int, j: int) -> tuple[str, ...]:
        if i >= self.tokens:
            return ()
        return tuple(run.part for run in self.runs if not run.repeats and _holds(run, i, j))


def anatomy_of(
    method: AttentionMethod, length: int, tokens: int, causal: bool, **params: Any
) -> RunAnatomy:
    """Of a method whose pattern needs no data, exact attention among them. What the method refuses is its
    ValueError."""
    if method.family == "exact":
        return RunAnatomy(everything(length, length, causal), tokens, causal)
    pattern = method.pattern(length, length, causal=causal, **params)
    if pattern is None:
        raise ValueError(f"{method.name}: which pairs interact is not known without data")
    return RunAnatomy(pattern, tokens, causal)


def _cut(run: Run, tokens: int) -> Run:
    """Rows and keys of padding are dropped."""
    phase = run.phase if isinstance(run.phase, int) else run.phase[:tokens]
    return replace(
        run, low=run.low[:tokens], high=run.high[:tokens].clamp_max(tokens), phase=phase
    )


def covered(run: Run, keys: int, rows: slice | Tensor) -> Tensor:
    """How many of these rows see each key: every run adds one where it begins and takes it back where it ends."""
    phase = run.phase if isinstance(run.phase, int) else run.phase[rows]
    first, stretches = replace(run, low=run.low[rows], high=run.high[rows], phase=phase).ends()
    some = stretches > 0
    first, stretches, period = first[some], stretches[some], run.period
    size = -(-(keys + period) // period) * period
    steps = torch.bincount(first, minlength=size)
    steps -= torch.bincount(first + stretches * period, minlength=size)
    begun = steps.view(-1, period).cumsum(0).flatten()[:keys]
    if run.width == 1:
        return begun
    sums = torch.nn.functional.pad(begun.cumsum(0), (run.width, 0))
    return sums[run.width :] - sums[:keys]


def _holds(run: Run, i: int, j: int) -> bool:
    phase = run.phase if isinstance(run.phase, int) else int(run.phase[i])
    inside = (run.low[i] <= j) & (j < run.high[i])
    return bool(inside.any()) and (j - phase) % run.period < run.width


def _gather(run: Run, bits: Bits, found: Bits) -> None:
    """A run of n keys is two overlapping ones of 2^k ≤ n, made by doubling."""
    first, stretches = (x.numpy().reshape(len(bits), -1) for x in run.ends())
    table = _widened(bits, run.width)
    power = np.where(stretches > 0, np.frexp(np.maximum(stretches, 1))[1] - 1, -1)
    for level in range(int(power.max(initial=-1)) + 1):
        for column in range(power.shape[1]):
            rows = np.flatnonzero(power[:, column] == level)
            if len(rows):
                start = first[rows, column]
                last = start + (stretches[rows, column] - (1 << level)) * run.period
                found[rows] |= table[start] | table[last]
        table = _doubled(table, run.period << level)


def _widened(bits: Bits, width: int) -> Bits:
    """Each key's bits with those of the `width` - 1 after it."""
    table, done = bits, 1
    while done < width:
        step = min(done, width - done)
        table, done = _doubled(table, step), done + step
    return table


def _doubled(table: Bits, step: int) -> Bits:
    if step >= len(table):
        return table
    return np.concatenate([table[:-step] | table[step:], table[-step:]])
