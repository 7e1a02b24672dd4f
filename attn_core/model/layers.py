"""Multi-head attention around any operator: project, attend, project back."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import torch.nn.functional as F
from torch import Tensor, nn

from attn_core.contract import AttentionOp
from attn_core.model.positions import Placement


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
    """(B, N, width) → (B, N, width), with the heads of the operator it is given, over itself or a memory.

    An operator that shares queries and keys gets no key projection. One that only needs mixtures of the keys and
    values (`Mixing`) gets them mixed before they are projected, which is the same by linearity: that
    turns two products over N tokens into two over `rank` mixtures. A placement puts positions into queries and
    keys after they are projected.
    """

    def __init__(
        self,
        op: AttentionOp,
        width: int,
        bias: bool = True,
        placement: Placement | None = None,
    ) -> None:
        super().__init__()
        extra = 0 if placement is None else placement.extra
        inner = op.dims.heads * (op.dims.head_dim - extra)
        self.op, self.placement = op, placement
        self.query = nn.Linear(width, inner, bias=bias)
        self.key = None if op.shares_queries_and_keys else nn.Linear(width, inner, bias=bias)
        self.value = nn.Linear(width, inner, bias=bias)
        self.output = nn.Linear(inner, width, bias=bias)

    def forward(
        self,
        x: Tensor,
        key_keep: Tensor | None = None,
        causal: bool = False,
        memory: Tensor | None = None,
    ) -> Tensor:
        source = x if memory is None else memory
        q = self.queries(x)
        if self.mixes:
            attended = self._attend_mixed(q, source, key_keep, causal)
        else:
            k, v = self.keys_and_values(source, q)
            attended = self.op(q, k, v, key_keep=key_keep, causal=causal)
        return self.joined(attended)

    @property
    def mixes(self) -> bool:
        """Whether keys and values may be mixed before they are projected: not if positions come in between."""
        return isinstance(self.op, Mixing) and self.placement is None

    def queries(self, x: Tensor, start: int = 0) -> Tensor:
        """(B, H, N, D) of tokens that stand at `start` and after."""
        return self._placed(self._heads(self.query(x)), start, False)

    def keys_and_values(
        self, x: Tensor, q: Tensor | None = None, start: int = 0
    ) -> tuple[Tensor, Tensor]:
        """Keys and values of tokens that stand at `start` and after; the queries where keys are shared."""
        v = self._heads(self.value(x))
        if self.key is None:
            return (self.queries(x, start) if q is None else q), v
        return self._placed(self._heads(self.key(x)), start, True), v

    def joined(self, attended: Tensor) -> Tensor:
        """The heads side by side, projected back."""
        return self.output(attended.transpose(1, 2).flatten(2))

    def mixed_keys_and_values(
        self, x: Tensor, key_keep: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """For an operator that mixes: the projected mixtures, and which of them are in use."""
        op = self.op
        assert isinstance(op, Mixing) and self.key is not None
        for_keys, for_values = op.mixtures(x.shape[1], key_keep, x)
        mixed_keys = _project_mixed(self.key, for_keys, x)
        same = for_values is for_keys
        mixed_values = _project_mixed(
            self.value, for_values, x, None if not same else mixed_keys[1]
        )
        return self._heads(mixed_keys[0]), self._heads(mixed_values[0]), op.used(for_keys)

    def _placed(self, x: Tensor, start: int, keys: bool) -> Tensor:
        return x if self.placement is None else self.placement.place(x, start, keys)

    def _heads(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.op.dims.heads, -1)).transpose(1, 2)

    def _attend_mixed(
        self, q: Tensor, source: Tensor, key_keep: Tensor | None, causal: bool
    ) -> Tensor:
        op = self.op
        assert isinstance(op, Mixing)
        # Of the keys only their number is checked, and the heads are not made for that.
        shape = q.new_empty(()).expand(*q.shape[:2], source.shape[1], q.shape[3])
        op.check_call(q, shape, shape, key_keep, causal)
        return op.attend_mixed(q, *self.mixed_keys_and_values(source, key_keep))


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
