"""What a decoder layer remembers of the tokens so far: the exact ways, and the one that suits any operator."""

from __future__ import annotations

from typing import Literal, Protocol

import torch
from torch import Tensor

from attn_core.contract import AttentionOp
from attn_core.kernels.exact import fused_attention

Kind = Literal["constant", "cache", "window", "recompute"]


class State(Protocol):
    """Takes the next token's q, k, v (B, H, 1, D) and gives its output (B, H, 1, E)."""

    kind: Kind

    def step(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor: ...

    def select(self, rows: Tensor) -> None:
        """Keep these samples, in this order."""
        ...

    def elements(self) -> int:
        """How many numbers are remembered."""
        ...


class Memoryless:
    """For the identity, which looks at nothing but the token itself."""

    kind: Kind = "constant"

    def step(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return v

    def select(self, rows: Tensor) -> None:
        pass

    def elements(self) -> int:
        return 0


class Cache:
    """Keys and values in buffers that are as long as the text may get."""

    kind: Kind = "cache"

    def __init__(self, op: AttentionOp, capacity: int) -> None:
        self.op, self.capacity, self.length = op, capacity, 0
        self.buffers: list[Tensor] = []

    def append(self, *rows: Tensor) -> None:
        if not self.buffers:
            self.buffers = [x.new_zeros(*x.shape[:2], self.capacity, x.shape[3]) for x in rows]
        for buffer, row in zip(self.buffers, rows, strict=True):
            buffer[:, :, self.length] = row[:, :, 0]
        self.length += 1

    def step(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        self.append(k, v)
        k, v = self.visible()
        return fused_attention(q, k, v, None, self.op.scale)

    def visible(self) -> tuple[Tensor, Tensor]:
        k, v = (buffer[:, :, : self.length] for buffer in self.buffers)
        return k, v

    def select(self, rows: Tensor) -> None:
        self.buffers = [buffer[rows] for buffer in self.buffers]

    def elements(self) -> int:
        return sum(buffer[:, :, : self.length].numel() for buffer in self.buffers)


class Recompute(Cache):
    """The operator over all so far, filled up with padding to the length of the buffers."""

    kind: Kind = "recompute"

    def step(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        self.append(q, k, v)
        real = torch.arange(self.capacity, device=q.device) < self.length
        keep = real.expand(len(q), -1)
        out = self.op(*self.buffers, key_keep=keep, causal=True)
        return out[:, :, self.length - 1 : self.length]
