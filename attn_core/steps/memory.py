"""Linear attention, second half: keys and values summed up in one table, which queries read."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from attn_core.contract import Shape
from attn_core.steps.latex import number
from attn_core.steps.step import FEATURE, QUERY, Array, Call, Step, Work

PHI = "feature of φ"


class Made(NamedTuple):
    """Features of the strip's queries (strip, m) and of all keys (M, m), and the logarithms beside them: a feature
    is its number times e to that logarithm."""

    q: Tensor
    k: Tensor
    q_log: Tensor
    k_log: Tensor


def read(call: Call, made: Made) -> tuple[Step, Step]:
    return _causal(call, made) if call.causal else _whole(call, made)


def _whole(call: Call, made: Made) -> tuple[Step, Step]:
    keys = made.k * (made.k_log - made.k_log.amax()).exp()[:, None]
    memory, total = keys.T @ call.values, keys.sum(0)
    sums, weights = made.q @ memory, made.q @ total
    return (
        _memory(call, lambda _i: (memory, total)),
        _divided(call, made, sums, weights),
    )


def _causal(call: Call, made: Made) -> tuple[Step, Step]:
    """The memory holds the past alone, relative to its largest key so far."""
    highest = made.k_log.cummax(0).values

    def memory(i: int) -> tuple[Tensor, Tensor]:
        keys = made.k[: i + 1] * (made.k_log[: i + 1] - highest[i]).exp()[:, None]
        return keys.T @ call.values[: i + 1], keys.sum(0)

    sums, weights = [], []
    state, total = memory(call.first)
    for i in call.places[:, 0].tolist():
        if i > call.first:
            shrink, grow = (highest[i - 1] - highest[i]).exp(), (made.k_log[i] - highest[i]).exp()
            key = made.k[i] * grow
            state = shrink * state + key[:, None] * call.values[i]
            total = shrink * total + key
        sums.append(made.q[call.row(i)] @ state)
        weights.append(made.q[call.row(i)] @ total)
    return (
        _memory(call, memory, causal=True),
        _divided(call, made, torch.stack(sums), torch.stack(weights)),
    )


def _memory(
    call: Call, memory: Callable[[int], tuple[Tensor, Tensor]], causal: bool = False
) -> Step:
    def opened(i: int, j: int) -> tuple[Array, ...]:
        state, total = memory(i)
        return (
            Array(
                f"memory S of query {i}" if causal else "memory S", state, PHI, FEATURE, "value"
            ),
            Array("sum z", total[:, None], PHI, "", "key"),
        )

    def substituted(i: int, j: int) -> str:
        state, total = memory(i)
        return rf"S_{{0,0}}={number(state[0, 0])},\qquad z_0={number(total[0])}"

    def cost(shape: Shape) -> Work:
        width = memory(call.first)[0].shape[0]
        inside = _within_chunks(call, shape, width)
        flops = 2 * shape.slices * shape.keys * width * shape.head_dim
        return Work(flops + inside, shape.slices * width * (shape.head_dim + 1))

    past = r"\sum_{j\le i}" if causal else r"\sum_{j}"
    return Step(
        key="memory",
        title="Memory of values",
        says="All keys and values are summed up once, in a table whose size does not depend on the length"
        + ("; a query reads the past of it." if causal else "."),
        formula=rf"S={past}\,\phi(k_j)\,v_j^\top,\qquad z={past}\,\phi(k_j)",
        arrays=(),
        cost=cost,
        substituted=substituted,
        opened=opened,
    )


def _within_chunks(call: Call, shape: Shape, width: int) -> int:
    """The causal form works inside chunks too: what the method counts beyond the sums over all tokens."""
    if not shape.causal:
        return 0
    plain = call.method.cost(shape, **call.params).flops
    whole = Shape(shape.batch, shape.heads, shape.queries, shape.keys, shape.head_dim)
    return plain - call.method.count(whole, **call.params).flops


def _divided(call: Call, made: Made, sums: Tensor, weights: Tensor) -> Step:
    out = (
        sums
        / weights.masked_fill(weights <= torch.finfo(weights.dtype).tiny * 2**27, 1.0)[:, None]
    )

    def substituted(i: int, j: int) -> str:
        row = call.row(i)
        return rf"Z_{{{i},0}}=\frac{{{number(sums[row, 0])}}}{{{number(weights[row])}}}={number(out[row, 0])}"

    return Step(
        key="output",
        title="Read and divide",
        says="A query reads the table with its features and divides by the same reading of ones.",
        formula=r"z_i=\frac{\phi(q_i)^\top S}{\phi(q_i)^\top z}",
        arrays=(
            Array("φ(Q)ᵀS", sums, QUERY, FEATURE, "value", call.first),
            Array("Z", out, QUERY, FEATURE, "value", call.first),
        ),
        cost=lambda shape: Work(
            2 * shape.slices * shape.queries * made.q.shape[1] * shape.head_dim,
            shape.slices * shape.queries * shape.head_dim,
        ),
        substituted=substituted,
    )
