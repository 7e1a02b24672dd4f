"""Our side of a comparison: operators through the contract, layers with a peer's weights in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from attn_core import Dims, get_method
from attn_core.contract import AttentionOp
from attn_core.model.layers import AttentionLayer
from benchmarks.clock import Side
from benchmarks.comparison import HEAD_DIM, HEADS

PROJECTIONS = ("query", "key", "value", "output")


def build_op(method: str, length: int, heads: int = HEADS, **params: Any) -> AttentionOp:
    return get_method(method).build(Dims(heads, HEAD_DIM, length, length), **params)


def op_side(op: AttentionOp, causal: bool = False) -> Side:
    """The bare operator on q, k and v."""
    return Side(lambda q, k, v: op(q, k, v, causal=causal), (op,))


def layer_side(
    op: AttentionOp, linears: Mapping[str, nn.Linear | None], key_keep: Tensor | None = None
) -> Side:
    """Our layer with a peer's projections; one the peer lacks (None) is left out here too."""
    layer = AttentionLayer(op, op.dims.heads * op.dims.head_dim)
    for name in PROJECTIONS:
        if name not in linears:
            continue
        given = linears[name]
        if given is None:
            setattr(layer, name, nn.Identity())
        else:
            copy_linear(getattr(layer, name), given)
    return Side(lambda x: layer(x, key_keep=key_keep), (layer,))


def copy_linear(target: nn.Linear, source: nn.Linear) -> None:
    """The same weights, and a bias only where the source has one."""
    with torch.no_grad():
        target.weight.copy_(source.weight)
        if source.bias is None:
            target.register_parameter("bias", None)
        else:
            target.bias.copy_(source.bias)


def split_linear(weight: Tensor, bias: Tensor | None, parts: int) -> list[nn.Linear]:
    """One joint projection as its parts, in the order of its output columns."""
    weights = weight.detach().chunk(parts)
    biases = [None] * parts if bias is None else bias.detach().chunk(parts)
    pieces = []
    for part_weight, part_bias in zip(weights, biases, strict=True):
        piece = nn.Linear(weight.shape[1], len(part_weight), bias=part_bias is not None)
        piece.weight = nn.Parameter(part_weight.clone())
        if part_bias is not None:
            piece.bias = nn.Parameter(part_bias.clone())
        pieces.append(piece)
    return pieces


class Columns(nn.Module):
    """Stands in for a peer's projection when its attention runs alone: passes some columns on."""

    def __init__(self, part: int, width: int) -> None:
        super().__init__()
        self.columns = slice(part * width, (part + 1) * width)

    def forward(self, x: Tensor) -> Tensor:
        return x[..., self.columns]


def joint_side(op: AttentionOp, key_keep: Tensor | None = None) -> Side:
    """The operator from one (B, N, 3·width) tensor to (B, N, width), as the peers' attention is."""

    def call(joint: Tensor) -> Tensor:
        split = (joint.shape[0], joint.shape[1], op.dims.heads, op.dims.head_dim)
        q, k, v = (part.view(split).transpose(1, 2) for part in joint.chunk(3, dim=-1))
        return op(q, k, v, key_keep=key_keep).transpose(1, 2).flatten(2)

    return Side(call, (op,))
