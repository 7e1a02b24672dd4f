"""Multi-head self-attention around any operator: project, attend, project back."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import torch.nn.functional as F
from torch import Tensor, nn

from attn_core.contract import AttentionOp


@runtime_checkable
class Mixing(Protocol):
    """An operator that attends to mixtures E·K, F·V of the keys and values, and tells E and F."""

    def mixtures(
        self, length: int, key_keep: Tensor | None, like: Tensor
    ) -> tuple[Tensor, Tensor]: ...

    def used(self, mixture: Tensor) -> Tensor | None: ...

    def attend_mixed(
        self, q: Tensor, keys: Tensor, values: Tensor, used: Tensor | None
    ) -> Tensor: ...


class AttentionLayer(nn.Module):
    """(B, N, width) → (B, N, width), with the heads of the operator it is given.

    An operator that shares queries and keys gets no key projection. One that only needs mixtures of the keys and
    values (`Mixing`) gets them mixed before they are projected, which is the same by linearity: that
    turns two products over N tokens into two over `rank` mixtures.
    """

    def __init__(self, op: AttentionOp, width: int, bias: bool = True) -> None:
        super().__init__()
        inner = op.dims.heads * op.dims.head_dim
        self.op = op
        self.query = nn.Linear(width, inner, bias=bias)
        self.key = None if op.shares_queries_and_keys else nn.Linear(width, inner, bias=bias)
        self.value = nn.Linear(width, inner, bias=bias)
        self.output = nn.Linear(inner, width, bias=bias)

    def forward(self, x: Tensor, key_keep: Tensor | None = None, causal: bool = False) -> Tensor:
        q = self._heads(self.query(x))
        if isinstance(self.op, Mixing):
            attended = self._attend_mixed(self.op, q, x, key_keep, causal)
        else:
            k = q if self.key is None else self._heads(self.key(x))
            attended = self.op(q, k, self._heads(self.value(x)), key_keep=key_keep, causal=causal)
        return self.output(attended.transpose(1, 2).flatten(2))

    def _heads(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.op.dims.heads, -1)).transpose(1, 2)

    def _attend_mixed(
        self, op: Mixing, q: Tensor, x: Tensor, key_keep: Tensor | None, causal: bool
    ) -> Tensor:
        assert self.key is not None
        self.op.check_call(q, q, q, key_keep, causal)
        for_keys, for_values = op.mixtures(x.shape[1], key_keep, x)
        mixed_keys = _project_mixed(self.key, for_keys, x)
        same = for_values is for_keys
        mixed_values = _project_mixed(
            self.value, for_values, x, None if not same else mixed_keys[1]
        )
        keys, values = self._heads(mixed_keys[0]), self._heads(mixed_values[0])
        return op.attend_mixed(q, keys, values, op.used(for_keys))


def _project_mixed(
    linear: nn.Linear, mixture: Tensor, x: Tensor, mixed: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """E(xW + b) = (Ex)W + (E1)b for a mixture E (rank, M) or (B, 1, rank, M); Ex comes along for reuse."""
    mixture = mixture if mixture.dim() == 2 else mixture[:, 0]
    mixed = mixture @ x if mixed is None else mixed
    projected = F.linear(mixed, linear.weight)
    if linear.bias is not None:
        projected = projected + mixture.sum(-1, keepdim=True) * linear.bias
    return projected, mixed
