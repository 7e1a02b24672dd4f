"""State-space dual: a decay read off each key, its products between any two tokens, and no softmax at all."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from attn_core.contract import Shape
from attn_core.methods.ssd import StateSpaceDual
from attn_core.steps import scored
from attn_core.steps.latex import factor, number
from attn_core.steps.step import FEATURE, KEY, QUERY, Array, Call, Step, Work


def steps(call: Call) -> tuple[Step, ...]:
    op = cast(StateSpaceDual, call.op)
    log_decay = op.log_decay(call.k, None)[0, call.head]
    total = log_decay.cumsum(0)
    gap = total[call.rows, None] - total
    assert call.future is not None
    decay = gap.masked_fill(call.future, -torch.inf).exp().to(call.q.dtype)
    weights = decay * (call.queries @ call.keys.T)
    return (
        _decays(call, log_decay),
        _products(call, decay),
        scored.dot(call, call.keys),
        _weights(call, decay, weights),
        _state(call, total),
        _output(call, weights),
    )


def _chunked(call: Call, shape: Shape) -> int:
    """Pairs inside chunks, over all heads."""
    chunk = call.params["chunk"]
    return shape.slices * -(-shape.queries // chunk) * chunk * chunk


def _decays(call: Call, log_decay: Tensor) -> Step:
    decay = log_decay.exp().to(call.q.dtype)

    def substituted(i: int, j: int) -> str:
        return rf"a_{{{j}}}=e^{{{number(log_decay[j])}}}={number(decay[j])}"

    return Step(
        key="decay",
        title="Decay per token",
        says="Each key decides how much of the past is kept when it comes: 1 keeps all, 0 forgets all.",
        formula=r"\log a_t=-\mathrm{softplus}(w\cdot k_t+b)",
        arrays=(
            Array("K", call.keys, KEY, FEATURE, "key"),
            Array("a", decay[:, None], KEY, "", "weight"),
        ),
        cost=lambda shape: Work(
            2 * shape.slices * shape.queries * shape.head_dim, shape.slices * shape.queries
        ),
        substituted=substituted,
    )


def _products(call: Call, decay: Tensor) -> Step:
    def substituted(i: int, j: int) -> str:
        return rf"L_{{{i},{j}}}=\prod_{{t={j + 1}}}^{{{i}}}a_t={number(decay[call.row(i), j])}"

    return Step(
        key="gates",
        title="Decay between tokens",
        says="What is left of token j when token i comes: the product of all decays in between.",
        formula=r"L_{ij}=\prod_{t=j+1}^{i}a_t\;\;(j\le i),\qquad 0\text{ otherwise}",
        arrays=(Array("L", decay, QUERY, KEY, "weight", call.first, call.future),),
        cost=lambda shape: Work(0, _chunked(call, shape)),
        substituted=substituted,
    )


def _weights(call: Call, decay: Tensor, weights: Tensor) -> Step:
    def substituted(i: int, j: int) -> str:
        row = call.row(i)
        product = call.queries[row] @ call.keys[j]
        return rf"A_{{{i},{j}}}={factor(decay[row, j])}\cdot{factor(product)}={number(weights[row, j])}"

    return Step(
        key="weights",
        title="Decayed scores",
        says="Products of queries and keys, faded by the decay. Weights may be negative, and rows do not sum to one.",
        formula=r"A=L\circ QK^\top",
        arrays=(Array("A", weights, QUERY, KEY, "score", call.first, call.future),),
        cost=lambda shape: Work(2 * _chunked(call, shape) * shape.head_dim, _chunked(call, shape)),
        substituted=substituted,
    )


def _state(call: Call, total: Tensor) -> Step:
    def state(i: int) -> Tensor:
        faded = (total[i] - total[: i + 1]).exp().to(call.q.dtype)
        return (call.keys[: i + 1] * faded[:, None]).T @ call.values[: i + 1]

    def opened(i: int, j: int) -> tuple[Array, ...]:
        return (Array(f"state h of token {i}", state(i), FEATURE, "value feature", "value"),)

    def substituted(i: int, j: int) -> str:
        held, row = state(i), call.row(i)
        return (
            rf"q_{{{i}}}^\top h_{{{i}}}=({number(call.queries[row] @ held[:, 0])},\dots)=z_{{{i}}}"
        )

    return Step(
        key="state",
        title="The same as a state",
        says="Read as a recurrence: one table that fades and takes in each token, so length costs no memory.",
        formula=r"h_t=a_t\,h_{t-1}+k_t v_t^\top,\qquad z_t=q_t^\top h_t",
        arrays=(),
        cost=lambda shape: Work(
            4 * shape.slices * shape.queries * shape.head_dim**2, shape.slices * shape.head_dim**2
        ),
        substituted=substituted,
        opened=opened,
    )


def _output(call: Call, weights: Tensor) -> Step:
    return scored.summed(call, weights, call.values, lambda shape: _chunked(call, shape))
