"""Attention of one stack of query tiles against one stack of key tiles, forward and backward.

Forward returns the log-sum-exp as well, with which disjoint sets of keys merge exactly. On the CPU torch's
flash kernel does it without storing scores; elsewhere, and for the backward pass, scores of one stack are built
and thrown away, in fp32 or wider.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.utils.flop_counter import flop_registry, register_flop_formula, sdpa_flop_count

from attn_core.kernels.parts import Mask
from attn_core.matrix import widen

_cpu_flash = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu

# torch counts the FLOPs of its CUDA kernels only; without this, exact attention on a CPU would count as free.
if _cpu_flash not in flop_registry:

    @register_flop_formula(_cpu_flash)
    def _count_cpu_flash(
        q_shape: tuple[int, ...],
        k_shape: tuple[int, ...],
        v_shape: tuple[int, ...],
        *args: object,
        out_shape: object = None,
        **kwargs: object,
    ) -> int:
        return sdpa_flop_count(q_shape, k_shape, v_shape)


# Up to so many keys a plain product beats the flash kernel, whose inner loops need longer rows.
NARROW = 32


def tile_forward(
    q: Tensor, k: Tensor, v: Tensor, mask: Mask, scale: float
) -> tuple[Tensor, Tensor]:
    """(G, T, b, D), (G, T, s, D), (G, T, s, D) → output (G, T, b, D) and log-sum-exp (G, T, b); a row that
    sees nothing gives zeros and -inf."""
    if not q.is_cuda and k.shape[2] > NARROW:
        out, lse = _cpu_flash(q, k, v, 0.0, False, attn_mask=mask.bias, scale=scale)
        # The kernel reports 0 for rows that see nothing.
        return out, lse if mask.dead is None else lse.masked_fill(mask.dead, -torch.inf)
    scores = widen(q @ (k * scale).transpose(-2, -1))
    if mask.bias is not None:
        scores.add_(mask.bias)
    lse = scores.logsumexp(-1)
    weights = scores.sub_(lse.nan_to_num(neginf=0.0)[..., None]).exp_()
    return weights.to(v.dtype) @ v, lse


def tile_backward(
    inputs: tuple[Tensor, Tensor, Tensor],
    bias: Tensor | None,
    scale: float,
    rows: tuple[Tensor, Tensor, Tensor],
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of q, k and v, for one head (T, b, D) or many (G, T, b, D).

    `rows` are grad, the log-sum-exp of the whole row over all parts (+inf where the row sees nothing), and its
    sum of grad·out, so that each part needs only its own scores.
    """
    (q, k, v), (grad, lse, delta) = inputs, rows
    q = q * scale
    weights = widen(q @ k.transpose(-2, -1))
    if bias is not None:
        weights.add_(bias)
    weights.sub_(lse[..., None]).exp_()
    grad_v = weights.to(v.dtype).transpose(-2, -1) @ grad
    grad_scores = (
        widen(grad @ v.transpose(-2, -1)).sub_(delta[..., None]).mul_(weights).to(q.dtype)
    )
    return (grad_scores @ k).mul_(scale), grad_scores.transpose(-2, -1) @ q, grad_v
