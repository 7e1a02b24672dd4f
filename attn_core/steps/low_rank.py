"""Explicit low rank: queries and keys are compared with a few anchors instead of with each other."""

from __future__ import annotations

import math
from typing import cast

from torch import Tensor

from attn_core.methods.low_rank import LowRank
from attn_core.steps import scored
from attn_core.steps.latex import number, products
from attn_core.steps.step import FEATURE, KEY, QUERY, Array, Call, Step, Work

ANCHOR = "anchor c"


def steps(call: Call) -> tuple[Step, ...]:
    anchors = cast(LowRank, call.op).anchors.detach()[call.head].to(call.q.dtype)
    root = math.sqrt(anchors.shape[1])
    left = (call.queries @ anchors.T / root).softmax(-1)
    right = (anchors @ call.keys.T / root).softmax(-1)
    gathered = right @ call.values
    return (
        _anchors(anchors),
        _sides(call, left, right),
        _gather(call, right, gathered),
        scored.summed(
            call,
            left,
            gathered,
            lambda shape: shape.slices * shape.queries * len(anchors),
            r"Z=U\,G,\qquad z_i=\sum_c U_{ic}\,g_c",
            ANCHOR,
        ),
    )


def _anchors(anchors: Tensor) -> Step:
    return Step(
        key="anchors",
        title="Anchors C",
        says="A few learned vectors that queries and keys are compared with, instead of with each other.",
        formula=r"C\in\mathbb{R}^{r\times d}",
        arrays=(Array("C", anchors, ANCHOR, FEATURE, "feature"),),
        cost=lambda shape: Work(0, shape.heads * anchors.numel()),
        substituted=lambda i, j: rf"C_{{0,0}}={number(anchors[0, 0])}",
    )


def _sides(call: Call, left: Tensor, right: Tensor) -> Step:
    def substituted(i: int, j: int) -> str:
        row = left[call.row(i)]
        rank = products(row, right[:, j], largest=True)
        return rf"A_{{{i},{j}}}=\sum_c U_{{ic}}V_{{jc}}={rank}={number(row @ right[:, j])}"

    rank = left.shape[1]
    return Step(
        key="sides",
        title="U and V",
        says="U shares each query among the anchors, V each anchor among the keys; their product is the attention.",
        formula=r"U=\mathrm{softmax}\!\left(\tfrac{QC^\top}{\sqrt d}\right),\qquad "
        r"V^\top=\mathrm{softmax}\!\left(\tfrac{CK^\top}{\sqrt d}\right)",
        arrays=(
            Array("U", left, QUERY, ANCHOR, "weight", call.first),
            Array("Vᵀ", right, ANCHOR, KEY, "weight"),
        ),
        cost=lambda shape: Work(
            2 * shape.slices * (shape.queries + shape.keys) * rank * shape.head_dim,
            shape.slices * (shape.queries + shape.keys) * rank,
        ),
        substituted=substituted,
    )


def _gather(call: Call, right: Tensor, gathered: Tensor) -> Step:
    def substituted(i: int, j: int) -> str:
        return rf"g_{{0,0}}={products(right[0], call.values[:, 0], largest=True)}={number(gathered[0, 0])}"

    rank = len(gathered)
    return Step(
        key="gathered",
        title="Anchors gather",
        says="Each anchor takes its weighted mean of all values.",
        formula=r"G=V^\top X,\qquad X\text{ the values}",
        arrays=(Array("G", gathered, ANCHOR, FEATURE, "value"),),
        cost=lambda shape: Work(
            2 * shape.slices * shape.keys * rank * shape.head_dim,
            shape.slices * rank * shape.head_dim,
        ),
        substituted=substituted,
    )
