"""Attention of one stack of query tiles against one stack of key tiles, forward and backward.

Forward returns the log-sum-exp as well, with which disjoint sets of keys merge exactly. The scores of one stack
are built and thrown away, in fp32 or wider; a stack is small enough that they stay in cache.
"""

from __future__ import annotations

import torch
from torch import Tensor

from attn_core.kernels.features import LOG2_E
from attn_core.kernels.parts import Mask
from attn_core.matrix import widen


def tile_forward(
    q: Tensor, k: Tensor, v: Tensor, mask: Mask, scale: float
) -> tuple[Tensor, Tensor]:
    """(…, T, b, D), (…, T, s, D), (…, T, s, D) → output (…, T, b, D) and log-sum-exp (…, T, b); a row that sees
    nothing gives zeros and -inf."""
    scores = _scores(q, k, mask.bias, scale)
    top = scores.amax(-1)
    # The softmax keeps its sums to itself, but its largest weight is exp(top - lse). On a CPU it may overwrite
    # its input row by row; a GPU reads rows more than once.
    weights = torch.softmax(scores, -1, out=None if q.is_cuda else scores)
    lse = top - weights.amax(-1).log()
    if mask.dead is not None:
        weights.masked_fill_(mask.dead[..., None], 0.0)
        lse = lse.masked_fill_(mask.dead, -torch.inf)
    return weights.to(v.dtype) @ v, lse


def _scores(q: Tensor, k: Tensor, bias: Tensor | None, scale: float) -> Tensor:
    """Scaled scores plus bias, in fp32 or wider."""
    q, flipped = widen(q), widen(k).transpose(-2, -1)
    if bias is None or q.dim() > 3:
        scores = (q * scale) @ flipped
        return scores if bias is None else scores.add_(bias)
    return torch.baddbmm(
        bias.to(q.dtype).expand(*q.shape[:2], k.shape[1]), q, flipped, alpha=scale
    )


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
    weights = _scores(q, k, bias, scale).sub_(lse[..., None]).mul_(LOG2_E).exp2_()
    grad_v = weights.to(v.dtype).transpose(-2, -1) @ grad
    grad_scores = (
        widen(grad @ v.transpose(-2, -1)).sub_(delta[..., None]).mul_(weights).to(q.dtype)
    )
    return (grad_scores @ k).mul_(scale), grad_scores.transpose(-2, -1) @ (q * scale), grad_v
