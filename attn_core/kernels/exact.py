"""Exact attention through torch's fused kernels, for the small products inside low-rank methods."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.flop_counter import flop_registry, register_flop_formula, sdpa_flop_count

_cpu_flash = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu

# torch counts the FLOPs of its CUDA kernels only; without this, exact attention on a CPU would count as free.
if _cpu_flash not in flop_registry:

    @register_flop_formula(_cpu_flash)
    def _count_cpu_flash(
        q_shape: Sequence[int],
        k_shape: Sequence[int],
        v_shape: Sequence[int],
        *args: object,
        out_shape: object = None,
        **kwargs: object,
    ) -> int:
        return sdpa_flop_count(q_shape, k_shape, v_shape)


def fused_attention(
    q: Tensor, k: Tensor, v: Tensor, keep: Tensor | None, scale: float, causal: bool = False
) -> Tensor:
    """softmax(q kᵀ·scale) v without storing the scores. `keep` is bool over (B, H, N, M), broadcast; a row that
    may see nothing gives zeros. v may have any width."""
    width = v.shape[3]
    q, k, v = equal_widths(q, k, v)
    seen = None
    if keep is not None:
        # A row without any key attends all of them and is zeroed after: some kernels turn it, or its
        # gradient, into NaN.
        seen = keep.any(-1, keepdim=True)
        keep = keep | ~seen
    out = F.scaled_dot_product_attention(q, k, v, attn_mask=keep, is_causal=causal, scale=scale)
    out = out if seen is None else out.masked_fill(~seen, 0.0)
    return out[..., :width]


def equal_widths(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The fused kernels want one width; zeros change neither scores nor the output columns that are kept."""
    lack = q.shape[3] - v.shape[3]
    if lack > 0:
        v = F.pad(v, (0, lack))
    elif lack < 0:
        q, k = F.pad(q, (0, -lack)), F.pad(k, (0, -lack))
    return q, k, v
