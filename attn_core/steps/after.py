"""What comes after attention in a layer: the heads side by side, their projection, and the residual."""

from __future__ import annotations

import torch
from torch import Tensor

from attn_core.model.inside import Inside
from attn_core.steps.latex import factor, number, products
from attn_core.steps.step import FEATURE, HIDDEN, QUERY, Array, Call, Step, Work


@torch.no_grad()
def after(call: Call, inside: Inside | None, attended: Tensor) -> tuple[Step, ...]:
    """`attended` (1, H, N, D) are all heads' outputs of the same operator."""
    if inside is None:
        return (heads(call, attended),) if attended.shape[1] > 1 else ()
    joined = inside.attention.joined(attended)
    return (
        heads(call, attended),
        output(call, inside, attended, joined),
        residual(call, inside, joined),
    )


def _side_by_side(attended: Tensor) -> Tensor:
    return attended[0].transpose(0, 1).flatten(1)


def heads(call: Call, attended: Tensor) -> Step:
    beside, width = _side_by_side(attended), attended.shape[3]

    def substituted(i: int, j: int) -> str:
        first = [number(attended[0, head, i, 0]) for head in range(min(3, attended.shape[1]))]
        more = r",\dots" if attended.shape[1] > 3 else ""
        return (
            rf"z_{{{i}}}=[\,({first[0]},\dots)"
            + "".join(rf"\;|\;({x},\dots)" for x in first[1:])
            + more
            + r"\,]"
        )

    return Step(
        key="heads",
        title="Heads side by side",
        says=f"The outputs of all {attended.shape[1]} heads, {width} features each, one beside the other.",
        formula=r"\mathrm{concat}=[Z^{(0)}\,|\,\dots\,|\,Z^{(h-1)}]",
        arrays=(Array("concat", beside[call.rows], QUERY, FEATURE, "value", call.first),),
        cost=lambda shape: Work(0, shape.slices * shape.queries * shape.head_dim),
        substituted=substituted,
    )


def output(call: Call, inside: Inside, attended: Tensor, joined: Tensor) -> Step:
    weight = inside.attention.output.weight.detach()

    def substituted(i: int, j: int) -> str:
        row = _side_by_side(attended)[i]
        return rf"O_{{{i},0}}={products(row, weight[0])}={number(joined[0, i, 0])}"

    return Step(
        key="joined",
        title="W^O",
        says="One projection mixes the heads back into the width of the model.",
        formula=r"O=\mathrm{concat}\;W^O",
        arrays=(
            Array("W^O", weight.T, "head feature", HIDDEN, "feature"),
            Array("O", joined[0, call.rows], QUERY, HIDDEN, "hidden", call.first),
        ),
        cost=lambda shape: Work(2 * shape.queries * weight.numel(), shape.queries * len(weight)),
        substituted=substituted,
    )


def residual(call: Call, inside: Inside, joined: Tensor) -> Step:
    beside = _convolution(inside)
    total = inside.entering + joined if beside is None else inside.entering + joined + beside

    def substituted(i: int, j: int) -> str:
        parts = [inside.entering, joined, *([] if beside is None else [beside])]
        return (
            rf"y_{{{i},0}}="
            + "+".join(factor(x[0, i, 0]) for x in parts)
            + f"={number(total[0, i, 0])}"
        )

    shown = [("X", inside.entering), ("O", joined)]
    shown += [] if beside is None else [("C convolution", beside)]
    shown += [("Y leaving", total)]
    return Step(
        key="residual",
        title="Residual",
        says="What attention found is added to what came in"
        + (
            "."
            if beside is None
            else ", and so is the short convolution that this model runs beside its attention."
        ),
        formula=r"Y=X+O" + ("" if beside is None else "+C"),
        arrays=tuple(
            Array(name, x[0, call.rows], QUERY, HIDDEN, "hidden", call.first) for name, x in shown
        ),
        cost=lambda shape: Work(0, shape.queries * joined.shape[2]),
        substituted=substituted,
    )


def _convolution(inside: Inside) -> Tensor | None:
    """What runs beside the attention, as all that the layer adds besides it."""
    beside = inside.leaving - inside.entering - inside.joined
    return None if float(beside.abs().amax()) < 1e-4 else beside
