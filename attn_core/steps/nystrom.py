"""Nyström: landmarks, three small factors, a pseudo-inverse found by iteration, and the product from the right."""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor

from attn_core.contract import Shape
from attn_core.methods.nystromformer import Nystromformer
from attn_core.steps.latex import number, products
from attn_core.steps.step import FEATURE, KEY, QUERY, Array, Call, Step, Work

MARK = "landmark a"


def steps(call: Call) -> tuple[Step, ...]:
    op, root = cast(Nystromformer, call.op), math.sqrt(call.queries.shape[1])
    both = op.segment_means(call.q, call.k, None)
    q_marks, k_marks = both[0][0, call.head], both[1][0, call.head]
    front = (call.queries @ k_marks.T / root).softmax(-1)
    middle = (q_marks @ k_marks.T / root).softmax(-1)
    back = (q_marks @ call.keys.T / root).softmax(-1)
    inverse = op.pseudo_inverse(middle[None, None])[0, 0]
    gathered = back @ call.values
    return (
        _landmarks(call, q_marks, k_marks),
        _factors(call, front, middle, back, inverse),
        _inverse(op, middle, inverse),
        _gather(call, back, gathered, inverse),
        _product(call, front, inverse @ gathered),
    )


def _marks(shape: Shape, marks: int) -> int:
    """How many there are at another length: never more than tokens."""
    return min(marks, shape.queries)


def _landmarks(call: Call, q_marks: Tensor, k_marks: Tensor) -> Step:
    marks = call.params["landmarks"]

    def substituted(i: int, j: int) -> str:
        return rf"\tilde q_{{0,0}}={number(q_marks[0, 0])},\qquad \tilde k_{{0,0}}={number(k_marks[0, 0])}"

    return Step(
        key="landmarks",
        title="Landmarks",
        says="Neighbouring queries, and neighbouring keys, are averaged into a few.",
        formula=r"\tilde q_a=\mathrm{mean}_{i\in a}\,q_i,\qquad \tilde k_a=\mathrm{mean}_{j\in a}\,k_j",
        arrays=(
            Array("Q̃", q_marks, MARK, FEATURE, "query"),
            Array("K̃", k_marks, MARK, FEATURE, "key"),
        ),
        cost=lambda shape: Work(0, 2 * shape.slices * _marks(shape, marks) * shape.head_dim),
        substituted=substituted,
    )


def _factors(call: Call, front: Tensor, middle: Tensor, back: Tensor, inverse: Tensor) -> Step:
    marks = call.params["landmarks"]

    def substituted(i: int, j: int) -> str:
        weight = front[call.row(i)] @ inverse @ back[:, j]
        return rf"\hat A_{{{i},{j}}}=F_{{{i}}}\,A^{{+}}B_{{\cdot,{j}}}={number(weight)}"

    def cost(shape: Shape) -> Work:
        m = _marks(shape, marks)
        both = shape.slices * (shape.queries + shape.keys) * m
        return Work(
            2 * (both + shape.slices * m * m) * shape.head_dim, both + shape.slices * m * m
        )

    return Step(
        key="factors",
        title="Three factors",
        says="Queries against landmark keys, landmarks against each other, landmark queries against keys.",
        formula=r"F=\mathrm{softmax}\!\left(\tfrac{Q\tilde K^\top}{\sqrt d}\right),\;"
        r"A=\mathrm{softmax}\!\left(\tfrac{\tilde Q\tilde K^\top}{\sqrt d}\right),\;"
        r"B=\mathrm{softmax}\!\left(\tfrac{\tilde QK^\top}{\sqrt d}\right)",
        arrays=(
            Array("F", front, QUERY, MARK, "weight", call.first),
            Array("A", middle, MARK, MARK, "weight"),
            Array("B", back, MARK, KEY, "weight"),
        ),
        cost=cost,
        substituted=substituted,
    )


def _inverse(op: Nystromformer, middle: Tensor, inverse: Tensor) -> Step:
    gap = (middle @ inverse @ middle - middle).abs().amax()

    def cost(shape: Shape) -> Work:
        m = _marks(shape, op.landmarks)
        return Work(8 * shape.slices * m**3 * op.iterations, shape.slices * m * m)

    return Step(
        key="inverse",
        title="Pseudo-inverse",
        says=f"{op.iterations} iterations from a scaled transpose; what is left of A A⁺ A − A says how far they came.",
        formula=r"Z_{t+1}=\tfrac14 Z_t\,(13I-AZ_t(15I-AZ_t(7I-AZ_t))),\qquad "
        r"Z_0=\tfrac{A^\top}{\lVert A\rVert_1\lVert A\rVert_\infty}",
        arrays=(
            Array("A⁺", inverse, MARK, MARK, "score"),
            Array("A A⁺", middle @ inverse, MARK, MARK, "score"),
        ),
        cost=cost,
        substituted=lambda i, j: rf"\max\lvert AA^{{+}}A-A\rvert={number(gap)}",
    )


def _gather(call: Call, back: Tensor, gathered: Tensor, inverse: Tensor) -> Step:
    marks = call.params["landmarks"]

    def substituted(i: int, j: int) -> str:
        parts = products(back[0], call.values[:, 0], largest=True)
        return rf"(BV)_{{0,0}}={parts}={number(gathered[0, 0])}"

    def cost(shape: Shape) -> Work:
        m = _marks(shape, marks)
        flops = 2 * shape.slices * (shape.keys * m + m * m) * shape.head_dim
        return Work(flops, 2 * shape.slices * m * shape.head_dim)

    return Step(
        key="gathered",
        title="From the right",
        says="Values are gathered at the landmarks first, so that nothing of N × N is ever needed.",
        formula=r"BV\in\mathbb{R}^{m\times d},\qquad A^{+}(BV)",
        arrays=(
            Array("BV", gathered, MARK, FEATURE, "value"),
            Array("A⁺BV", inverse @ gathered, MARK, FEATURE, "value"),
        ),
        cost=cost,
        substituted=substituted,
    )


def _product(call: Call, front: Tensor, gathered: Tensor) -> Step:
    marks, taps = call.params["landmarks"], call.params["conv"]
    plain, beside = front @ gathered, _convolved(call)
    out = plain if beside is None else plain + beside

    def substituted(i: int, j: int) -> str:
        row = call.row(i)
        more = "" if beside is None else f"+({number(beside[row, 0])})"
        parts = products(front[row], gathered[:, 0], largest=True)
        return rf"Z_{{{i},0}}={parts}{more}={number(out[row, 0])}"

    def cost(shape: Shape) -> Work:
        each = 2 * _marks(shape, marks) + 2 * taps
        rows = shape.slices * shape.queries * shape.head_dim
        return Work(each * rows, rows)

    return Step(
        key="output",
        title="Output",
        says="Each query reads the landmarks"
        + ("." if beside is None else ", and a convolution of the values is added."),
        formula=r"Z=F\,(A^{+}(BV))" + ("" if beside is None else r"+\mathrm{conv}(V)"),
        arrays=(Array("Z", out, QUERY, FEATURE, "value", call.first),),
        cost=cost,
        substituted=substituted,
    )


def _convolved(call: Call) -> Tensor | None:
    """One filter along the values, written as sums of shifted rows."""
    filters = cast(Nystromformer, call.op).convolution
    if filters is None:
        return None
    taps = filters.detach()[call.head].to(call.v.dtype)
    reach, out = len(taps) // 2, torch.zeros_like(call.queries[:, :1] * call.values[:1])
    for place, tap in enumerate(taps):
        source = call.places[:, 0] + place - reach
        inside = (source >= 0) & (source < len(call.values))
        out += tap * call.values[source.clamp(0, len(call.values) - 1)] * inside[:, None]
    return out
