"""A method's way from Q, K and V to its output as a few steps, each with real arrays that can be looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import torch
from torch import Tensor

from attn_core.contract import AttentionMethod, AttentionOp, Shape

Kind = Literal[
    "query", "key", "value", "weight", "score", "feature", "pattern", "hidden", "number"
]
QUERY, KEY, FEATURE, HIDDEN = "query i", "key j", "feature", "model feature"
# Rows of queries that are worked out at a time: a map of marks shows no more.
STRIP = 128


@dataclass(frozen=True, eq=False)
class Array:
    """Numbers (rows, columns) with what they are and what runs along each side. `first` numbers the first row;
    `masked` pairs take no part; `row_names` stand for row numbers where rows were picked out."""

    name: str
    values: Tensor
    rows: str
    columns: str
    kind: Kind = "number"
    first: int = 0
    masked: Tensor | None = None
    row_names: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Work:
    """FLOPs of matrix products, and how many numbers the step holds when it is done, over all heads."""

    flops: int = 0
    numbers: int = 0


def no_arrays(_i: int, _j: int) -> tuple[Array, ...]:
    return ()


@dataclass(frozen=True, eq=False)
class Step:
    """`substituted` is the formula with the numbers of the pinned query and key; `opened` gives what can only be
    shown for that pair. Both are asked, so that another pin costs next to nothing. `cost_of` says what `cost` is of
    where it is not of all heads."""

    key: str
    title: str
    says: str
    formula: str
    arrays: tuple[Array, ...]
    cost: Callable[[Shape], Work]
    substituted: Callable[[int, int], str]
    opened: Callable[[int, int], tuple[Array, ...]] = no_arrays
    cost_of: str = ""


@dataclass(frozen=True, eq=False)
class Call:
    """One head of one call of an operator, and which of its queries are worked out: a strip `rows`.
    q (1, H, N, D), k, v (1, H, M, D); `params` are those the operator was built with."""

    op: AttentionOp
    q: Tensor
    k: Tensor
    v: Tensor
    causal: bool = False
    head: int = 0
    rows: slice = field(default_factory=lambda: slice(0, STRIP))
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def method(self) -> AttentionMethod:
        return self.op.method

    @property
    def first(self) -> int:
        return self.rows.start

    @cached_property
    def queries(self) -> Tensor:
        """(strip, D)"""
        return self.q[0, self.head, self.rows]

    @property
    def keys(self) -> Tensor:
        return self.k[0, self.head]

    @property
    def values(self) -> Tensor:
        return self.v[0, self.head]

    @cached_property
    def places(self) -> Tensor:
        """Positions of the strip's queries, (strip, 1)."""
        return torch.arange(*self.rows.indices(self.q.shape[2]))[:, None]

    @cached_property
    def future(self) -> Tensor | None:
        """Which pairs a causal call leaves out, (strip, M)."""
        return torch.arange(self.k.shape[2]) > self.places if self.causal else None

    def row(self, i: int) -> int:
        """Where query i lies in the strip."""
        place = i - self.first
        if not 0 <= place < len(self.queries):
            raise ValueError(
                f"steps: query {i} is not among the rows worked out, from {self.first}"
            )
        return place


def strip_of(queries: int, i: int) -> slice:
    """The queries that are worked out when i is pinned: all while they fit. A neighbour has the same strip mostly."""
    if queries <= STRIP:
        return slice(0, queries)
    start = min(max(0, i // (STRIP // 2) * (STRIP // 2) - STRIP // 4), queries - STRIP)
    return slice(start, start + STRIP)
