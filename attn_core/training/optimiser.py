"""How weights move: one optimiser for all models, warmed up and cooled down, with everything needed to go on later."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from attn_core.training.muon import Muon

WARM_UP, LAST_SHARE = 0.08, 0.02
CLIP = 1.0
DECAY = 0.01
# Two-dimensional, but tables and taps: their rows have nothing to do with each other.
APART = ("embedding", "positions", "convolution")


class Optimiser:
    """AdamW for embeddings and everything that is not a matrix; Muon, whose steps are orthogonal, for the matrices
    inside, where it needs fewer steps. `peak` is the highest learning rate, reached after the warm-up."""

    def __init__(self, model: nn.Module, peak: float, steps: int) -> None:
        self.peak, self.steps = peak, steps
        inside, rest = _parted(model)
        self.parts: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(rest, lr=peak, betas=(0.9, 0.98), weight_decay=DECAY)
        ]
        if inside:
            self.parts.append(Muon(inside, lr=peak, weight_decay=DECAY))
        self.weights = [*inside, *rest]

    def step(self, number: int) -> None:
        """The step after `number` others; the gradients are used up."""
        nn.utils.clip_grad_norm_(self.weights, CLIP)
        for part in self.parts:
            for group in part.param_groups:
                group["lr"] = self.peak * share(number, self.steps)
            part.step()
            part.zero_grad(set_to_none=True)

    def state(self) -> dict[str, Tensor]:
        """All tensors that a later process needs to take the next step as this one would."""
        return {
            f"{number}.{weight}.{name}": torch.as_tensor(value)
            for number, part in enumerate(self.parts)
            for weight, kept in part.state_dict()["state"].items()
            for name, value in kept.items()
        }

    def restore(self, state: dict[str, Tensor]) -> None:
        for number, part in enumerate(self.parts):
            kept: dict[int, dict[str, Tensor]] = {}
            for name, value in state.items():
                owner, weight, field = name.split(".", 2)
                if int(owner) == number:
                    kept.setdefault(int(weight), {})[field] = value
            part.load_state_dict({**part.state_dict(), "state": kept})


def share(number: int, steps: int) -> float:
    """Of the peak: a straight way up, then half a cosine down to a little."""
    warm = max(1, round(WARM_UP * steps))
    if number < warm:
        return (number + 1) / warm
    done = (number - warm) / max(1, steps - warm)
    return LAST_SHARE + (1 - LAST_SHARE) * (1 + math.cos(math.pi * min(1.0, done))) / 2


def _parted(model: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Matrices of layers, and all other weights that learn."""
    inside: list[nn.Parameter] = []
    rest: list[nn.Parameter] = []
    for name, weight in learning(model.named_parameters()):
        matrix = weight.dim() == 2 and not any(part in name for part in APART)
        (inside if matrix and name != "head" else rest).append(weight)
    return inside, rest


def learning(named: Iterable[tuple[str, nn.Parameter]]) -> list[tuple[str, nn.Parameter]]:
    return [(name, weight) for name, weight in named if weight.requires_grad]
