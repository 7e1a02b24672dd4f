"""The static patterns through torch's flex_attention: one fused kernel for GPUs, forward and backward.

Not the default: `ATTN_CORE_SPARSE=flex` selects it (the other choice is "tiles"). On a CPU it runs unfused, which
is only good for holding it against the tiles; there it has no backward pass. Its rows without keys are zeros.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import torch
from torch import Tensor

from attn_core.patterns import Pattern

SETTING, CHOICES = "ATTN_CORE_SPARSE", ("tiles", "flex")


def selected() -> bool:
    """Whether the environment asks for flex_attention."""
    chosen = os.environ.get(SETTING, CHOICES[0])
    if chosen not in CHOICES:
        raise ValueError(f"{SETTING} must be one of {', '.join(CHOICES)}, got {chosen!r}")
    return chosen == "flex"


def flex_attend(
    q: Tensor, k: Tensor, v: Tensor, pattern: Pattern, key_keep: Tensor | None, scale: float
) -> Tensor:
    """Softmax attention over the pairs of the pattern whose key is real."""
    # Importing it costs a good part of a second, and few will need it.
    from torch.nn.attention.flex_attention import create_block_mask

    def allowed(sample: Tensor, head: Tensor, i: Tensor, j: Tensor) -> Tensor:
        inside = pattern.rule(i, j)
        return inside if key_keep is None else inside & key_keep[sample, j]

    samples = None if key_keep is None else q.shape[0]
    lengths = q.shape[2], k.shape[2]
    mask = create_block_mask(allowed, samples, None, *lengths, device=q.device)
    return _kernel(q.is_cuda)(q, k, v, block_mask=mask, scale=scale)


@cache
def _kernel(compiled: bool) -> Any:
    from torch.nn.attention.flex_attention import flex_attention

    return torch.compile(flex_attention) if compiled else flex_attention
