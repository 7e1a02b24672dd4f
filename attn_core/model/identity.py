"""No mixing at all, in the place of attention: what a model can do without it."""

from __future__ import annotations

import torch
from torch import Tensor

from attn_core.contract import AttentionOp, Dims


class Identity(AttentionOp):
    """Every token keeps its own value; across two sequences, where there is no own value, nothing arrives."""

    def __init__(self, dims: Dims, cross: bool) -> None:
        super().__init__(dims)
        self.cross = cross

    def forward(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        key_keep: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        return torch.zeros_like(q) if self.cross else v
