"""What the softmax does to a row, and what it lets through backwards."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Softened:
    """One row: its weights, and ∂Aᵢⱼ/∂Sᵢⱼ by the product q·k of the same pair, after dividing it by `divisor`.

    `sensitivity` is the Frobenius norm of the whole Jacobian of the softmax by its own input, (diag A − A Aᵀ): at most
    ½·√2, and zero where one key has everything. `shared` is e to the entropy: among how many keys the row is shared.
    """

    weights: Tensor
    gradient: Tensor
    divisor: float
    sensitivity: float
    largest: float
    shared: float


def softened(products: Tensor, unmet: Tensor | None, divisor: float) -> Softened:
    """products (M,) are q·k of one query with every key; `unmet` keys take no part."""
    scores = products.double() / divisor
    if unmet is not None:
        scores = scores.masked_fill(unmet, -torch.inf)
    weights = scores.softmax(-1).nan_to_num(0.0)
    # ‖diag A − A Aᵀ‖² without the matrix.
    squares = weights.square()
    norm = (squares * (1 - 2 * weights)).sum() + squares.sum().square()
    entropy = -torch.special.xlogy(weights, weights).sum()
    return Softened(
        weights=weights,
        gradient=weights * (1 - weights) / divisor,
        divisor=divisor,
        sensitivity=float(norm.clamp_min(0.0).sqrt()),
        largest=float(weights.amax()),
        shared=float(entropy.exp()),
    )
