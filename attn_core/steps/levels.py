"""Multiscale: near keys one by one, farther ones as means over ever larger blocks, one softmax over all of them."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from attn_core.contract import Shape
from attn_core.methods.multiscale import block_counts, block_means, level_rule
from attn_core.steps import scored
from attn_core.steps.latex import factor, number
from attn_core.steps.step import FEATURE, KEY, QUERY, Array, Call, Step, Work

BLOCK = "block b, levels one after another"


class Blocks(NamedTuple):
    """All levels one after another: means of keys and values, tokens in each, and who attends it."""

    keys: Tensor
    values: Tensor
    counts: Tensor
    seen: Tensor
    sizes: tuple[int, ...]


def steps(call: Call) -> tuple[Step, ...]:
    scales, window = call.params["scales"], call.params["window"]
    blocks = _blocks(call, scales, window)
    score, found = _scores(call, blocks)
    soft, weights = scored.softmax(call, found, ~blocks.seen, _pairs(call), BLOCK)
    return (
        _levels(call, scales, window),
        _means(call, blocks),
        score,
        soft,
        scored.summed(
            call, weights, blocks.values, _pairs(call), r"z_i=\sum_b A_{ib}\,\bar v_b", "block b"
        ),
    )


def _blocks(call: Call, scales: tuple[int, ...], window: int) -> Blocks:
    keys, values, counts, seen = [], [], [], []
    for level, scale in enumerate(scales):
        held = block_counts(call.k, None, scale)
        keys.append(block_means(call.k, None, held, scale)[0, call.head])
        values.append(block_means(call.v, None, held, scale)[0, call.head])
        counts.append(held[0])
        first = torch.arange(len(keys[-1])) * scale
        seen.append(level_rule(scales, window, level, call.causal)(call.places, first))
    sizes = tuple(map(len, keys))
    return Blocks(torch.cat(keys), torch.cat(values), torch.cat(counts), torch.cat(seen, 1), sizes)


def _pairs(call: Call) -> scored.Pairs:
    def pairs(shape: Shape) -> int:
        return call.method.cost(shape, **call.params).flops // (4 * shape.head_dim)

    return pairs


def _levels(call: Call, scales: tuple[int, ...], window: int) -> Step:
    j = torch.arange(len(call.keys))
    level = torch.full((len(call.queries), len(call.keys)), -1)
    for at in range(len(scales)):
        level[level_rule(scales, window, at, call.causal)(call.places, j)] = at

    def substituted(i: int, j: int) -> str:
        at = int(level[call.row(i), j])
        if at < 0:
            return rf"{j}\text{{ is out of reach of }}{i}"
        return rf"{i}\text{{ sees }}{j}\text{{ at level }}{at},\text{{ in a mean of up to }}{scales[at]}"

    return Step(
        key="pattern",
        title="Levels",
        says="Level 0 are single tokens near the query; each further level is coarser and farther away.",
        formula=r"\ell(i,j)=\min\{\ell : |\lfloor i/s_{\ell+1}\rfloor-\lfloor j/s_{\ell+1}\rfloor|\le r_\ell\}",
        arrays=(Array("level", level, QUERY, KEY, "number", call.first, level < 0),),
        cost=lambda shape: Work(),
        substituted=substituted,
    )


def _means(call: Call, blocks: Blocks) -> Step:
    scales = call.params["scales"]

    def substituted(i: int, j: int) -> str:
        coarse = min(1, len(scales) - 1)
        at, before = j // scales[coarse], sum(blocks.sizes[:coarse])
        return (
            rf"\bar k_{{{at},0}}={number(blocks.keys[before + at, 0])}\quad"
            rf"\text{{(level {coarse}, {int(blocks.counts[before + at])} tokens)}}"
        )

    return Step(
        key="means",
        title="Means of blocks",
        says="Keys and values are averaged over blocks: "
        + ", ".join(map(str, scales))
        + " tokens.",
        formula=r"\bar k_b=\tfrac1{n_b}\sum_{j\in b}k_j,\qquad \bar v_b=\tfrac1{n_b}\sum_{j\in b}v_j",
        arrays=(
            Array("K̄", blocks.keys, BLOCK, FEATURE, "key"),
            Array("V̄", blocks.values, BLOCK, FEATURE, "value"),
        ),
        cost=lambda shape: Work(
            0, 2 * shape.slices * shape.head_dim * sum(shape.keys // s for s in scales[1:])
        ),
        substituted=substituted,
    )


def _scores(call: Call, blocks: Blocks) -> tuple[Step, Tensor]:
    width = call.queries.shape[1]
    found = call.queries @ blocks.keys.T / math.sqrt(width) + blocks.counts.to(call.q.dtype).log()
    found = found.masked_fill(~blocks.seen, -torch.inf)
    pairs = _pairs(call)

    def substituted(i: int, j: int) -> str:
        row = call.row(i)
        most = int(found[row].argmax())
        count = blocks.counts[most]
        return (
            rf"\tilde S_{{{i},{most}}}={factor(found[row, most] - count.log())}+\log {int(count)}"
            rf"={number(found[row, most])}\quad\text{{(its largest)}}"
        )

    step = Step(
        key="scaled",
        title="Scores of blocks",
        says="A mean of n tokens gets log n on top, so that it weighs as much as its tokens.",
        formula=r"\tilde S_{ib}=\frac{q_i\cdot\bar k_b}{\sqrt d}+\log n_b",
        arrays=(Array("S̃", found, QUERY, BLOCK, "score", call.first, ~blocks.seen),),
        cost=lambda shape: Work(2 * pairs(shape) * shape.head_dim, pairs(shape)),
        substituted=substituted,
    )
    return step, found
