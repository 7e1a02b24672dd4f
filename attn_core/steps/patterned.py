"""Sparse attention by a fixed pattern: which pairs meet, their scores alone, a softmax over them."""

from __future__ import annotations

from torch import Tensor

from attn_core.contract import Shape
from attn_core.steps import scored
from attn_core.steps.step import KEY, QUERY, Array, Call, Step, Work

NAMES = {
    "longformer": (
        "The band",
        r"|i-j|\le w\cdot\delta,\;\delta\mid i-j\quad\text{or}\quad j<g\quad\text{or}\quad i<g",
        "A query meets its neighbours, and the leading global tokens meet everyone.",
    ),
    "sparse_transformer": (
        "The strides",
        r"|i-j|\le s\;\text{or}\;s\mid i-j\quad\text{(strided)},\qquad"
        r"\lfloor i/s\rfloor=\lfloor j/s\rfloor\;\text{or}\;j\bmod s\ge s-c\quad\text{(fixed)}",
        "A query meets its neighbours, and one key in every stride or the last ones of every block.",
    ),
    "bigbird": (
        "The blocks",
        r"b(j)\in\text{window}(b(i))\,\cup\,\text{global}\,\cup\,\text{random}(b(i))\quad\text{or}\quad b(i)<g",
        "A block meets its neighbours, the global blocks and a few drawn once by the seed.",
    ),
}
OTHER = ("The pattern", r"(i,j)\in P", "Only these pairs meet.")


def steps(call: Call) -> tuple[Step, ...]:
    pattern = call.method.pattern(
        call.q.shape[2], len(call.keys), causal=call.causal, **call.params
    )
    assert pattern is not None
    met = pattern.block(call.rows, slice(None))

    def pairs(shape: Shape) -> int:
        drawn = call.method.pattern(shape.queries, shape.keys, causal=shape.causal, **call.params)
        assert drawn is not None
        return shape.slices * int(drawn.row_counts().sum())

    return within(call, call.keys, met, pairs, meeting(call, met))


def within(
    call: Call, keys: Tensor, met: Tensor, pairs: scored.Pairs, *first: Step
) -> tuple[Step, ...]:
    """Softmax attention over the pairs that meet."""
    scale, found = scored.scaled(call, keys, ~met, pairs)
    soft, weights = scored.softmax(call, found, ~met, pairs)
    return (
        *first,
        scored.dot(call, keys),
        scored.scores(call, keys, ~met, pairs),
        scale,
        soft,
        scored.summed(call, weights, call.values, pairs),
    )


def meeting(call: Call, met: Tensor) -> Step:
    title, formula, says = NAMES.get(call.method.name, OTHER)

    def substituted(i: int, j: int) -> str:
        row = met[call.row(i)]
        verb = r"\text{ meets }" if bool(row[j]) else r"\text{ does not meet }"
        return rf"{i}{verb}{j},\qquad {i}\text{{ meets }}{int(row.sum())}\text{{ of }}{len(row)}\text{{ keys}}"

    return Step(
        key="pattern",
        title=title,
        says=says + " The pattern is a rule that is asked: no table of it is stored.",
        formula=formula + (r",\qquad j\le i" if call.causal else ""),
        arrays=(Array("pairs that meet", met, QUERY, KEY, "pattern", call.first),),
        cost=lambda shape: Work(),
        substituted=substituted,
    )
