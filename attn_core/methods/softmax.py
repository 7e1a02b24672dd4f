"""Exact softmax attention, materialised: the textbook baseline and the ground truth of this project.

    Z = softmax(Q Kᵀ / √d) V

Paper: Vaswani et al., "Attention Is All You Need", 2017. The N×M score matrix is really built, so time and
memory both grow as N·M; use `flash` for the same numbers without the matrix.
"""

from __future__ import annotations

import torch
from torch import Tensor

from attn_core.contract import AttentionMethod, AttentionOp, Cost, Dims, Shape
from attn_core.matrix import MatrixView, ScoreView, widen


class Softmax(AttentionOp):
    def __init__(self, dims: Dims, seed: int) -> None:
        super().__init__(dims)

    def attend(
        self, q: Tensor, k: Tensor, v: Tensor, key_keep: Tensor | None, causal: bool
    ) -> Tensor:
        # Scores in fp32 or wider: rounded to bf16 they would be the least exact part of the ground truth.
        scores = (widen(q) * self.scale) @ widen(k).transpose(-2, -1)
        mask = None
        if causal:
            mask = torch.ones(scores.shape[-2:], dtype=torch.bool, device=q.device).tril()
        if key_keep is not None:
            keep = key_keep[:, None, None, :]
            mask = keep if mask is None else mask & keep
        if mask is None:
            return scores.softmax(-1).to(v.dtype) @ v
        # A row without any key attends all of them and is zeroed after, so that it is never 0/0.
        seen = mask.any(-1, keepdim=True)
        weights = scores.masked_fill_(~(mask | ~seen), -torch.inf).softmax(-1)
        return (weights.to(v.dtype) @ v).masked_fill(~seen, 0.0)

    def matrix(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> MatrixView:
        return ScoreView(q, k, self.scale, key_keep=key_keep, causal=causal)

    def sums(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> Tensor:
        view = ScoreView(q, k, self.scale, key_keep=key_keep, causal=causal)
        return view.log_sum_exp((0, q.shape[2]))


def count(shape: Shape) -> Cost:
    scores = shape.slices * shape.queries * shape.keys
    matrix_bytes = scores * shape.element_size
    return Cost(
        flops=4 * scores * shape.head_dim,
        bytes_moved=shape.io_bytes + 4 * matrix_bytes,
        peak_bytes=2 * matrix_bytes + shape.output_bytes,
        scores=scores,
    )


METHOD = AttentionMethod(
    name="softmax",
    title="Softmax",
    family="exact",
    formula=r"\mathrm{softmax}\left(\frac{QK^\top}{\sqrt d}\right)V",
    complexity={"time": "O(N²)", "memory": "O(N²)"},
    paper="Vaswani et al. 2017, arXiv:1706.03762",
    summary="Every token attends to every token through a matrix that is really built.",
    limits=(
        "Memory grows with the square of the length: 8 heads at N = 16,384 need 16 GiB in fp32.",
    ),
    roles=frozenset({"encoder", "decoder", "cross"}),
    params=(),
    make=Softmax,
    count=count,
)
