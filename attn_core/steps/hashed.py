"""Reformer: hash queries into buckets, sort, cut into chunks, attend inside own and previous chunk, in every round."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from attn_core.contract import Shape
from attn_core.matrix import widen
from attn_core.methods.reformer import Reformer, bucket_factors, unit
from attn_core.steps.latex import number
from attn_core.steps.patterned import within
from attn_core.steps.step import FEATURE, KEY, QUERY, Array, Call, Step, Work

ROUND = "round"


def steps(call: Call) -> tuple[Step, ...]:
    op = cast(Reformer, call.op)
    # All heads at once, as the operator hashes them: a tie may not fall differently here.
    buckets = op.buckets_of(widen(call.q.flatten(0, 1)))[:, call.head]
    chunk = torch.stack(
        [part.inverse[call.head] // op.bucket for part in op.parts(call.q, None, call.causal)]
    )
    keys = unit(call.q)[0, call.head]
    in_round, met = _meetings(call, chunk)
    return within(
        call, keys, met, _pairs(call),
        _shared(call, keys), _hash(call, buckets), _chunks(call, chunk), _met(call, in_round, met),
    )  # fmt: skip


def _meetings(call: Call, chunk: Tensor) -> tuple[Tensor, Tensor]:
    """The first round in which a pair meets (-1: never), and which pairs attend: oneself only if no other does."""
    first = torch.full((len(call.queries), len(call.keys)), -1)
    for at in reversed(range(len(chunk))):
        gap = chunk[at, call.places] - chunk[at]
        first[(gap == 0) | (gap == 1)] = at
    own = torch.arange(len(call.keys)) == call.places
    first[own] = -1
    if call.future is not None:
        first[call.future] = -1
    met = first >= 0
    return first, met | (own & ~met.any(-1, keepdim=True))


def _pairs(call: Call):
    """Every chunk against itself and the one before, in every round; met again counts as work too."""

    def pairs(shape: Shape) -> int:
        rest = call.method.cost(shape, **call.params).flops - _hashing(call, shape)
        return rest // (4 * shape.head_dim)

    return pairs


def _hashing(call: Call, shape: Shape) -> int:
    wanted = -(-shape.queries // call.params["bucket"])
    directions = sum(bucket_factors(wanted))
    return call.params["rounds"] * shape.slices * shape.queries * shape.head_dim * directions


def _shared(call: Call, keys: Tensor) -> Step:
    def substituted(i: int, j: int) -> str:
        length = call.q[0, call.head, j].norm()
        return rf"\lVert q_{{{j}}}\rVert={number(length)},\qquad \lVert k_{{{j}}}\rVert={number(keys[j].norm())}"

    return Step(
        key="shared",
        title="Shared keys",
        says="Keys are the queries, brought to length one; the K passed in is not used.",
        formula=r"k_j=\frac{q_j}{\lVert q_j\rVert}",
        arrays=(
            Array("Q", call.queries, QUERY, FEATURE, "query", call.first),
            Array("q/‖q‖", keys, KEY, FEATURE, "key"),
        ),
        cost=lambda shape: Work(0, shape.slices * shape.keys * shape.head_dim),
        substituted=substituted,
    )


def _hash(call: Call, buckets: Tensor) -> Step:
    def substituted(i: int, j: int) -> str:
        shown = [
            rf"h_{{{at}}}(q_{{{i}}})={int(row[i])},\;h_{{{at}}}(q_{{{j}}})={int(row[j])}"
            for at, row in enumerate(buckets[:2])
        ]
        return r"\qquad ".join(shown)

    return Step(
        key="buckets",
        title="Buckets",
        says="In every round a token falls into the bucket of the random direction nearest to it.",
        formula=r"h(q)=\operatorname{arg\,max}\,[\,qR;\,-qR\,]",
        arrays=(Array("bucket", buckets.T[call.rows], QUERY, ROUND, "number", call.first),),
        cost=lambda shape: Work(
            _hashing(call, shape), call.params["rounds"] * shape.slices * shape.queries
        ),
        substituted=substituted,
    )


def _chunks(call: Call, chunk: Tensor) -> Step:
    def substituted(i: int, j: int) -> str:
        own, other = int(chunk[0, i]), int(chunk[0, j])
        return rf"c_0({i})={own},\qquad c_0({j})={other},\qquad c_0({i})-c_0({j})={own - other}"

    return Step(
        key="chunks",
        title="Sort and cut",
        says=f"Tokens are sorted by bucket, then position, and cut into chunks of {call.params['bucket']}.",
        formula=r"c(i)=\left\lfloor\frac{\mathrm{rank}(h(q_i),\,i)}{\text{bucket}}\right\rfloor",
        arrays=(Array("chunk", chunk.T[call.rows], QUERY, ROUND, "number", call.first),),
        cost=lambda shape: Work(0, 2 * call.params["rounds"] * shape.slices * shape.queries),
        substituted=substituted,
    )


def _met(call: Call, in_round: Tensor, met: Tensor) -> Step:
    def substituted(i: int, j: int) -> str:
        row = call.row(i)
        at = int(in_round[row, j])
        found = r"\text{never}" if at < 0 else rf"\text{{in round }}{at}"
        return rf"{i}\text{{ meets }}{j}\;{found},\qquad {i}\text{{ attends }}{int(met[row].sum())}\text{{ keys}}"

    return Step(
        key="pattern",
        title="Who meets whom",
        says="A query attends its own chunk and the one before; a pair met in several rounds counts once, itself only "
        "if it meets no other.",
        formula=r"0\le c(i)-c(j)\le 1\;\text{in any round},\qquad j"
        + (r"<i" if call.causal else r"\ne i"),
        arrays=(Array("first round met", in_round, QUERY, KEY, "number", call.first, ~met),),
        cost=lambda shape: Work(),
        substituted=substituted,
    )
