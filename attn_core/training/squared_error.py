"""The squared difference of two models' logits, without any logits."""

from __future__ import annotations

import torch
from torch import Tensor

from attn_core.training.head import wide_product


def chunked_mse(
    hidden: Tensor,
    weight: Tensor,
    bias: Tensor,
    target_hidden: Tensor,
    target_weight: Tensor,
    target_bias: Tensor,
) -> Tensor:
    """Mean squared difference of two sets of logits, (n, d) over V, whose logits are never made at all.

    With A = [h − h₀, h₀, 1] and C = [W, W − W₀, b − b₀] the difference is A·Cᵀ, and its squares sum to
    ⟨AᵀA, CᵀC⟩: work that grows with n·d² + V·d² instead of n·V·d. Written in differences, so that nothing large
    cancels where the two are close. Gradients reach the first three.
    """
    h0, w0, b0 = target_hidden.detach(), target_weight.detach(), target_bias.detach()
    tokens = torch.cat([hidden - h0, h0, h0.new_ones(len(h0), 1)], 1)
    words = torch.cat([weight, weight - w0, (bias - b0)[:, None]], 1)
    squares = wide_product(tokens.T, tokens).mul(wide_product(words.T, words)).sum()
    return squares / (len(hidden) * len(weight))
