"""Linformer: keys and values are mixed into a few, and the few are attended."""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor

from attn_core.methods.linformer import Linformer
from attn_core.steps import scored
from attn_core.steps.latex import number, products
from attn_core.steps.step import FEATURE, KEY, QUERY, Array, Call, Step, Work

MIXTURE = "mixture c"


def steps(call: Call) -> tuple[Step, ...]:
    op = cast(Linformer, call.op)
    for_keys, for_values = op.mixtures(len(call.keys), None, call.k)
    shared = for_values is for_keys
    for_keys, for_values = for_keys.detach(), for_values.detach()
    keys, values = for_keys @ call.keys, for_values @ call.values
    used = op.used(for_keys)
    scale, found = _to_mixtures(call, keys, None if used is None else ~used[0, 0])
    unused = None if used is None else (~used[0, 0]).expand_as(found)
    soft, weights = scored.softmax(call, found, unused, _pairs(len(keys)), MIXTURE)
    return (
        _mixing(for_keys, None if shared else for_values),
        _mixed_keys(call, for_keys, keys, values),
        scale,
        soft,
        scored.summed(
            call,
            weights,
            values,
            _pairs(len(keys)),
            r"Z=A\,(FV),\qquad z_i=\sum_c A_{ic}\,(FV)_c",
            MIXTURE,
        ),
    )


def _pairs(rank: int) -> scored.Pairs:
    return lambda shape: shape.slices * shape.queries * rank


def _mixing(for_keys: Tensor, for_values: Tensor | None) -> Step:
    arrays = [Array("E = F" if for_values is None else "E", for_keys, MIXTURE, KEY, "feature")]
    if for_values is not None:
        arrays.append(Array("F", for_values, MIXTURE, KEY, "feature"))

    def substituted(i: int, j: int) -> str:
        most = int(for_keys[:, j].abs().argmax())
        return rf"E_{{{most},{j}}}={number(for_keys[most, j])}\quad\text{{(largest share of key {j})}}"

    return Step(
        key="mixing",
        title="Mixtures E",
        says="Each row of E says how much of every key goes into one mixture.",
        formula=r"E,F\in\mathbb{R}^{k\times M}",
        arrays=tuple(arrays),
        cost=lambda shape: Work(0, len(arrays) * len(for_keys) * shape.keys),
        substituted=substituted,
    )


def _mixed_keys(call: Call, mixture: Tensor, keys: Tensor, values: Tensor) -> Step:
    def substituted(i: int, j: int) -> str:
        most = int(mixture[:, j].abs().argmax())
        left = rf"(EK)_{{{most},0}}={products(mixture[most], call.keys[:, 0], largest=True)}"
        return left + f"={number(keys[most, 0])}"

    rank = len(keys)
    return Step(
        key="mixed",
        title="EK and FV",
        says="A few mixed keys and values stand for all of them, however long the sequence.",
        formula=r"EK\in\mathbb{R}^{k\times d},\qquad FV\in\mathbb{R}^{k\times d}",
        arrays=(
            Array("EK", keys, MIXTURE, FEATURE, "key"),
            Array("FV", values, MIXTURE, FEATURE, "value"),
        ),
        cost=lambda shape: Work(
            4 * shape.slices * rank * shape.keys * shape.head_dim,
            2 * shape.slices * rank * shape.head_dim,
        ),
        substituted=substituted,
    )


def _to_mixtures(call: Call, keys: Tensor, unused: Tensor | None) -> tuple[Step, Tensor]:
    width, pairs = call.queries.shape[1], _pairs(len(keys))
    found = call.queries @ keys.T / math.sqrt(width)
    if unused is not None:
        found = found.masked_fill(unused, -torch.inf)

    def substituted(i: int, j: int) -> str:
        row = call.row(i)
        most = int(found[row].argmax())
        left = rf"\tilde S_{{{i},{most}}}=({products(call.queries[row], keys[most])})/\sqrt{{{width}}}"
        return left + f"={number(found[row, most])}"

    masked = None if unused is None else unused.expand_as(found)
    step = Step(
        key="scaled",
        title="Scores of mixtures",
        says="Queries meet mixtures instead of keys.",
        formula=r"\tilde S=\frac{Q\,(EK)^\top}{\sqrt d}",
        arrays=(Array("Q(EK)ᵀ/√d", found, QUERY, MIXTURE, "score", call.first, masked),),
        cost=lambda shape: Work(2 * pairs(shape) * shape.head_dim, pairs(shape)),
        substituted=substituted,
    )
    return step, found
