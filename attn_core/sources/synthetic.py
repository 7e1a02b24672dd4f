"""Queries, keys and values drawn by a seed, with a structure that real attention shows too."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from attn_core.sources.spec import SourceSpec

CLUSTERS = 16
# Of a token's variance, what its cluster decides.
TOGETHER = 0.8
# Tokens to the sides over which a local score falls off, as a share of the length.
REACH = 1 / 32
SINKS = 4
# By how many standard deviations the scores of sinks lie above the others, at least.
SINK_LEAD = 3.0


def draw(spec: SourceSpec) -> tuple[Tensor, Tensor, Tensor]:
    """(1, H, N, D), (1, H, M, D) and (1, H, M, D). Scores q·k/√D have the standard deviation `spread`, roughly."""
    generator = torch.Generator().manual_seed(spec.seed)
    queries, keys = spec.length, spec.keys or spec.length

    def normal(*shape: int) -> Tensor:
        return torch.randn(1, spec.heads, *shape, generator=generator)

    q, k = normal(queries, spec.head_dim), normal(keys, spec.head_dim)
    v = normal(keys, spec.head_dim)
    if spec.structure == "clustered":
        centres = normal(CLUSTERS, spec.head_dim)
        q, k = (_near(x, centres, generator) for x in (q, k))
    elif spec.structure == "local":
        q, k = _places(spec, queries, keys, generator)
    elif spec.structure == "sinks":
        q, k = _sinking(q, k, spec.spread)
    # Each side takes the root of what their products shall have.
    scale = math.sqrt(spec.spread)
    return q * scale, k * scale, v


def _near(x: Tensor, centres: Tensor, generator: torch.Generator) -> Tensor:
    which = torch.randint(CLUSTERS, x.shape[2:3], generator=generator)
    return math.sqrt(TOGETHER) * centres[:, :, which] + math.sqrt(1 - TOGETHER) * x


def _places(
    spec: SourceSpec, queries: int, keys: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Random waves along the text: their products are a bell curve of the distance (Rahimi and Recht 2007)."""
    reach = max(1.0, REACH * max(queries, keys))
    half = -(-spec.head_dim // 2)
    rates = torch.randn(1, spec.heads, 1, half, generator=generator) / reach

    def waves(length: int) -> Tensor:
        angle = torch.arange(length, dtype=torch.float32)[:, None] * rates
        return torch.cat([angle.cos(), angle.sin()], -1)[..., : spec.head_dim] * math.sqrt(2)

    # A token's score with itself is then four spreads, and falls to nothing over the reach.
    lift = 2 * spec.head_dim**-0.25
    return waves(queries) * lift, waves(keys) * lift


def _sinking(q: Tensor, k: Tensor, spread: float) -> tuple[Tensor, Tensor]:
    """All queries share a direction, and the first keys lie in it."""
    width = q.shape[-1]
    direction = torch.zeros(width)
    direction[0] = 1.0
    lead = math.sqrt(SINK_LEAD * math.sqrt(width) * max(1.0, 1 / max(spread, 1e-6)))
    q = q + lead * direction
    k = k.clone()
    k[:, :, :, 0] = 0.0
    k[:, :, : min(SINKS, k.shape[2]), 0] = lead
    return q, k
