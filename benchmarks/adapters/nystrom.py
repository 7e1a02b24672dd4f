"""Two Nyström attentions beside `nystromformer`: whole layers, and the attention alone.

Hugging Face's runs without its convolution, nystrom-attention with its residual one of width 33.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from attn_core.contract import AttentionOp
from benchmarks.clock import Side
from benchmarks.comparison import HEAD_DIM, HEADS, WIDTH, Comparison, Pair, both, tokens
from benchmarks.ours import Columns, build_op, joint_side, layer_side, split_linear
from benchmarks.packages import hugging_face, load

LANDMARKS, CONVOLUTION = 64, 33


def self_attention(length: int, landmarks: int = LANDMARKS) -> Any:
    package = hugging_face("nystromformer")
    config = package.NystromformerConfig(
        hidden_size=WIDTH,
        num_attention_heads=HEADS,
        num_landmarks=landmarks,
        segment_means_seq_len=length,
        attention_probs_dropout_prob=0.0,
    )
    module = package.NystromformerSelfAttention(config)
    # The config refuses None for the kernel size, the module is written for it: set there instead.
    module.conv_kernel_size = None
    del module.conv
    # A starting value per head, as ours; the config switch that should choose it raises a TypeError.
    module.init_option = "exact"
    return module


def build_hugging_face(length: int) -> Pair:
    peer = self_attention(length)
    op = build_op("nystromformer", length, landmarks=LANDMARKS)
    linears = {"query": peer.query, "key": peer.key, "value": peer.value, "output": None}
    return Pair(layer_side(op, linears), first_of(peer), (tokens(length),))


def build_hugging_face_alone(length: int) -> Pair:
    peer = self_attention(length)
    for part, name in enumerate(("query", "key", "value")):
        setattr(peer, name, Columns(part, WIDTH))
    op = build_op("nystromformer", length, landmarks=LANDMARKS)
    return Pair(joint_side(op), first_of(peer), (joint(length),))


def first_of(module: nn.Module) -> Side:
    return Side(lambda x: module(x)[0], (module,))


def lucidrains(heads: int = HEADS) -> Any:
    return load("nystrom_attention").NystromAttention(
        dim=heads * HEAD_DIM,
        dim_head=HEAD_DIM,
        heads=heads,
        num_landmarks=LANDMARKS,
        residual=True,
        residual_conv_kernel=CONVOLUTION,
    )


def convolved_op(length: int, peer: Any) -> AttentionOp:
    """Our operator with the peer's convolution weights, (H, 1, width, 1) there."""
    op = build_op("nystromformer", length, heads=peer.heads, landmarks=LANDMARKS, conv=CONVOLUTION)
    ours = op.get_parameter("convolution")
    with torch.no_grad():
        ours.copy_(peer.res_conv.weight.view(ours.shape))
    return op


def build_lucidrains(length: int) -> Pair:
    peer, keep = lucidrains(), torch.ones(1, length, dtype=torch.bool)
    query, key, value = split_linear(peer.to_qkv.weight, None, 3)
    linears = {"query": query, "key": key, "value": value, "output": peer.to_out[0]}
    ours = layer_side(convolved_op(length, peer), linears, keep)
    return Pair(ours, Side(lambda x: peer(x, mask=keep), (peer,)), (tokens(length),))


def build_lucidrains_alone(length: int, heads: int = HEADS) -> Pair:
    peer, keep = lucidrains(heads), torch.ones(1, length, dtype=torch.bool)
    op = convolved_op(length, peer)
    peer.to_qkv, peer.to_out = nn.Identity(), nn.Identity()
    return Pair(
        joint_side(op, keep),
        Side(lambda x: peer(x, mask=keep), (peer,)),
        (joint(length, heads * HEAD_DIM),),
    )


def joint(length: int, width: int = WIDTH) -> Tensor:
    """q, k and v side by side, as one joint projection would give them."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(1, length, 3 * width, generator=generator)


INITIAL_VALUE = (
    "one starting value for the pseudo-inverse of all heads; with one head the two agree"
)

COMPARISONS = (
    Comparison(
        name="nystromformer layer / HF Nyströmformer",
        method="nystromformer",
        peer="transformers NystromformerSelfAttention, 64 landmarks, no convolution",
        scope="layer",
        build=build_hugging_face,
        targets=both(1.05, 1.05),
        tolerance=1e-5,
        note="no output projection on either side",
    ),
    Comparison(
        name="nystromformer, attention alone / HF Nyströmformer",
        method="nystromformer",
        peer="the same without its projections",
        scope="operator",
        build=build_hugging_face_alone,
        tolerance=1e-5,
    ),
    Comparison(
        name="nystromformer layer / nystrom-attention",
        method="nystromformer",
        peer="nystrom-attention, 64 landmarks, convolution 33, all-true mask",
        scope="layer",
        build=build_lucidrains,
        targets=both(1.2, 1.2),
        differs=INITIAL_VALUE,
        note="both sides are given the mask",
    ),
    Comparison(
        name="nystromformer, attention alone / nystrom-attention",
        method="nystromformer",
        peer="the same without its projections",
        scope="operator",
        build=build_lucidrains_alone,
        differs=INITIAL_VALUE,
        note="both sides are given the mask",
    ),
)
