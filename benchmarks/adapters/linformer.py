"""The linformer package beside a `linformer` layer with the same E and F, and the attention alone."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from attn_core.contract import AttentionOp
from benchmarks.adapters.nystrom import joint
from benchmarks.clock import Side
from benchmarks.comparison import HEADS, WIDTH, Comparison, Pair, both, tokens
from benchmarks.ours import Columns, build_op, joint_side, layer_side
from benchmarks.packages import load

RANK = 128


def package(length: int) -> Any:
    return load("linformer").LinformerSelfAttention(
        dim=WIDTH, seq_len=length, k=RANK, heads=HEADS, one_kv_head=False, share_kv=False
    )


def shared_op(length: int, peer: Any) -> AttentionOp:
    """Our operator with the peer's E and F, (N, k) there."""
    op = build_op("linformer", length, rank=RANK, share=False)
    with torch.no_grad():
        op.get_parameter("key_projection").copy_(peer.proj_k.T)
        op.get_parameter("value_projection").copy_(peer.proj_v.T)
    return op


def build(length: int) -> Pair:
    peer = package(length)
    linears = {"query": peer.to_q, "key": peer.to_k, "value": peer.to_v, "output": peer.to_out}
    ours = layer_side(shared_op(length, peer), linears)
    return Pair(ours, Side(peer, (peer,)), (tokens(length),))


def build_alone(length: int) -> Pair:
    peer = package(length)
    op = shared_op(length, peer)
    peer.to_q, peer.to_k, peer.to_v = (Columns(part, WIDTH) for part in range(3))
    peer.to_out = nn.Identity()
    return Pair(joint_side(op), Side(peer, (peer,)), (joint(length),))


COMPARISONS = (
    Comparison(
        name="linformer layer / linformer",
        method="linformer",
        peer="linformer LinformerSelfAttention, k = 128",
        scope="layer",
        build=build,
        targets=both(1.1, 1.1),
        tolerance=1e-5,
    ),
    Comparison(
        name="linformer, attention alone / linformer",
        method="linformer",
        peer="the same without its projections",
        scope="operator",
        build=build_alone,
        tolerance=1e-5,
    ),
)
