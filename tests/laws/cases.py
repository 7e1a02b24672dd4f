"""What the laws are tried on: every method of the catalogue, in every role, with settings small enough that
their patterns matter at a few dozen tokens. A method without an entry is tried with its defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor

from attn_core import METHODS, Dims, get_method
from attn_core.contract import ROLES, AttentionOp, Role

HEADS, WIDTH = 2, 8

SETTINGS: dict[str, tuple[dict[str, Any], ...]] = {
    "linformer": (
        {"rank": 7},
        {"rank": 7, "share": False},
        {"rank": 7, "projection": "pool"},
    ),
    "nystromformer": ({"landmarks": 6}, {"landmarks": 5, "conv": 3}),
    "low_rank": ({"rank": 6},),
    "performer": ({"features": 24}, {"features": 24, "kernel": "relu", "orthogonal": False}),
    "kernelized": (
        {},
        {"feature_map": "relu"},
        {"feature_map": "squared-relu"},
        {"feature_map": "exp"},
        {"random_features": 12},
    ),
    "longformer": (
        {"window": 3, "global_tokens": 2},
        {"window": 2, "dilation": 3, "global_tokens": 4},
        {"window": 0, "global_tokens": 0},
    ),
    "sparse_transformer": (
        {},
        {"stride": 5},
        {"pattern": "fixed"},
        {"pattern": "fixed", "stride": 6, "summary": 2},
    ),
    "reformer": ({"bucket": 8}, {"bucket": 5, "rounds": 2}),
    "bigbird": ({"block": 4, "random": 2}, {"block": 8, "random": 1, "global_blocks": 2}),
    "multiscale": ({"scales": (1, 4), "window": 2}, {"scales": (1, 2, 8), "window": 3}),
    "ssd": ({}, {"chunk": 16}),
}

# Settings under which which-token-sees-which does not depend on the length, so that padding at the end and
# cutting it off must give the same. With others a square root, a random draw or the hashing moves with N.
LENGTH_FREE: dict[str, tuple[dict[str, Any], ...]] = {
    "sparse_transformer": ({"stride": 5}, {"pattern": "fixed", "stride": 6}),
    "bigbird": ({"block": 4, "random": 0},),
    "reformer": ({"bucket": 256},),
}

# What double precision leaves of a difference, through an ill-conditioned inverse at worst.
TOLERANCE = 1e-6

# Around tiles, chunks and blocks: one token, primes, exact multiples and one past them.
LENGTHS = (1, 2, 13, 64, 65, 97, 129)


@dataclass(frozen=True)
class Case:
    name: str
    role: Role
    params: tuple[tuple[str, Any], ...]

    @property
    def causal(self) -> bool:
        return self.role == "decoder"

    def keys(self, queries: int) -> int:
        """Cross-attention gets more keys than queries."""
        return queries + 7 if self.role == "cross" else queries

    def build(self, queries: int, keys: int | None = None, **overrides: Any) -> AttentionOp:
        dims = Dims(HEADS, WIDTH, queries, keys or self.keys(queries))
        return get_method(self.name).build(dims, **{**dict(self.params), **overrides})

    def __str__(self) -> str:
        shown = ",".join(f"{key}={value}" for key, value in self.params)
        return f"{self.name}-{self.role}" + (f"-{shown}" if shown else "")


def cases(table: dict[str, tuple[dict[str, Any], ...]]) -> list[Case]:
    return [
        Case(name, role, tuple(params.items()))
        for name, method in METHODS.items()
        for role in ROLES
        if role in method.roles
        for params in table.get(name, SETTINGS.get(name, ({},)))
    ]


every_case = pytest.mark.parametrize("case", cases(SETTINGS), ids=str)
every_length_free_case = pytest.mark.parametrize(
    "case", cases({**SETTINGS, **LENGTH_FREE}), ids=str
)
every_method = pytest.mark.parametrize("name", METHODS)


@dataclass
class Inputs:
    q: Tensor
    k: Tensor
    v: Tensor

    @property
    def all(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.q, self.k, self.v


def inputs(
    case: Case,
    queries: int,
    *,
    batch: int = 2,
    dtype: torch.dtype = torch.float64,
    value_width: int = WIDTH,
    seed: int = 0,
    size: float = 1.0,
) -> Inputs:
    generator = torch.Generator().manual_seed(seed)

    def draw(length: int, width: int) -> Tensor:
        drawn = torch.randn(batch, HEADS, length, width, generator=generator, dtype=torch.float64)
        return drawn.to(dtype)

    keys = case.keys(queries)
    drawn = Inputs(draw(queries, WIDTH), draw(keys, WIDTH), draw(keys, value_width))
    return Inputs(drawn.q * size, drawn.k * size, drawn.v)


def some_kept(keys: int, batch: int = 2, seed: int = 1) -> Tensor:
    """Padding scattered through the sequence, at the end included; the first token of each is real."""
    generator = torch.Generator().manual_seed(seed)
    keep = torch.rand(batch, keys, generator=generator) > 0.3
    keep[:, keys - keys // 4 :] = False
    keep[:, 0] = True
    return keep


def largest_difference(a: Tensor, b: Tensor) -> float:
    return float((a.detach().double() - b.detach().double()).abs().max())
