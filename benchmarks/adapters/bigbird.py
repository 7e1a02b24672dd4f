"""Hugging Face's block-sparse BigBird beside a `bigbird` layer with as many blocks seen."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.clock import Side
from benchmarks.comparison import HEADS, WIDTH, Comparison, Pair, both, tokens
from benchmarks.ours import build_op, layer_side
from benchmarks.packages import hugging_face

# The peer always has two global blocks, the first and the last.
BLOCK, RANDOM, GLOBAL = 64, 3, 2


def block_sparse(length: int) -> Any:
    package = hugging_face("big_bird")
    config = package.BigBirdConfig(
        hidden_size=WIDTH,
        num_attention_heads=HEADS,
        block_size=BLOCK,
        num_random_blocks=RANDOM,
        max_position_embeddings=length,
        attention_probs_dropout_prob=0.0,
        use_bias=True,
    )
    return package.BigBirdBlockSparseAttention(config, seed=0)


def outputs(module: nn.Module, length: int) -> Any:
    """The module as its model calls it, with masks made once: x → (output, probabilities)."""
    model = hugging_face("big_bird").BigBirdModel
    keep = torch.ones(1, length)
    blocked, band, rows, columns = model.create_masks_for_block_sparse_attn(keep, BLOCK)

    def call(x: Tensor) -> tuple[Tensor, Tensor]:
        return module(
            x,
            band_mask=band,
            from_mask=rows,
            to_mask=columns,
            from_blocked_mask=blocked,
            to_blocked_mask=blocked,
        )

    return call


def build(length: int) -> Pair:
    peer = block_sparse(length)
    call = outputs(peer, length)
    op = build_op("bigbird", length, block=BLOCK, random=RANDOM, global_blocks=GLOBAL)
    linears = {"query": peer.query, "key": peer.key, "value": peer.value, "output": None}
    return Pair(layer_side(op, linears), Side(lambda x: call(x)[0], (peer,)), (tokens(length),))


COMPARISONS = (
    Comparison(
        name="bigbird layer / HF BigBird",
        method="bigbird",
        peer="transformers BigBirdBlockSparseAttention, blocks of 64, 3 random",
        scope="layer",
        build=build,
        targets=both(3, 2),
        differs="other random blocks, and a second global block at the end instead of the start",
        note="no output projection on either side; the peer also builds N×N probabilities",
    ),
)
