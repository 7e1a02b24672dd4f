"""What one strip of the exact matrix and its approximation say about each row, (B, H, r, M) to (B, H, r).

A mask is bool and broadcasts to the strip, or is None where it forbids nothing: `allowed` are the pairs exact
attention has (causality and padding), `reachable` those the method's own pattern leaves.
"""

from __future__ import annotations

import torch
from torch import Tensor

# Exact probabilities below this count as zero in the divergence: single precision rounds them away, and
# together they could not move it by anything one could see.
NEGLIGIBLE = 1e-18
# Exact weights closer than this, relative to them, are ties: inputs in single precision do not tell them apart.
SAME = 1e-6


def kl_divergence(exact: Tensor, approximate: Tensor) -> Tensor:
    """KL(exact ‖ approximate) in nats; infinite where a key with exact probability has none."""
    exact = exact.masked_fill(exact < NEGLIGIBLE, 0.0)
    impossible = ((exact > 0) & (approximate <= 0)).any(-1)
    possible = approximate.masked_fill(approximate <= 0, 1.0)
    divergence = (torch.xlogy(exact, exact) - torch.xlogy(exact, possible)).sum(-1)
    # Rounding can leave equal rows a hair below zero, which no divergence is.
    return divergence.clamp(min=0.0).masked_fill(impossible, torch.inf)


def total_variation(exact: Tensor, approximate: Tensor) -> Tensor:
    """The largest difference in probability of any set of keys; 1 where the approximate row is all zeros."""
    difference = exact - approximate
    return torch.maximum(difference.clamp(min=0).sum(-1), -difference.clamp(max=0).sum(-1))


def lost_mass(exact: Tensor, reachable: Tensor) -> Tensor:
    """Exact attention on the pairs that the pattern forbids."""
    return exact.masked_fill(reachable, 0.0).sum(-1)


def top_k_recall(
    exact: Tensor,
    approximate: Tensor,
    allowed: Tensor | None,
    reachable: Tensor | None,
    counts: tuple[int, ...],
) -> Tensor:
    """(B, H, r, counts): which share of the exact k largest keys is among the approximate k largest.

    A row with fewer than k allowed keys is asked for all of them. Where the approximation cannot tell keys
    apart, it gets what picking among them at random would get on average; where the exact matrix cannot,
    any of its ties will do, to the precision of the inputs. A pair outside the pattern is never found.
    """
    exact = _forbid(exact, allowed)
    approximate = _forbid(_forbid(approximate, allowed), reachable)
    seen = exact.isfinite().sum(-1)
    most = min(max(counts), exact.shape[-1])
    top_exact = exact.topk(most).values
    top_approximate = approximate.topk(most).values
    recalls = []
    for count in counts:
        wanted = seen.clamp(max=count)
        above, tied, places = _largest(exact, top_exact, wanted, SAME)
        certain, likely, left = _largest(approximate, top_approximate, wanted)
        chance = left / likely.sum(-1).clamp(min=1)
        found = certain + likely * chance[..., None]
        hits = (found * above).sum(-1) + torch.minimum((found * tied).sum(-1), places.double())
        recalls.append(hits / wanted.clamp(min=1))
    return torch.stack(recalls, -1)


def _forbid(values: Tensor, mask: Tensor | None) -> Tensor:
    return values if mask is None else values.masked_fill(~mask, -torch.inf)


def _largest(
    values: Tensor, top: Tensor, wanted: Tensor, slack: float = 0.0
) -> tuple[Tensor, Tensor, Tensor]:
    """The entries surely among the `wanted` largest of each row, those tied for the places that remain,
    and how many places that is. Entries that differ by less than `slack`, relative to them, are tied."""
    threshold = top.gather(-1, (wanted - 1).clamp(min=0)[..., None])
    room = slack * threshold.abs().masked_fill(threshold == -torch.inf, 0.0)
    above = values > threshold + room
    tied = ~above & (values >= threshold - room) & (threshold > -torch.inf)
    return above, tied, wanted - above.sum(-1)
