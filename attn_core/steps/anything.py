"""A method without a sequence of its own yet: its matrix as it tells it, and the sum of values."""

from __future__ import annotations

from attn_core.contract import Shape
from attn_core.steps import scored
from attn_core.steps.latex import number
from attn_core.steps.step import KEY, QUERY, Array, Call, Step, Work


def steps(call: Call) -> tuple[Step, ...]:
    view = call.op.view(call.q, call.k, causal=call.causal)
    weights = view.block(call.rows, slice(None))[0, call.head].to(call.v.dtype)

    def pairs(shape: Shape) -> int:
        return call.method.cost(shape, **call.params).flops // (2 * shape.head_dim)

    matrix = Step(
        key="weights",
        title="The matrix",
        says=call.method.summary,
        formula=call.method.formula,
        arrays=(
            Array(
                "A",
                weights,
                QUERY,
                KEY,
                "score" if view.signed else "weight",
                call.first,
                call.future,
            ),
        ),
        cost=lambda shape: Work(0, pairs(shape)),
        substituted=lambda i, j: rf"A_{{{i},{j}}}={number(weights[call.row(i), j])}",
    )
    return matrix, scored.summed(call, weights, call.values, pairs)
