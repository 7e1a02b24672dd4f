"""Linear attention, first half: what φ makes of queries and keys."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import cast

from torch import Tensor

from attn_core.contract import Shape
from attn_core.kernels.features import Features
from attn_core.methods.kernelized import Kernelized
from attn_core.methods.performer import Performer
from attn_core.steps.latex import number, products
from attn_core.steps.memory import Made, read
from attn_core.steps.step import FEATURE, KEY, QUERY, Array, Call, Step, Work

PHI = "feature of φ"
MAPS = {
    "elu+1": r"\phi(x)=\mathrm{elu}(x)+1",
    "relu": r"\phi(x)=\max(x,0)",
    "squared-relu": r"\phi(x)=\max(x,0)^2",
    "exp": r"\phi(x)=e^{x}",
}
FAVOR = r"\phi(x)=\tfrac{1}{\sqrt m}\,e^{\omega^\top\hat x-\lVert\hat x\rVert^2/2},\qquad \hat x=x\,d^{-1/4}"
RELU = r"\phi(x)=\tfrac{1}{\sqrt m}\left(\max(\omega^\top\hat x,0)+10^{-3}\right),\qquad \hat x=x\,d^{-1/4}"


def performer(call: Call) -> tuple[Step, ...]:
    op = cast(Performer, call.op)
    formula = RELU if op.kernel == "relu" else FAVOR
    made = _made(call, op.features)
    kernel = None if op.kernel == "relu" else _softmax_kernel
    return (
        _directions(op.omega, call),
        _features(call, made, formula, op.omega.shape[1], kernel),
        *read(call, made),
    )


def kernelized(call: Call) -> tuple[Step, ...]:
    op = cast(Kernelized, call.op)
    made = _made(call, op.features)
    projected = 0 if op.projection is None else op.projection.shape[1]
    first = () if op.projection is None else (_directions(op.projection, call),)
    kernel = _exp_kernel if op.feature_map == "exp" and not projected else None
    return (
        *first,
        _features(call, made, MAPS[op.feature_map], projected, kernel),
        *read(call, made),
    )


def _made(call: Call, features: Callable[[Tensor], Features]) -> Made:
    q, q_log = features(call.queries)
    k, k_log = features(call.keys)
    zeros = call.queries.new_zeros
    return Made(
        q,
        k,
        zeros(len(q)) if q_log is None else q_log,
        zeros(len(k)) if k_log is None else k_log,
    )


def _softmax_kernel(q: Tensor, k: Tensor) -> tuple[str, float]:
    return r"e^{q\cdot k/\sqrt d}", math.exp(
        min(700.0, float(q.double() @ k.double()) / math.sqrt(len(q)))
    )


def _exp_kernel(q: Tensor, k: Tensor) -> tuple[str, float]:
    return r"\sum_c e^{q_c+k_c}", float((q.double() + k.double()).exp().sum())


def _directions(omega: Tensor, call: Call) -> Step:
    return Step(
        key="directions",
        title="Random directions",
        says="Drawn once by the seed: queries and keys are looked at along each of them.",
        formula=r"\omega\in\mathbb{R}^{d\times m}",
        arrays=(Array("ω", omega, FEATURE, PHI, "feature"),),
        cost=lambda shape: Work(0, omega.numel()),
        substituted=lambda i, j: (
            rf"\omega_{{\cdot,0}}^\top k_{{{j}}}={products(omega[:, 0].to(call.k.dtype), call.keys[j])}"
            f"={number(omega[:, 0].to(call.k.dtype) @ call.keys[j])}"
        ),
    )


def _features(
    call: Call,
    made: Made,
    formula: str,
    projected: int,
    kernel: Callable[[Tensor, Tensor], tuple[str, float]] | None,
) -> Step:
    width = made.q.shape[1]

    def substituted(i: int, j: int) -> str:
        row = call.row(i)
        product = float(made.q[row].double() @ made.k[j].double())
        estimate = product * math.exp(min(700.0, float(made.q_log[row] + made.k_log[j])))
        found = rf"\phi(q_{{{i}}})\cdot\phi(k_{{{j}}})={number(estimate)}"
        if kernel is None:
            return found
        name, exact = kernel(call.queries[row], call.keys[j])
        return found + rf"\qquad\text{{stands for}}\quad {name}={number(exact)}"

    def cost(shape: Shape) -> Work:
        tokens = shape.slices * (shape.queries + shape.keys)
        return Work(2 * tokens * shape.head_dim * projected, tokens * width)

    return Step(
        key="features",
        title="Features φ",
        says="Queries and keys pass through φ alone; products of features stand in for the softmax's exponentials. "
        "A row is shown relative to its largest where φ is an exponential.",
        formula=formula,
        arrays=(
            Array("φ(Q)", made.q, QUERY, PHI, "query", call.first),
            Array("φ(K)", made.k, KEY, PHI, "key"),
        ),
        cost=cost,
        substituted=substituted,
    )
