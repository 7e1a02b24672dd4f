"""performer-pytorch's FastAttention beside `performer`, both with the same 256 random features."""

from __future__ import annotations

import contextlib
import io
from functools import partial
from typing import Any

import torch
from torch import nn

from attn_core.contract import AttentionOp
from benchmarks.clock import Side
from benchmarks.comparison import HEAD_DIM, Comparison, Pair, both, heads
from benchmarks.ours import build_op, op_side
from benchmarks.packages import load

FEATURES = 256


def fast_attention(causal: bool) -> nn.Module:
    # The causal form announces on stdout that it found no CUDA extension.
    with contextlib.redirect_stdout(io.StringIO()):
        return load("performer_pytorch").FastAttention(
            dim_heads=HEAD_DIM, nb_features=FEATURES, causal=causal
        )


def share_projection(op: AttentionOp, peer: Any) -> None:
    """Give the peer our random projection; it has one for all heads."""
    with torch.no_grad():
        peer.projection_matrix.copy_(op.get_buffer("omega").T)


def build(length: int, causal: bool) -> Pair:
    op, peer = build_op("performer", length, features=FEATURES), fast_attention(causal)
    share_projection(op, peer)
    return Pair(op_side(op, causal), Side(peer, (peer,)), heads(length))


# Every feature of the peer carries an ε of 1e-4 that the estimator does not have.
EPSILON = "adds 1e-4 to every feature; without it the two agree, see the agreement table"

COMPARISONS = (
    Comparison(
        name="performer / performer-pytorch",
        method="performer",
        peer="performer-pytorch FastAttention, 256 features",
        scope="operator",
        build=partial(build, causal=False),
        targets=both(4, 2.5),
        differs=EPSILON,
    ),
    Comparison(
        name="performer / performer-pytorch, causal",
        method="performer",
        peer="performer-pytorch FastAttention, 256 features, causal",
        scope="operator",
        build=partial(build, causal=True),
        targets=both(30, 10),
        differs=EPSILON,
    ),
)
