"""Inputs of every method, small, and an operator that is any matrix."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from attn_core import METHODS, Dims
from attn_core.contract import ROLES, AttentionOp
from attn_core.matrix import MatrixView
from attn_core.patterns import Pattern
from attn_core.views import Metric

ALL = slice(None)
CASES = [(name, role) for name in METHODS for role in ROLES if role in METHODS[name].roles]
REFUSED = [(name, role) for name in METHODS for role in ROLES if (name, role) not in CASES]
SMALL = {"rank": 6, "landmarks": 6, "features": 32, "window": 3, "stride": 4}
SMALL |= {"bucket": 8, "block": 4, "chunk": 8, "scales": (1, 4)}
EXACT = [case for case in CASES if METHODS[case[0]].family == "exact"]


def random(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, dtype=torch.float64, generator=generator)


def inputs(role: str = "encoder", queries: int = 40) -> tuple[Tensor, Tensor, Tensor]:
    keys = queries + 9 if role == "cross" else queries
    return random(2, 3, queries, 8), random(2, 3, keys, 8, seed=1), random(2, 3, keys, 5, seed=2)


def build(name: str, q: Tensor, k: Tensor) -> AttentionOp:
    params = {key: value for key, value in SMALL.items() if key in METHODS[name].defaults}
    return METHODS[name].build(Dims(q.shape[1], q.shape[3], q.shape[2], k.shape[2]), **params)


def padding(keys: int) -> Tensor:
    return torch.arange(keys) < torch.tensor([[keys], [keys - 6]])


def dense_softmax(q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> Tensor:
    scores = q @ k.transpose(-2, -1) / q.shape[3] ** 0.5
    if causal:
        scores = scores.masked_fill(~torch.ones(scores.shape[-2:]).tril().bool(), -torch.inf)
    if key_keep is not None:
        scores = scores.masked_fill(~key_keep[:, None, None], -torch.inf)
    return scores.softmax(-1).nan_to_num(0.0)


class Fixed(AttentionOp):
    """Whatever matrix it is given, whatever the queries and keys."""

    def __init__(self, matrix: Tensor, **facts) -> None:
        super().__init__(Dims(matrix.shape[1], 8, matrix.shape[2], matrix.shape[3]))
        self.weights, self.facts = matrix, facts
        self.method = replace(METHODS["softmax"], name="fixed")
        self.reads: list[int] = []

    def attend(self, q, k, v, key_keep, causal):
        return self.weights @ v

    def matrix(self, q, k, key_keep, causal):
        return FixedView(self)


class FixedView(MatrixView):
    def __init__(self, op: Fixed) -> None:
        super().__init__(op.weights[..., :1], op.weights[..., :1, :].transpose(-2, -1))
        self.op = op
        for name, fact in op.facts.items():
            setattr(self, name, fact)

    def read(self, i, j):
        block = self.op.weights[:, :, slice(*i), slice(*j)]
        self.op.reads.append(block.numel())
        return block


def value(metric: Metric) -> Tensor:
    assert metric.value is not None, metric.reason
    return metric.value


def per_head(values: Tensor) -> Tensor:
    return values.transpose(0, 1).flatten(1)


def close(metric: Metric, expected: Tensor, tolerance: float = 1e-9) -> None:
    torch.testing.assert_close(value(metric), expected, rtol=tolerance, atol=tolerance)


def window(length: int, reach: int) -> Pattern:
    def rule(i: Tensor, j: Tensor) -> Tensor:
        return (i - j).abs() <= reach

    return Pattern(length, length, rule, lambda: torch.zeros(length))
