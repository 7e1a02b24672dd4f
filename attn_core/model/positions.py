"""How tokens learn where they stand: added to the embeddings, or inside the scores of self-attention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from attn_core.contract import AttentionOp, Dims

BASE = 10_000.0
# Rows of an ALiBi bias that are held at a time.
STRIP = 512
# Two more features carry ALiBi; the rest fills up to what fused kernels like to see.
ALIBI_FEATURES = 8
# Positions are split at this into two numbers, each exact in bf16.
SPLIT = 256


class AddedPositions(nn.Module):
    """Adds a learned or a sinusoidal vector per position; one of the two, or nothing."""

    table: Tensor

    def __init__(self, kind: str, width: int, max_length: int) -> None:
        super().__init__()
        self.kind, self.width, self.max_length = kind, width, max_length
        self.learned = nn.Embedding(max_length, width) if kind == "learned" else None
        self.register_buffer("table", torch.empty(0, width), persistent=False)

    def forward(self, x: Tensor, start: int = 0) -> Tensor:
        stop = start + x.shape[1]
        self.check(stop)
        if self.learned is not None:
            return x + self.learned.weight[start:stop]
        if self.kind == "sinusoidal":
            if len(self.table) < stop:
                self.table = sinusoids(max(stop, self.max_length), self.width).to(self.table)
            return x + self.table[start:stop].to(x.dtype)
        return x

    def check(self, length: int) -> None:
        """Refuse a length that a learned table has no row for."""
        if self.learned is not None and length > self.max_length:
            raise ValueError(
                f"learned positions: length {length} exceeds max_length={self.max_length} and there is no "
                f"vector for it; use at most {self.max_length}, or other positions"
            )


def sinusoids(length: int, width: int) -> Tensor:
    """sin and cos of position/10000^(2i/width), (length, width), of variance one half like the original."""
    angle = angles(length, width + width % 2)
    return torch.stack([angle.sin(), angle.cos()], -1).flatten(1)[:, :width].float()


def angles(length: int, width: int) -> Tensor:
    """(length, width / 2) in fp64, so that distant positions keep their digits."""
    rates = BASE ** -(torch.arange(0, width, 2, dtype=torch.float64) / width)
    return torch.arange(length, dtype=torch.float64)[:, None] * rates


class Placement(Protocol):
    """Puts positions into queries and keys (B, H, N, D); `extra` features come on top of D."""

    extra: int

    def place(self, x: Tensor, start: int, keys: bool) -> Tensor: ...


class Rotary:
    """Turns pairs of features by an angle that grows with the position, so that q·k depends on the distance.
    Su et al., "RoFormer", 2021."""

    extra = 0

    def __init__(self, head_dim: int) -> None:
        self.head_dim = head_dim
        self._turns: dict[tuple[torch.device, torch.dtype], Tensor] = {}

    def place(self, x: Tensor, start: int, keys: bool) -> Tensor:
        """Pairs as complex numbers, in fp32 or wider: one product instead of six passes."""
        wide = x if x.dtype == torch.float64 else x.float()
        pairs = torch.view_as_complex(wide.unflatten(-1, (-1, 2)))
        turned = pairs * self._turn(start + x.shape[2], pairs)[start:]
        return torch.view_as_real(turned).flatten(-2).to(x.dtype)

    def _turn(self, length: int, like: Tensor) -> Tensor:
        """The first `length` rows of a table that doubles when it is too short."""
        key = like.device, like.dtype
        if key not in self._turns or len(self._turns[key]) < length:
            angle = angles(max(256, 1 << (length - 1).bit_length()), self.head_dim)
            self._turns[key] = torch.polar(torch.ones_like(angle), angle).to(like)
        return self._turns[key][:length]


class CausalAlibi:
    """Adds slope·(j - i) to the scores of past keys. A row may drop slope·i, the same for all its keys, so what
    is left is a product: slope in the query, j in the key. Press et al., "Train Short, Test Long", 2022."""

    extra = ALIBI_FEATURES

    def __init__(self, heads: int, head_dim: int) -> None:
        self.slopes, self.head_dim = slopes(heads), head_dim

    def place(self, x: Tensor, start: int, keys: bool) -> Tensor:
        """The operator divides by √(D + extra): queries make up for it."""
        wider = (self.head_dim + self.extra) ** 0.5
        if keys:
            position = torch.arange(start, start + x.shape[2], device=x.device)
            position = torch.stack([position // SPLIT, position % SPLIT], -1)
            more = position.to(x.dtype).expand(*x.shape[:3], -1)
        else:
            x = x * (wider * self.head_dim**-0.5)
            slope = self.slopes.to(x.device, x.dtype)[:, None, None] * wider
            more = torch.cat([slope * SPLIT, slope], -1).expand(*x.shape[:3], -1)
        return torch.cat([x, F.pad(more, (0, self.extra - 2))], -1)


def slopes(heads: int) -> Tensor:
    """2^(-8h/heads) for h = 1 … heads."""
    return torch.exp2(-8 * torch.arange(1, heads + 1, dtype=torch.float64) / heads).float()


def checkpointed(strip: Callable[[int], Tensor], start: int) -> Tensor:
    made = checkpoint(strip, start, use_reentrant=False, preserve_rng_state=False)
    assert isinstance(made, Tensor)
    return made


class AlibiAttention(AttentionOp):
    """Exact attention with -slope·|i - j| added to the scores, strip by strip: no bias of N×N is kept."""

    slopes: Tensor

    def __init__(self, dims: Dims) -> None:
        super().__init__(dims)
        self.register_buffer("slopes", slopes(dims.heads), persistent=False)

    def attend(
        self, q: Tensor, k: Tensor, v: Tensor, key_keep: Tensor | None, causal: bool
    ) -> Tensor:
        recorded = torch.is_grad_enabled() and any(x.requires_grad for x in (q, k, v))

        def strip(start: int) -> Tensor:
            return self._strip(start, q[:, :, start : start + STRIP], k, v, key_keep)

        starts = range(0, q.shape[2], STRIP)
        if recorded and len(starts) > 1:
            # Made again in the backward pass, or every strip of the bias would be kept for it.
            return torch.cat([checkpointed(strip, start) for start in starts], 2)
        return torch.cat([strip(start) for start in starts], 2)

    def _strip(
        self, start: int, q: Tensor, k: Tensor, v: Tensor, key_keep: Tensor | None
    ) -> Tensor:
        i = torch.arange(start, start + q.shape[2], device=q.device)[:, None]
        distance = (i - torch.arange(k.shape[2], device=q.device)).abs()
        bias = (-self.slopes[:, None, None] * distance).to(q.dtype)[None]
        if key_keep is not None:
            bias = bias.masked_fill(~key_keep[:, None, None, :], torch.finfo(q.dtype).min)
        return F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=self.scale)
