"""Pairs that compute one function and are checked, not timed: (name, build, tolerance)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.adapters import exact, longformer, nystrom, performer, reformer
from benchmarks.clock import Side
from benchmarks.comparison import HEAD_DIM, HEADS, WIDTH, Pair, heads, tokens
from benchmarks.ours import build_op, layer_side, op_side
from benchmarks.packages import load

LENGTH, PADDED = 512, 100


def small_heads() -> tuple[Tensor, ...]:
    """Half the norm: at unit variance random features are dominated by a few rare large ones."""
    return tuple(0.5 * x for x in heads(LENGTH))


def performer_without_epsilon(causal: bool) -> Pair:
    """The peer's own functions, with the constants it adds to features and denominators set to 0."""
    module = load("performer_pytorch.performer_pytorch")
    op, peer = build_op("performer", LENGTH, features=256), performer.fast_attention(causal)
    performer.share_projection(op, peer)
    kernel = partial(module.softmax_kernel, projection_matrix=peer.projection_matrix, eps=0.0)
    chunked = partial(module.causal_linear_attention_noncuda, eps=0.0)
    attention = chunked if causal else module.linear_attention

    def call(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return attention(kernel(q, is_query=True), kernel(k, is_query=False), v)

    return Pair(op_side(op, causal), Side(call), small_heads())


def performer_relu() -> Pair:
    op = build_op("performer", LENGTH, features=256, kernel="relu")
    peer: Any = load("performer_pytorch").FastAttention(
        HEAD_DIM, nb_features=256, generalized_attention=True
    )
    performer.share_projection(op, peer)
    return Pair(op_side(op), Side(peer, (peer,)), heads(LENGTH))


def exponential_causal() -> Pair:
    """The softmax over a query's features cancels between numerator and denominator: φ = exp remains."""
    module = load("linear_attention_transformer.linear_attention_transformer")
    peer = partial(module.causal_linear_attn, bucket_size=1)
    op = build_op("kernelized", LENGTH, feature_map="exp")
    return Pair(op_side(op, causal=True), Side(peer), heads(LENGTH))


def axis_anchors() -> Pair:
    """Anchors on the axes, scaled so that the score of anchor i is feature i. The rows
    of the peer sum to 1/√d; multiplied back, both are one function."""
    module = load("linear_attention_transformer.linear_attention_transformer")
    op = build_op("low_rank", LENGTH, rank=HEAD_DIM)
    root = HEAD_DIM**0.5
    with torch.no_grad():
        op.get_parameter("anchors").copy_(root * torch.eye(HEAD_DIM))
    return Pair(
        op_side(op), Side(lambda q, k, v: root * module.linear_attn(q, k, v)), heads(LENGTH)
    )


def local_causal() -> Pair:
    peer = load("local_attention").LocalAttention(
        window_size=128, causal=True, exact_windowsize=True, use_rotary_pos_emb=False
    )
    op = build_op("longformer", LENGTH, window=128, global_tokens=0)
    return Pair(op_side(op, causal=True), Side(peer, (peer,)), heads(LENGTH))


def longformer_padded() -> Pair:
    """Compared on the real tokens; at padded ones the peer puts zeros."""
    real = LENGTH - PADDED
    keep = torch.arange(LENGTH)[None] < real
    marks = torch.where(keep, 0.0, -longformer.GLOBAL_MARK)
    marks[:, 0] = longformer.GLOBAL_MARK
    peer = longformer.self_attention()
    op = build_op("longformer", LENGTH, window=longformer.WINDOW, global_tokens=1)
    linears = {"query": peer.query, "key": peer.key, "value": peer.value, "output": None}
    ours, theirs = layer_side(op, linears, keep), longformer.marked_side(peer, marks)
    return Pair(cut(ours, real), cut(theirs, real), (tokens(LENGTH),))


def cut(side: Side, length: int) -> Side:
    return Side(lambda *inputs: side.call(*inputs)[:, :length], side.modules)


def causal_exact(method: str) -> Pair:
    peer = partial(F.scaled_dot_product_attention, is_causal=True)
    return Pair(op_side(build_op(method, LENGTH), causal=True), Side(peer), heads(LENGTH))


def one_bucket_hugging_face() -> Pair:
    """As many tokens as one chunk holds: shared-QK attention to everything but oneself. The peer does
    not divide scores by √d, so our queries are given √d more; keys are of length one either way."""
    length = reformer.BUCKET
    peer = reformer.lsh_self_attention(2 * length)
    op = build_op("reformer", length, bucket=length, rounds=1)
    sharper = copy.deepcopy(peer.query_key)
    with torch.no_grad():
        sharper.weight.mul_(HEAD_DIM**0.5)
    ours = layer_side(op, {"query": sharper, "value": peer.value, "output": None})
    return Pair(ours, Side(lambda x: peer(x).hidden_states, (peer,)), (tokens(length),))


def one_bucket_lucidrains() -> Pair:
    length = reformer.BUCKET
    peer = load("reformer_pytorch").LSHSelfAttention(WIDTH, heads=HEADS, use_full_attn=True)
    op = build_op("reformer", length, bucket=length, rounds=1)
    ours = layer_side(op, {"query": peer.toqk, "value": peer.tov, "output": peer.to_out})
    return Pair(ours, Side(peer, (peer,)), (tokens(length),))


PAIRS: tuple[tuple[str, Callable[[], Pair], float], ...] = (
    (
        "performer / performer-pytorch, its added constants set to 0",
        partial(performer_without_epsilon, causal=False),
        1e-5,
    ),
    (
        "performer, causal / performer-pytorch, its added constants set to 0",
        partial(performer_without_epsilon, causal=True),
        1e-5,
    ),
    ("performer, ReLU features / performer-pytorch", performer_relu, 1e-5),
    ("kernelized, exp, causal / linear-attention-transformer", exponential_causal, 1e-5),
    ("low_rank, anchors on the axes / √d · linear-attention-transformer", axis_anchors, 1e-5),
    ("longformer, causal / local-attention, exact window", local_causal, 1e-5),
    ("longformer layer, padded / HF Longformer", longformer_padded, 1e-5),
    (
        "nystromformer, one head / nystrom-attention, convolution 33",
        partial(nystrom.build_lucidrains_alone, LENGTH, heads=1),
        1e-5,
    ),
    ("reformer layer, one bucket / reformer-pytorch", one_bucket_lucidrains, 1e-5),
    ("reformer layer, one bucket, queries · √d / HF Reformer", one_bucket_hugging_face, 1e-5),
    (
        "softmax layer / nn.MultiheadAttention",
        partial(exact.build_multihead, LENGTH, method="softmax"),
        1e-5,
    ),
    ("softmax / SDPA", partial(exact.build, LENGTH, method="softmax"), 1e-5),
    ("softmax, causal / SDPA", partial(causal_exact, "softmax"), 1e-5),
    ("flash, causal / SDPA", partial(causal_exact, "flash"), 1e-5),
)
