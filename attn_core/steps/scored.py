"""Steps that every softmax over scores has: one product opened, the scores, scaling and mask, weights, the sum."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from attn_core.contract import Shape
from attn_core.steps.latex import factor, number, products
from attn_core.steps.step import FEATURE, KEY, QUERY, Array, Call, Step, Work

# Pairs that a method really works out, over all heads.
Pairs = Callable[[Shape], int]


def all_pairs(shape: Shape) -> int:
    return shape.slices * shape.queries * shape.keys


def dot(call: Call, keys: Tensor, pairs: Pairs = all_pairs) -> Step:
    """One product, number by number."""

    def opened(i: int, j: int) -> tuple[Array, ...]:
        q, k = call.queries[call.row(i)], keys[j]
        terms = q * k
        return (
            Array("q_i", q[None], "", FEATURE, "query"),
            Array("k_j", k[None], "", FEATURE, "key"),
            Array("q_i·k_j", terms[None], "", FEATURE, "score"),
            Array("running sum", terms.cumsum(0)[None], "", FEATURE, "score"),
        )

    def substituted(i: int, j: int) -> str:
        q, k = call.queries[call.row(i)], keys[j]
        return rf"s_{{{i},{j}}}={products(q, k)}={number(q @ k)}"

    return Step(
        key="dot",
        title="One dot product",
        says="Feature by feature, the query's number times the key's; their sum is the pair's score.",
        formula=r"s_{ij}=q_i\cdot k_j=\sum_{c=0}^{d-1} q_{ic}\,k_{jc}",
        arrays=(),
        cost=lambda shape: Work(2 * shape.head_dim, 1),
        substituted=substituted,
        opened=opened,
        cost_of="one pair of one head",
    )


def scores(
    call: Call, keys: Tensor, unmet: Tensor | None = None, pairs: Pairs = all_pairs
) -> Step:
    """All products; `unmet` pairs are never worked out."""
    found = call.queries @ keys.T

    def substituted(i: int, j: int) -> str:
        row = found[call.row(i)]
        largest = int(row.argmax())
        return (
            rf"S_{{{i},{j}}}={number(row[j])},\qquad"
            rf"\max_j S_{{{i},j}}=S_{{{i},{largest}}}={number(row[largest])}"
        )

    return Step(
        key="scores",
        title="Scores",
        says="The same product for every query and key.",
        formula=r"S=QK^\top",
        arrays=(Array("S", found, QUERY, KEY, "score", call.first, unmet),),
        cost=lambda shape: Work(2 * pairs(shape) * shape.head_dim, pairs(shape)),
        substituted=substituted,
    )


def scaled(
    call: Call, keys: Tensor, unmet: Tensor | None, pairs: Pairs = all_pairs
) -> tuple[Step, Tensor]:
    """Divided by √d, and -∞ where a pair may not interact."""
    width = call.queries.shape[1]
    found = call.queries @ keys.T / math.sqrt(width)
    if unmet is not None:
        found = found.masked_fill(unmet, -torch.inf)

    def substituted(i: int, j: int) -> str:
        row = call.row(i)
        left = rf"\tilde S_{{{i},{j}}}=\frac{{{number(call.queries[row] @ keys[j])}}}{{\sqrt{{{width}}}}}"
        if unmet is not None and bool(unmet[row, j]):
            return left + r"-\infty=-\infty"
        return left + f"={number(found[row, j])}"

    step = Step(
        key="scaled",
        title="Scale and mask",
        says="Divided by the root of the head's width, so that the softmax is not decided by the width alone"
        + ("." if unmet is None else "; pairs that may not interact are taken out."),
        formula=r"\tilde S=\frac{S}{\sqrt d}" + ("" if unmet is None else "+M"),
        arrays=(Array("S/√d", found, QUERY, KEY, "score", call.first, unmet),),
        cost=lambda shape: Work(0, pairs(shape)),
        substituted=substituted,
    )
    return step, found


def softmax(
    call: Call, found: Tensor, unmet: Tensor | None, pairs: Pairs = all_pairs, columns: str = KEY
) -> tuple[Step, Tensor]:
    """Weights of each row; a row that sees nothing gives zeros."""
    weights = found.softmax(-1).nan_to_num(0.0)

    def substituted(i: int, j: int) -> str:
        row, column = found[call.row(i)], min(j, found.shape[1] - 1)
        top = row.amax()
        total = (row - top).exp().sum()
        return (
            rf"A_{{{i},{column}}}=\frac{{e^{{{number(row[column])}-{factor(top)}}}}}{{{number(total)}}}"
            rf"={number(weights[call.row(i), column])}"
        )

    step = Step(
        key="softmax",
        title="Softmax",
        says="Each row becomes positive weights that sum to one.",
        formula=r"A_{ij}=\frac{e^{\tilde S_{ij}-m_i}}{\sum_{j'} e^{\tilde S_{ij'}-m_i}},"
        r"\qquad m_i=\max_j \tilde S_{ij}",
        arrays=(Array("A", weights, QUERY, columns, "weight", call.first, unmet),),
        cost=lambda shape: Work(0, pairs(shape)),
        substituted=substituted,
    )
    return step, weights


def summed(
    call: Call,
    weights: Tensor,
    values: Tensor,
    pairs: Pairs = all_pairs,
    formula: str = r"Z=AV,\qquad z_i=\sum_j A_{ij}\,v_j",
    rows: str = KEY,
) -> Step:
    """The output: each row a weighted sum of rows of values."""
    out = weights @ values

    def opened(i: int, j: int) -> tuple[Array, ...]:
        row = weights[call.row(i)]
        most = torch.topk(row.abs(), min(8, row.numel())).indices.sort().values
        parts = torch.cat([row[most, None] * values[most], out[call.row(i)][None]])
        names = (*map(str, most.tolist()), "all: z")
        return (
            Array(
                f"largest parts of z of query {i}", parts, rows, FEATURE, "value", row_names=names
            ),
        )

    def substituted(i: int, j: int) -> str:
        row = weights[call.row(i)]
        return rf"Z_{{{i},0}}={products(row, values[:, 0], largest=True)}={number(out[call.row(i), 0])}"

    return Step(
        key="output",
        title="Weighted sum of V",
        says="Each output row is a sum of value rows, each times its weight.",
        formula=formula,
        arrays=(Array("Z", out, QUERY, FEATURE, "value", call.first),),
        cost=lambda shape: Work(
            2 * pairs(shape) * shape.head_dim, shape.slices * shape.queries * shape.head_dim
        ),
        substituted=substituted,
        opened=opened,
    )
