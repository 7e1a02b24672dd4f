"""Exact attention without the matrix: torch's fused scaled-dot-product backends.

    Z = softmax(Q Kᵀ / √d) V, computed tile by tile with a running maximum and sum

Paper: Dao et al., "FlashAttention", 2022. The same numbers as `softmax`; time is still N·M, memory is not.
This is the opponent every approximation has to beat. `backend` says which kernel torch chooses for a call.
"""

from __future__ import annotations

import torch
from torch import Tensor

from attn_core.contract import AttentionMethod, AttentionOp, Cost, Dims, Shape
from attn_core.kernels.exact import equal_widths, fused_attention
from attn_core.matrix import MatrixView, ScoreView

# Rows of the mask that a causal call with padding holds at a time: no fused kernel takes both.
MASKED_ROWS = 512
BACKENDS = {0: "math", 1: "flash", 2: "memory-efficient", 3: "cudnn", 4: "overrideable"}


class Flash(AttentionOp):
    def __init__(self, dims: Dims, seed: int) -> None:
        super().__init__(dims)

    def attend(
        self, q: Tensor, k: Tensor, v: Tensor, key_keep: Tensor | None, causal: bool
    ) -> Tensor:
        if causal and key_keep is not None:
            return self._causal_padded(q, k, v, key_keep)
        keep = None if key_keep is None else key_keep[:, None, None, :]
        return fused_attention(q, k, v, keep, self.scale, causal)

    def _causal_padded(self, q: Tensor, k: Tensor, v: Tensor, key_keep: Tensor) -> Tensor:
        """Row block by row block, so that the combined mask stays a strip."""
        length, strips = q.shape[2], []
        position = torch.arange(length, device=q.device)
        for start in range(0, length, MASKED_ROWS):
            stop = min(start + MASKED_ROWS, length)
            past = position[:stop] <= position[start:stop, None]
            keep = past & key_keep[:, None, None, :stop]
            rows = q[:, :, start:stop]
            strips.append(fused_attention(rows, k[:, :, :stop], v[:, :, :stop], keep, self.scale))
        return torch.cat(strips, dim=2)

    def backend(
        self,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        key_keep: Tensor | None = None,
        causal: bool = False,
    ) -> str:
        """The kernel torch picks for this call: flash, memory-efficient, cudnn or math."""
        self.check_call(q, k, v, key_keep, causal)
        q, k, v = equal_widths(q, k, v)
        mask = None if key_keep is None else key_keep[:, None, None].expand(-1, 1, q.shape[2], -1)
        fused = causal and mask is None
        return BACKENDS[
            torch._fused_sdp_choice(  # pyright: ignore[reportPrivateImportUsage]
                q, k, v, mask, 0.0, fused, scale=self.scale
            )
        ]

    def matrix(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> MatrixView:
        return ScoreView(q, k, self.scale, key_keep=key_keep, causal=causal)


def count(shape: Shape) -> Cost:
    pairs = shape.slices * shape.queries * shape.keys // (2 if shape.causal else 1)
    return Cost(
        flops=4 * pairs * shape.head_dim,
        bytes_moved=shape.io_bytes,
        peak_bytes=shape.output_bytes + 4 * shape.slices * shape.queries,
        scores=pairs,
    )


METHOD = AttentionMethod(
    name="flash",
    title="FlashAttention (exact)",
    family="exact",
    formula=r"\mathrm{softmax}\left(\frac{QK^\top}{\sqrt d}\right)V \text{, tile by tile}",
    complexity={"time": "O(N²)", "memory": "O(N)"},
    paper="Dao et al. 2022, arXiv:2205.14135",
    summary="The exact answer through fused kernels that never store the score matrix.",
    limits=(
        "Time still grows with the square of the length.",
        "Which fused kernel runs depends on device, dtype and mask; `backend` names it.",
    ),
    roles=frozenset({"encoder", "decoder", "cross"}),
    params=(),
    make=Flash,
    count=count,
)
