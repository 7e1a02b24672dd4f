"""The receptive field of a query: which tokens reach it through layers of one pattern, exactly and without a matrix.

A layer adds to a token what it sees; the residual keeps what it had. So the tokens that reach query i after L layers
are those of (A ∪ I)^L in row i: a set that grows, in O(N) a layer.
"""

from __future__ import annotations

import torch
from torch import Tensor

from attn_core.masks.anatomy import Anatomy

NEVER = -1
# Layers followed at most, where a pattern is no band.
MOST_LAYERS = 256


def arrivals(anatomy: Anatomy, query: int, most: int = MOST_LAYERS) -> Tensor:
    """(tokens,): after how many layers each token has reached the query; 0 is itself, -1 not within `most`."""
    if not 0 <= query < anatomy.tokens:
        raise ValueError(f"query must be from 0 to {anatomy.tokens - 1}, got {query}")
    found = torch.full((anatomy.tokens,), NEVER)
    found[query] = 0
    fresh = found == 0
    for layer in range(1, most + 1):
        fresh = anatomy.image(fresh) & (found == NEVER)
        if not fresh.any():
            break
        found[fresh] = layer
    return found


def wanted(anatomy: Anatomy, query: int) -> int:
    """How many tokens could reach the query: all, or those up to it where time runs."""
    return query + 1 if anatomy.causal else anatomy.tokens


def last_arrival(anatomy: Anatomy, arrived: Tensor, query: int) -> int | None:
    """After how many layers everything has arrived; None where something does not."""
    known = int((arrived >= 0).sum())
    return int(arrived.max()) if known == wanted(anatomy, query) else None
