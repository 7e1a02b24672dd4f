"""Torch's own exact attention: what approximations have to beat, and what `flash` must equal."""

from __future__ import annotations

from functools import partial

import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.clock import Side
from benchmarks.comparison import HEADS, WIDTH, Comparison, Pair, Target, both, heads, tokens
from benchmarks.ours import build_op, layer_side, op_side, split_linear

SDPA = "torch scaled_dot_product_attention"


def exact_side() -> Side:
    return Side(F.scaled_dot_product_attention)


def build_null(length: int) -> Pair:
    return Pair(exact_side(), exact_side(), heads(length))


def build(length: int, method: str) -> Pair:
    return Pair(op_side(build_op(method, length)), exact_side(), heads(length))


def against_exact(method: str, forward: float, backward: float) -> Comparison:
    return Comparison(
        name=f"{method} / SDPA",
        method=method,
        peer=SDPA,
        scope="operator",
        build=partial(build, method=method),
        targets=both(forward, backward),
        differs="an approximation",
    )


def build_multihead(length: int, method: str) -> Pair:
    peer = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
    query, key, value = split_linear(peer.in_proj_weight, peer.in_proj_bias, 3)
    linears = {"query": query, "key": key, "value": value, "output": peer.out_proj}
    ours = layer_side(build_op(method, length), linears)

    def call(x: Tensor) -> Tensor:
        return peer(x, x, x, need_weights=False)[0]

    return Pair(ours, Side(call, (peer,)), (tokens(length),))


WITHIN = Target(1 / 1.05, "within 5 %")

COMPARISONS = (
    Comparison(
        name="SDPA / SDPA (null)",
        method="",
        peer=SDPA,
        scope="operator",
        build=build_null,
        tolerance=1e-6,
        note="the same function twice: how far from 1 a ratio strays here by chance",
    ),
    Comparison(
        name="flash / SDPA",
        method="flash",
        peer=SDPA,
        scope="operator",
        build=partial(build, method="flash"),
        targets={"forward": WITHIN, "forward+backward": WITHIN},
        tolerance=1e-6,
    ),
    against_exact("kernelized", 15, 10),
    against_exact("linformer", 15, 10),
    against_exact("nystromformer", 15, 10),
    against_exact("low_rank", 15, 10),
    against_exact("longformer", 6, 3),
    against_exact("performer", 4.5, 2.25),
    against_exact("bigbird", 4, 2),
    against_exact("multiscale", 4, 2),
    against_exact("sparse_transformer", 2.5, 1.25),
    against_exact("reformer", 2, 1),
)

PEERS = (
    Comparison(
        name="flash layer / nn.MultiheadAttention",
        method="flash",
        peer="torch nn.MultiheadAttention, need_weights=False",
        scope="layer",
        build=partial(build_multihead, method="flash"),
        tolerance=1e-5,
    ),
)
