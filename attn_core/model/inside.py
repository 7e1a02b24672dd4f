"""What one attention layer of a translator does with a text: everything that enters, happens and leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from attn_core.contract import Role
from attn_core.model.blocks import CrossAttention, SelfAttention
from attn_core.model.layers import AttentionLayer
from attn_core.model.positions import AlibiAttention
from attn_core.model.seq2seq import Seq2Seq


@dataclass(frozen=True, eq=False)
class Inside:
    """Of a batch of one text. The layer reads `normed`, which is `entering` normalised; `memory` is what keys and
    values come from where that is another text. `leaving` is entering + joined, and the convolution beside the
    attention if there is one."""

    role: Role
    attention: AttentionLayer
    embedded: Tensor  # (1, N, width): the queries' tokens, as embedded
    entering: Tensor  # (1, N, width)
    normed: Tensor  # (1, N, width)
    memory: Tensor | None  # (1, M, width)
    q: Tensor  # (1, H, N, D), positions included
    k: Tensor  # (1, H, M, D)
    v: Tensor  # (1, H, M, D)
    attended: Tensor  # (1, H, N, D): what the layer's own operator makes of them
    joined: Tensor  # (1, N, width): the heads side by side, projected
    leaving: Tensor  # (1, N, width)

    @property
    def causal(self) -> bool:
        return self.role == "decoder"


@torch.no_grad()
def look_inside(
    model: Seq2Seq, role: Role, layer: int, source: Tensor, target: Tensor | None = None
) -> Inside:
    """`source` and `target` are (1, N) and (1, T) token numbers, the target as the decoder reads it. A layer that
    is not there, or whose scores are more than products of queries and keys, is a ValueError."""
    layers = model.config.layers
    if not 0 <= layer < layers:
        raise ValueError(f"layer must be from 0 to {layers - 1}, got {layer}")
    if role != "encoder" and target is None:
        raise ValueError(f"role {role}: the decoder needs a target text")
    module = _module(model, role, layer)
    attention = module.attention
    if isinstance(attention.op, AlibiAttention):
        raise ValueError(
            "this model adds ALiBi's distances to its encoder's scores, which are then more than products of "
            "queries and keys; choose the decoder, or a model with other positions"
        )
    entering, memory, leaving = _heard(model, module, role, source, target)
    normed = module.norm(entering)
    q = attention.queries(normed)
    k, v = attention.keys_and_values(normed if memory is None else memory, q)
    attended = attention.op(q, k, v, causal=role == "decoder")
    own = source if role == "encoder" else target
    positions = model.source_positions if role == "encoder" else model.target_positions
    assert own is not None
    return Inside(
        role=role,
        attention=attention,
        embedded=model.embedded(own, positions),
        entering=entering,
        normed=normed,
        memory=memory,
        q=q,
        k=k,
        v=v,
        attended=attended,
        joined=attention.joined(attended),
        leaving=leaving,
    )


def _module(model: Seq2Seq, role: Role, layer: int) -> SelfAttention | CrossAttention:
    if role == "encoder":
        return model.encoder_blocks()[layer].self_attention
    block = model.decoder_blocks()[layer]
    return block.cross_attention if role == "cross" else block.self_attention


def _heard(
    model: Seq2Seq, module: nn.Module, role: Role, source: Tensor, target: Tensor | None
) -> tuple[Tensor, Tensor | None, Tensor]:
    """What goes in and out of one layer while the text passes."""
    heard: list[tuple[Tensor, Tensor | None, Tensor]] = []

    def listen(_module: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> None:
        heard.append((inputs[0], inputs[1] if role == "cross" else None, output))

    handle = module.register_forward_hook(listen)
    try:
        memory = model.encode(source)
        if role != "encoder" and target is not None:
            model.decode(target, memory)
    finally:
        handle.remove()
    return heard[0]
