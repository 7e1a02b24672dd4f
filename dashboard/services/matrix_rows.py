"""What rows of two matrices say: what each query gives, what each key gets, how far rows are apart. Where all rows
would be too many to read while someone waits, evenly spaced runs of them are read, each in full. No streamlit here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from attn_core.fidelity.rows import kl_divergence, lost_mass
from attn_core.matrix import MatrixView, widen
from attn_core.views import why_not_distributions

# Entries of one matrix that are read for a reader who waits, and at once.
READ, STRIP = 2**21, 2**18
# Softmax rows are summed in chunks: whole runs of rows cost less than as many single ones.
RUNS = 8
Span = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Side:
    """One matrix in the rows that were read: a number a row, but for what keys get and distances, summed over rows."""

    total: np.ndarray  # what each query gives in all
    received: np.ndarray  # (M,): what each key gets on average from the rows read
    entropy: np.ndarray  # nats, of the row scaled to sum to one
    by_distance: np.ndarray  # mean weight at |i - j|, NaN where no pair was read
    pairs: np.ndarray  # how many pairs at |i - j| were read that may interact
    within: np.ndarray  # weight inside the columns that are seen
    no_entropy: str = ""


@dataclass(frozen=True, eq=False)
class Apart:
    """A method against exact attention, a number a row. KL is infinite where a key with exact weight has none."""

    kl: np.ndarray
    delta_z: np.ndarray  # ‖Ẑ - Z‖
    z: np.ndarray  # ‖Z‖
    lost: np.ndarray  # exact weight outside the pattern
    negative: np.ndarray  # magnitude below zero
    magnitude: np.ndarray
    error: np.ndarray  # squared difference in the columns that are seen
    norm: np.ndarray  # squared exact weight there
    largest: np.ndarray  # largest difference there, by magnitude
    no_kl: str = ""
    no_pattern: str = ""


@dataclass(frozen=True, eq=False)
class Rows:
    """`index` are the rows that were read, of the `span` asked for. `brief` are those without divergence, entropy,
    distances and what keys get: the numbers that every change of a page needs at once."""

    span: Span
    columns: Span
    index: np.ndarray
    exact: Side
    method: Side | None = None
    apart: Apart | None = None
    brief: bool = False

    @property
    def whole(self) -> bool:
        return len(self.index) == self.span[1] - self.span[0]

    @property
    def words(self) -> str:
        """Which rows the numbers are of."""
        count = self.span[1] - self.span[0]
        if self.whole:
            return f"all {count:,} rows"
        return f"{len(self.index):,} of {count:,} rows, in {RUNS} evenly spaced runs"


def runs(span: Span, keys: int, most: int = READ) -> list[Span]:
    """The rows to read: all, or as many as `most` entries allow."""
    first, last = span
    if (last - first) * keys <= most:
        return [span]
    each = max(1, most // keys // RUNS)
    starts = [first + (last - first - each) * run // (RUNS - 1) for run in range(RUNS)]
    return [(start, start + each) for start in dict.fromkeys(starts)]


def read_rows(
    exact: MatrixView,
    method: MatrixView | None,
    values: Tensor,
    span: Span | None = None,
    columns: Span | None = None,
    most: int = READ,
    brief: bool = False,
) -> Rows:
    """Views of one head, and its values (M, d). `columns` are those that are seen; rows are read in full."""
    queries, keys = exact.shape
    span, columns = span or (0, queries), columns or (0, keys)
    chosen = runs(span, keys, most)
    sums = [_Side(view, brief, exact.causal) for view in (exact, method) if view is not None]
    apart = [] if method is None else [_Apart(method, brief)]
    values = widen(values) if brief else values.double()
    with torch.no_grad():
        for start, stop in _strips(chosen, keys):
            strips = [one.read(start, stop) for one in sums]
            for one, strip in zip(sums, strips, strict=True):
                one.add(start, strip, columns)
            for one in apart:
                one.add((start, stop), strips[0], strips[1], values, columns)
    index = np.concatenate([np.arange(*one) for one in chosen])
    sides = [one.result(index) for one in sums]
    return Rows(
        span,
        columns,
        index,
        sides[0],
        sides[1] if apart else None,
        apart[0].result() if apart else None,
        brief,
    )


def _strips(chosen: list[Span], keys: int) -> Iterator[Span]:
    height = max(1, STRIP // keys)
    for first, last in chosen:
        for start in range(first, last, height):
            yield start, min(start + height, last)


class _Side:
    def __init__(self, view: MatrixView, brief: bool, causal: bool) -> None:
        self.view, self.brief, self.causal = view, brief, causal
        self.columns = torch.zeros(view.shape[1], dtype=torch.float64)
        self.distances = torch.zeros(max(view.shape), dtype=torch.float64)
        self.rows: dict[str, list[Tensor]] = {"total": [], "entropy": [], "within": []}

    def read(self, start: int, stop: int) -> Tensor:
        strip = self.view.block(slice(start, stop), slice(None))[0, 0]
        return strip if self.brief else strip.double()

    def add(self, first: int, strip: Tensor, columns: Span) -> None:
        self.rows["total"].append(strip.sum(-1))
        self.rows["within"].append(strip[:, slice(*columns)].sum(-1))
        if self.brief:
            return
        magnitude = strip.abs()
        total = magnitude.sum(-1)
        safe = total.masked_fill(total == 0, 1.0)
        entropy = torch.special.entr(magnitude).sum(-1) / safe + safe.log()
        self.rows["entropy"].append(entropy.masked_fill(total == 0, 0.0).clamp(min=0))
        self.columns += strip.sum(0)
        self.distances += _by_distance(first, strip, len(self.distances))

    def result(self, index: np.ndarray) -> Side:
        none = torch.zeros(0, dtype=torch.float64)
        found = {name: torch.cat(parts or [none]).numpy() for name, parts in self.rows.items()}
        pairs = _pairs(index, self.view.shape, self.causal)
        with np.errstate(invalid="ignore"):
            profile = np.where(pairs > 0, self.distances.numpy() / np.maximum(pairs, 1), np.nan)
        received = self.columns.numpy() / len(index)
        return Side(
            received=received,
            by_distance=profile,
            pairs=pairs,
            no_entropy=why_not_distributions(self.view),
            **found,
        )


class _Apart:
    def __init__(self, view: MatrixView, brief: bool) -> None:
        self.view, self.brief = view, brief
        self.no_kl = why_not_distributions(view)
        self.rows: dict[str, list[Tensor]] = {}

    def add(
        self, rows: Span, exact: Tensor, method: Tensor, values: Tensor, columns: Span
    ) -> None:
        difference = method - exact
        seen = difference[:, slice(*columns)]
        nothing = exact.new_zeros(len(exact))
        pattern = self.view.pattern
        found = {
            "kl": nothing if self.no_kl or self.brief else kl_divergence(exact, method),
            "delta_z": (difference @ values).norm(dim=-1),
            "z": (exact @ values).norm(dim=-1),
            "lost": nothing
            if pattern is None
            else lost_mass(exact, pattern.block(slice(*rows), slice(None)).reshape(exact.shape)),
            "negative": -method.clamp(max=0).sum(-1),
            "magnitude": method.abs().sum(-1),
            "error": seen.square().sum(-1),
            "norm": exact[:, slice(*columns)].square().sum(-1),
            "largest": seen.abs().amax(-1),
        }
        for name, value in found.items():
            self.rows.setdefault(name, []).append(value)

    def result(self) -> Apart:
        found = {name: torch.cat(parts).numpy() for name, parts in self.rows.items()}
        none = "" if self.view.pattern is not None else "the method leaves out no pairs"
        return Apart(**found, no_kl=self.no_kl, no_pattern=none)


def _by_distance(first: int, strip: Tensor, longest: int) -> Tensor:
    """Sums over the pairs of equal |i - j|."""
    rows = torch.arange(first, first + strip.shape[0])[:, None]
    distance = (torch.arange(strip.shape[1]) - rows).abs()
    return torch.bincount(distance.flatten(), strip.flatten(), minlength=longest)


def _pairs(index: np.ndarray, shape: tuple[int, int], causal: bool) -> np.ndarray:
    """How many pairs of the rows read lie at each |i - j|; the future is no pair."""
    longest, keys = max(shape), shape[1]
    # A row i has one key at each distance up to i on its left, and up to keys - 1 - i on its right.
    ends = np.zeros(longest + 1, dtype=np.int64)
    left_from = np.maximum(index - keys + 1, 1)
    sides = [(left_from, index), (np.ones_like(index), keys - 1 - index)]
    for start, stop in sides[: 1 if causal else 2]:
        some = stop >= start
        np.add.at(ends, start[some], 1)
        np.add.at(ends, stop[some] + 1, -1)
    counts = np.cumsum(ends)[:longest]
    counts[0] = int((index < keys).sum())
    return counts
