"""One comparison as data: what is held against what, what should be reached, what should be equal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from benchmarks.clock import Pass, Side

HEADS, HEAD_DIM = 8, 64
WIDTH = HEADS * HEAD_DIM

Scope = Literal["operator", "layer"]


@dataclass(frozen=True)
class Target:
    """The peer's time over ours should be at least this; `text` is how people say it."""

    at_least: float
    text: str = ""

    def __str__(self) -> str:
        return self.text or f"≥ {self.at_least:g}×"


@dataclass(frozen=True)
class Pair:
    """Both sides, ready to be called with the same inputs."""

    ours: Side
    peer: Side
    inputs: tuple[Tensor, ...]


@dataclass(frozen=True)
class Comparison:
    """`tolerance` is set where both sides compute one function; where not, `differs` says why."""

    name: str
    method: str
    peer: str
    scope: Scope
    build: Callable[[int], Pair]
    targets: Mapping[Pass, Target] = field(default_factory=dict)
    tolerance: float | None = None
    differs: str = ""
    note: str = ""


def both(forward: float, backward: float) -> dict[Pass, Target]:
    return {"forward": Target(forward), "forward+backward": Target(backward)}


def tokens(length: int, batch: int = 1, seed: int = 0) -> Tensor:
    """(B, N, width) of standard normal numbers, the same at every call."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, length, WIDTH, generator=generator)


def heads(length: int, batch: int = 1, count: int = HEADS, seed: int = 0) -> tuple[Tensor, ...]:
    """q, k and v, each (B, H, N, D), of standard normal numbers, the same at every call."""
    generator = torch.Generator().manual_seed(seed)
    shape = (3, batch, count, length, HEAD_DIM)
    return torch.randn(*shape, generator=generator).unbind(0)


def relative_error(found: Tensor, expected: Tensor) -> float:
    """The norm of the difference over the norm of what was expected."""
    return ((found - expected).norm() / expected.norm()).item()
