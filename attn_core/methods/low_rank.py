"""An explicit low-rank attention matrix through learned anchor points.

    Z = U (Vᵀ X),   U = softmax over anchors of QCᵀ/√d  (N × r),   V = softmax over keys of KCᵀ/√d  (M × r)

X are the values. Each anchor gathers a weighted mean of the values, each query reads a weighted mean of the
anchors: U has rows that sum to one, V columns that sum to one, so A = UVᵀ is a distribution over keys of rank at
most r. Anchors C are learned, per head. Related: Shen et al., "Efficient Attention", 2021 (anchors = axes).
Time and memory O(N·r).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from attn_core.contract import AttentionMethod, AttentionOp, Budget, Cost, Dims, Param, Shape
from attn_core.kernels.exact import fused_attention
from attn_core.matrix import FactorView, MatrixView, widen


class LowRank(AttentionOp):
    def __init__(self, dims: Dims, rank: int, seed: int) -> None:
        super().__init__(dims)
        generator = torch.Generator().manual_seed(seed)
        self.anchors = nn.Parameter(
            torch.randn(dims.heads, rank, dims.head_dim, generator=generator)
        )

    def attend(
        self, q: Tensor, k: Tensor, v: Tensor, key_keep: Tensor | None, causal: bool
    ) -> Tensor:
        anchors = self.anchors.to(q.dtype).expand(q.shape[0], -1, -1, -1)
        keep = None if key_keep is None else key_keep[:, None, None, :]
        gathered = fused_attention(anchors, k, v, keep, self.scale)
        return fused_attention(q, anchors, gathered, None, self.scale)

    def matrix(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> MatrixView:
        q, k = widen(q), widen(k)
        anchors = self.anchors.to(q.dtype) * self.scale
        over_keys = anchors @ k.transpose(-2, -1)
        if key_keep is not None:
            over_keys = over_keys.masked_fill(~key_keep[:, None, None, :], -torch.inf)
        right = over_keys.softmax(-1).nan_to_num(0.0)
        return FactorView((q @ anchors.transpose(-2, -1)).softmax(-1), right)


def count(shape: Shape, rank: int) -> Cost:
    held = shape.slices * rank * shape.head_dim * shape.element_size
    return Cost(
        flops=4 * shape.slices * (shape.queries + shape.keys) * rank * shape.head_dim,
        bytes_moved=shape.io_bytes,
        peak_bytes=shape.output_bytes + 2 * held,
    )


METHOD = AttentionMethod(
    name="low_rank",
    title="Low-rank (anchors)",
    family="low-rank",
    formula=r"U\,(V^\top X),\quad U=\mathrm{softmax}_r\left(\frac{QC^\top}{\sqrt d}\right),\ "
    r"V=\mathrm{softmax}_M\left(\frac{KC^\top}{\sqrt d}\right)",
    complexity={"time": "O(N·r)", "memory": "O(N·r)"},
    paper="Shen et al. 2021, arXiv:1812.01243 (with learned anchors)",
    summary="An explicit factorisation: anchors gather the values, queries read the anchors.",
    limits=(
        "The rank bounds what any row can distinguish; sharp, position-wise attention is out of reach.",
        "No causal form: the columns are normalised over all keys.",
        "Anchors are learned; untrained they are random points.",
    ),
    roles=frozenset({"encoder", "cross"}),
    params=(Param("rank", 64, "Anchors; time and memory grow with them.", minimum=1),),
    make=LowRank,
    count=count,
    budget=Budget("rank"),
)
