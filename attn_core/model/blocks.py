"""The pieces of a pre-norm encoder and decoder: what stands around each attention layer."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attn_core.contract import LARGEST, AttentionOp, Dims, Role
from attn_core.model.config import IDENTITY, Seq2SeqConfig
from attn_core.model.identity import Identity
from attn_core.model.layers import AttentionLayer
from attn_core.model.positions import AlibiAttention, CausalAlibi, Placement, Rotary

EPSILON = 1e-6


class Norm(nn.Module):
    """RMSNorm, or LayerNorm without a bias."""

    def __init__(self, kind: str, width: int) -> None:
        super().__init__()
        self.kind, self.width = kind, width
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        if self.kind == "rms":
            return F.rms_norm(x, (self.width,), self.weight, EPSILON)
        return F.layer_norm(x, (self.width,), self.weight, None, EPSILON)


class FeedForward(nn.Module):
    def __init__(self, width: int, inner: int, activation: str, dropout: float) -> None:
        super().__init__()
        self.activation, self.dropout = activation, dropout
        self.widen = nn.Linear(width, inner, bias=False)
        self.narrow = nn.Linear(inner, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.widen(x)
        # The exact GELU is several times slower on a CPU than its usual approximation.
        x = F.relu(x) if self.activation == "relu" else F.gelu(x, approximate="tanh")
        return self.narrow(F.dropout(x, self.dropout, self.training))


class Convolution(nn.Module):
    """One filter per feature along the sequence, towards the past alone or on both sides."""

    def __init__(self, width: int, taps: int, causal: bool) -> None:
        super().__init__()
        self.before = taps - 1 if causal else taps // 2
        self.after = taps - 1 - self.before
        self.weight = nn.Parameter(torch.zeros(width, taps))

    def forward(self, x: Tensor, keep: Tensor | None = None) -> Tensor:
        """(B, N, width), tap by tap: torch's grouped convolution is slower at a few taps."""
        if keep is not None:
            x = x.masked_fill(~keep[..., None], 0.0)
        length, padded = x.shape[1], F.pad(x, (0, 0, self.before, self.after))
        taps = self.weight.to(x.dtype).unbind(1)
        out = padded[:, :length] * taps[0]
        for place, tap in enumerate(taps[1:], 1):
            out = torch.addcmul(out, padded[:, place : place + length], tap)
        return out


class SelfAttention(nn.Module):
    """Norm, attention over the own sequence and, beside it, a convolution."""

    def __init__(self, config: Seq2SeqConfig, role: Role, index: int, seed: int) -> None:
        super().__init__()
        op, placement = build_attention(config, role, index, seed)
        self.norm = Norm(config.norm, config.width)
        self.attention = AttentionLayer(op, config.width, bias=False, placement=placement)
        self.causal, self.dropout = role == "decoder", config.dropout
        self.convolution = None
        if config.convolution:
            self.convolution = Convolution(config.width, config.convolution, self.causal)

    def forward(self, x: Tensor, keep: Tensor | None) -> Tensor:
        normed = self.norm(x)
        mixed = self.attention(normed, key_keep=keep, causal=self.causal)
        if self.convolution is not None:
            mixed = mixed + self.convolution(normed, keep)
        return x + F.dropout(mixed, self.dropout, self.training)


class CrossAttention(nn.Module):
    """Norm, and attention over the encoder's memory."""

    def __init__(self, config: Seq2SeqConfig, index: int, seed: int) -> None:
        super().__init__()
        op, placement = build_attention(config, "cross", index, seed)
        self.norm = Norm(config.norm, config.width)
        self.attention = AttentionLayer(op, config.width, bias=False, placement=placement)
        self.dropout = config.dropout

    def forward(self, x: Tensor, memory: Tensor, source_keep: Tensor | None) -> Tensor:
        mixed = self.attention(self.norm(x), key_keep=source_keep, memory=memory)
        return x + F.dropout(mixed, self.dropout, self.training)


class EncoderBlock(nn.Module):
    def __init__(self, config: Seq2SeqConfig, index: int, seed: int) -> None:
        super().__init__()
        self.self_attention = SelfAttention(config, "encoder", index, seed)
        self.norm = Norm(config.norm, config.width)
        self.feedforward = _feedforward(config)
        self.dropout = config.dropout

    def forward(self, x: Tensor, keep: Tensor | None) -> Tensor:
        x = self.self_attention(x, keep)
        return x + F.dropout(self.feedforward(self.norm(x)), self.dropout, self.training)


class DecoderBlock(nn.Module):
    def __init__(self, config: Seq2SeqConfig, index: int, seed: int) -> None:
        super().__init__()
        self.self_attention = SelfAttention(config, "decoder", index, seed)
        self.cross_attention = CrossAttention(config, index, seed)
        self.norm = Norm(config.norm, config.width)
        self.feedforward = _feedforward(config)
        self.dropout = config.dropout

    def forward(
        self, x: Tensor, memory: Tensor, source_keep: Tensor | None, target_keep: Tensor | None
    ) -> Tensor:
        x = self.self_attention(x, target_keep)
        x = self.cross_attention(x, memory, source_keep)
        return x + F.dropout(self.feedforward(self.norm(x)), self.dropout, self.training)


def build_attention(
    config: Seq2SeqConfig, role: Role, index: int, seed: int
) -> tuple[AttentionOp, Placement | None]:
    """The operator of one layer, and what puts positions into its queries and keys."""
    attention = config.attention(role)
    placement = _placement(config, role)
    extra = 0 if placement is None or attention.method == IDENTITY else placement.extra
    dims = Dims(config.heads, config.head_dim + extra, config.max_length, config.max_length)
    if attention.definition is None:
        return Identity(dims, role == "cross"), None
    params = dict(attention.params)
    # Each layer draws its own features, from the seed its parameters name too.
    drawn = (seed + 7919 * (int(params.pop("seed", 0)) + 31 * index)) % LARGEST
    if config.positions == "alibi" and role == "encoder":
        op: AttentionOp = AlibiAttention(dims)
        op.method = attention.definition
        return op, None
    return attention.definition.build(dims, seed=drawn, **params), placement


def _placement(config: Seq2SeqConfig, role: Role) -> Placement | None:
    if config.positions == "rotary" and (role != "cross" or config.cross_rotary):
        return Rotary(config.head_dim)
    if config.positions == "alibi" and role == "decoder":
        return CausalAlibi(config.heads, config.head_dim)
    return None


def _feedforward(config: Seq2SeqConfig) -> FeedForward:
    return FeedForward(config.width, config.inner, config.activation, config.dropout)
