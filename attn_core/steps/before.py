"""What comes before attention in a layer: tokens, embeddings, and the projections to Q, K and V."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from attn_core.contract import Shape
from attn_core.model.inside import Inside
from attn_core.steps.latex import number, products
from attn_core.steps.step import FEATURE, HIDDEN, KEY, QUERY, Array, Call, Step, Work


@dataclass(frozen=True)
class Text:
    """Tokens and their numbers: those that ask, and those that are looked at."""

    tokens: Sequence[str]
    ids: Sequence[int]


@torch.no_grad()
def before(call: Call, inside: Inside | None, text: Text | None) -> tuple[Step, ...]:
    """Down to Q, K and V; drawn numbers begin there."""
    if inside is None or text is None:
        return (drawn(call),)
    return tokens(call, text), embeddings(call, inside), projected(call, inside)


def tokens(call: Call, text: Text) -> Step:
    ids = torch.tensor(text.ids[call.rows])[:, None]
    return Step(
        key="tokens",
        title="Tokens",
        says="The text as the model reads it: pieces of words, each with its number in the vocabulary.",
        formula=r"\text{text}\to (t_0,\dots,t_{N-1})",
        arrays=(
            Array(
                "token number",
                ids,
                QUERY,
                "",
                "number",
                call.first,
                row_names=tuple(text.tokens[call.rows]),
            ),
        ),
        cost=lambda shape: Work(0, shape.queries),
        substituted=lambda i, j: rf"t_{{{i}}}={text.ids[i]}",
    )


def embeddings(call: Call, inside: Inside) -> Step:
    embedded, entering = inside.embedded[0], inside.entering[0]
    width = embedded.shape[1]
    arrays = [Array("E", embedded[call.rows], QUERY, HIDDEN, "hidden", call.first)]
    deeper = not torch.equal(embedded, entering)
    if deeper:
        arrays.append(
            Array("X entering the layer", entering[call.rows], QUERY, HIDDEN, "hidden", call.first)
        )
    arrays.append(
        Array("X̂ normalised", inside.normed[0, call.rows], QUERY, HIDDEN, "hidden", call.first)
    )

    def substituted(i: int, j: int) -> str:
        row, normed = entering[i], inside.normed[0, i]
        before, read = (rf"({number(x[0])},\,{number(x[1])},\dots)" for x in (row, normed))
        return rf"x_{{{i}}}={before}\;\to\;\hat x_{{{i}}}={read}"

    return Step(
        key="embeddings",
        title="Embeddings",
        says="Each token's number picks a row of the embedding table"
        + ("; the layers before have changed it; " if deeper else "; ")
        + "the layer reads it normalised.",
        formula=r"e_i=\sqrt{w}\;T_{t_i}\,(+\,\text{position}),\qquad \hat X=\mathrm{norm}(X)",
        arrays=tuple(arrays),
        cost=lambda shape: Work(0, 2 * shape.queries * width),
        substituted=substituted,
    )


def projected(call: Call, inside: Inside) -> Step:
    layer = inside.attention
    turned = layer.placement is not None

    def substituted(i: int, j: int) -> str:
        x, weight = inside.normed[0, i], layer.query.weight.detach()
        at = call.head * (layer.query.out_features // call.q.shape[1])
        plain = products(x, weight[at])
        shown = rf"(\hat x_{{{i}}}W_Q)_0={plain}={number(x @ weight[at])}"
        place = rf"\;\xrightarrow{{\text{{position }}{i}}}\;Q_{{{i},0}}={number(call.queries[call.row(i), 0])}"
        return shown + (place if turned else "")

    def cost(shape: Shape) -> Work:
        width, inner = layer.query.in_features, layer.query.out_features
        tokens = shape.queries + shape.keys * (1 if layer.key is None else 2)
        return Work(2 * tokens * width * inner, tokens * inner)

    place = r"R_i\," if turned else ""
    memory = r"M" if inside.memory is not None else r"\hat X"
    return Step(
        key="qkv",
        title="Q, K, V",
        says="Three projections of the same tokens: what each asks, what it offers, what it passes on"
        + ("; keys and values come from the encoder." if inside.memory is not None else ".")
        + (" Positions are put into queries and keys." if turned else ""),
        formula=rf"Q={place}\hat X W_Q,\qquad K={place}{memory} W_K,\qquad V={memory} W_V",
        arrays=_qkv(call),
        cost=cost,
        substituted=substituted,
    )


def _qkv(call: Call) -> tuple[Array, ...]:
    return (
        Array("Q", call.queries, QUERY, FEATURE, "query", call.first),
        Array("K", call.keys, KEY, FEATURE, "key"),
        Array("V", call.values, KEY, FEATURE, "value"),
    )


def drawn(call: Call) -> Step:
    def substituted(i: int, j: int) -> str:
        q, k = call.queries[call.row(i)], call.keys[j]
        return (
            rf"q_{{{i}}}=({number(q[0])},\dots),\qquad k_{{{j}}}=({number(k[0])},\dots),\qquad"
            rf"\lVert q_{{{i}}}\rVert={number(q.norm())},\;\lVert k_{{{j}}}\rVert={number(k.norm())}"
        )

    return Step(
        key="qkv",
        title="Q, K, V",
        says="Drawn numbers stand in the place of projected tokens: what each asks, offers, and passes on.",
        formula=r"Q\in\mathbb{R}^{N\times d},\qquad K,V\in\mathbb{R}^{M\times d}",
        arrays=_qkv(call),
        cost=lambda shape: Work(
            0, shape.slices * (shape.queries + 2 * shape.keys) * shape.head_dim
        ),
        substituted=substituted,
    )
