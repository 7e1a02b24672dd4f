"""Hugging Face's LongformerSelfAttention beside a `longformer` layer: its window 2w is |i-j| ≤ w."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.clock import Side
from benchmarks.comparison import HEADS, WIDTH, Comparison, Pair, both, tokens
from benchmarks.ours import build_op, copy_linear, layer_side
from benchmarks.packages import hugging_face

WINDOW = 128
GLOBAL_MARK = 10000.0


def self_attention(window: int = WINDOW) -> Any:
    """Its separate projections for global tokens are tied to the ordinary ones, so that both sides
    compute one function; the work they cost the peer stays."""
    package = hugging_face("longformer")
    config = package.LongformerConfig(
        hidden_size=WIDTH,
        num_attention_heads=HEADS,
        attention_window=[2 * window],
        attention_probs_dropout_prob=0.0,
        num_hidden_layers=1,
    )
    module = package.LongformerSelfAttention(config, layer_id=0)
    for name in ("query", "key", "value"):
        copy_linear(getattr(module, f"{name}_global"), getattr(module, name))
    return module


def peer_side(module: nn.Module, length: int, global_tokens: int) -> Side:
    marks = torch.zeros(1, length)
    marks[:, :global_tokens] = GLOBAL_MARK
    return marked_side(module, marks)


def marked_side(module: nn.Module, marks: Tensor) -> Side:
    """Called as LongformerModel calls it: marks (B, N), > 0 global and < 0 padded, made once outside."""
    padded, globally = marks < 0, marks > 0
    has_global = bool(globally.any())

    def call(x: Tensor) -> Tensor:
        return module(
            x,
            attention_mask=marks,
            is_index_masked=padded,
            is_index_global_attn=globally,
            is_global_attn=has_global,
        )[0]

    return Side(call, (module,))


def build(length: int, global_tokens: int) -> Pair:
    peer = self_attention()
    op = build_op("longformer", length, window=WINDOW, global_tokens=global_tokens)
    linears = {"query": peer.query, "key": peer.key, "value": peer.value, "output": None}
    ours = layer_side(op, linears)
    return Pair(ours, peer_side(peer, length, global_tokens), (tokens(length),))


COMPARISONS = (
    Comparison(
        name="longformer layer / HF Longformer, one global token",
        method="longformer",
        peer="transformers LongformerSelfAttention, attention_window 256, one global token",
        scope="layer",
        build=partial(build, global_tokens=1),
        targets=both(2.5, 2.5),
        tolerance=1e-5,
        note="no output projection on either side; the peer projects k and v again for its globals",
    ),
    Comparison(
        name="longformer layer / HF Longformer, no global token",
        method="longformer",
        peer="transformers LongformerSelfAttention, attention_window 256",
        scope="layer",
        build=partial(build, global_tokens=0),
        targets=both(2.5, 2.5),
        tolerance=1e-5,
        note="no output projection on either side",
    ),
)
