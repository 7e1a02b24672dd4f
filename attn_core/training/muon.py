"""Muon for many small matrices: those of one shape take their step together.

The steps are those of `torch.optim.Muon` with `adjust_lr_fn="match_rms_adamw"`, which goes matrix by matrix: for a
translator of width 128 its calls, not its products, are then a fifth of a training step.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

MOMENTUM = 0.95
# Of the quintic iteration by K. Jordan (https://kellerjordan.github.io/posts/muon/): steepest at zero.
COEFFICIENTS, ITERATIONS, LEAST_NORM = (3.4445, -4.7750, 2.0315), 5, 1e-7
# Steps as large as AdamW's, so that both take one rate (Liu et al. 2025, arXiv:2502.16982).
RMS_OF_ADAMW = 0.2


class Muon(torch.optim.Optimizer):
    def __init__(self, weights: Iterable[nn.Parameter], lr: float, weight_decay: float) -> None:
        super().__init__(weights, {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        for group in self.param_groups:
            alike: dict[torch.Size, list[Tensor]] = {}
            for weight in group["params"]:
                if weight.grad is not None:
                    alike.setdefault(weight.shape, []).append(weight)
            for shape, weights in alike.items():
                rate = group["lr"] * RMS_OF_ADAMW * max(shape) ** 0.5
                moves = orthogonal(torch.stack([self._direction(one) for one in weights]))
                for weight, move in zip(weights, moves, strict=True):
                    weight.mul_(1 - group["lr"] * group["weight_decay"]).add_(move, alpha=-rate)

    def _direction(self, weight: Tensor) -> Tensor:
        """The gradient with Nesterov's momentum."""
        slope = weight.grad
        assert slope is not None
        kept = self.state[weight].setdefault("momentum", torch.zeros_like(weight))
        return slope.lerp(kept.lerp_(slope, 1 - MOMENTUM), MOMENTUM)


def orthogonal(x: Tensor) -> Tensor:
    """(count, rows, columns): each matrix with its singular values driven near 1. In bf16, as precise as it needs."""
    a, b, c = COEFFICIENTS
    tall = x.shape[1] > x.shape[2]
    x = (x.mT if tall else x).bfloat16()
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=LEAST_NORM)
    for _ in range(ITERATIONS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x
