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
Ends = tuple[np.ndarray, np.ndarray]


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
        # In numpy: a thread each for steps this small would mostly wait for the others.
        self.ends = [_by_row(run) for run in self.runs]

    def coverage(self, rows: slice) -> tuple[Tensor, Tensor]:
        by_part = np.zeros((len(self.parts), self.tokens), dtype=np.int64)
        total = np.zeros(self.tokens, dtype=np.int64)
        for run, ends in zip(self.runs, self.ends, strict=True):
            found = _covered(run, ends, self.tokens, rows)
            if run.repeats:
                total -= found
            else:
                by_part[self.parts.index(run.part)] += found
                total += found
        return torch.from_numpy(by_part), torch.from_numpy(total)

    def image(self, rows: Tensor) -> Tensor:
        chosen = np.flatnonzero(rows.numpy())
        seen = np.zeros(self.tokens, dtype=bool)
        for run, ends in zip(self.runs, self.ends, strict=True):
            if not run.repeats:
                seen |= _covered(run, ends, self.tokens, chosen) > 0
        return torch.from_numpy(seen)

    def gather(self, bits: Bits) -> Bits:
        found = bits.copy()
        for run, ends in zip(self.runs, self.ends, strict=True):
            if not run.repeats:
                _gather(run, ends, bits, found)
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


def _by_row(run: Run) -> Ends:
    """First stretch and number of stretches, (R, k)."""
    first, stretches = (x.reshape(len(x), -1).numpy() for x in run.ends())
    return first, stretches


def _covered(run: Run, ends: Ends, keys: int, rows: slice | np.ndarray) -> np.ndarray:
    """How many of these rows see each key: every run adds one where it begins and takes it back where it ends."""
    first, stretches = ends[0][rows].ravel(), ends[1][rows].ravel()
    some = stretches > 0
    # A longer period than there are keys repeats nothing.
    first, stretches, period = first[some], stretches[some], min(run.period, keys)
    size = -(-(keys + period) // period) * period
    steps = np.bincount(first, minlength=size)
    steps -= np.bincount(first + stretches * period, minlength=size)
    begun = steps.reshape(-1, period).cumsum(0).ravel()[:keys]
    if run.width == 1:
        return begun
    width = min(run.width, keys)
    sums = np.pad(begun.cumsum(), (width, 0))
    return sums[width:] - sums[:keys]


def _holds(run: Run, i: int, j: int) -> bool:
    phase = run.phase if isinstance(run.phase, int) else int(run.phase[i])
    inside = (run.low[i] <= j) & (j < run.high[i])
    return bool(inside.any()) and (j - phase) % run.period < run.width


def _gather(run: Run, ends: Ends, bits: Bits, found: Bits) -> None:
    """A run of n keys is two overlapping ones of 2^k ≤ n, made by doubling."""
    first, stretches = ends
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
