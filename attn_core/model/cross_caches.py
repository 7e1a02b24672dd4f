"""What a decoder layer keeps of the encoder's memory, made once and read by one query at a time."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from attn_core.model.layers import AttentionLayer, Mixing
from attn_core.model.linear_states import FeatureMapped, Sums

# Tokens of the memory whose features are held at a time.
PIECE = 1024


class Source(Protocol):
    """Gives what a query (B, H, 1, D) gets from the memory."""

    def read(self, q: Tensor) -> Tensor: ...

    def elements(self) -> int: ...


class Projected:
    """Every key and value."""

    def __init__(self, layer: AttentionLayer, memory: Tensor, keep: Tensor | None) -> None:
        self.op, self.keep = layer.op, keep
        self.k, self.v = (x.contiguous() for x in layer.keys_and_values(memory))

    def read(self, q: Tensor) -> Tensor:
        return self.op(q, self.k, self.v, key_keep=self.keep)

    def elements(self) -> int:
        return self.k.numel() + self.v.numel()


class Mixed:
    """The mixtures of keys and values, as many however long the memory is."""

    def __init__(
        self, op: Mixing, layer: AttentionLayer, memory: Tensor, keep: Tensor | None
    ) -> None:
        self.op = op
        self.k, self.v, self.used = layer.mixed_keys_and_values(memory, keep)

    def read(self, q: Tensor) -> Tensor:
        return self.op.attend_mixed(q, self.k, self.v, self.used)

    def elements(self) -> int:
        return self.k.numel() + self.v.numel()


def summed(op: FeatureMapped, layer: AttentionLayer, memory: Tensor, keep: Tensor | None) -> Sums:
    """The sums of a linear method over the whole memory."""
    sums = Sums(op)
    k, v = layer.keys_and_values(memory)
    for start in range(0, memory.shape[1], PIECE):
        part = slice(start, start + PIECE)
        sums.add(k[:, :, part], v[:, :, part], None if keep is None else keep[:, part])
    return sums


@torch.no_grad()
def source_for(layer: AttentionLayer, memory: Tensor, keep: Tensor | None) -> Source:
    op = layer.op
    if isinstance(op, FeatureMapped):
        return summed(op, layer, memory, keep)
    if isinstance(op, Mixing) and layer.mixes:
        return Mixed(op, layer, memory, keep)
    return Projected(layer, memory, keep)
