"""How much of exact attention's mass lies outside a pattern: 1 - exp(lse of the pattern - lse of all), row by row.

Both sums are of the same exact scores. The pattern's costs its pairs; the exact one streams over rows.
"""

from __future__ import annotations

import torch
from torch import Tensor

from attn_core.contract import AttentionOp
from attn_core.matrix import STATISTICS_CHUNK, ScoreView
from attn_core.views import Progress, ignore_progress


@torch.no_grad()
def exact_sums(
    q: Tensor, k: Tensor, tokens: int, causal: bool, on_progress: Progress | None = None
) -> Tensor:
    """(H, tokens): log-sum-exp of every exact row over the real tokens, for one sequence."""
    report = on_progress or ignore_progress
    view = ScoreView(q[:, :, :tokens], k[:, :, :tokens], q.shape[3] ** -0.5, causal=causal)
    strips = range(0, tokens, STATISTICS_CHUNK)
    found = []
    for done, start in enumerate(strips, start=1):
        found.append(view.log_sum_exp((start, min(start + STATISTICS_CHUNK, tokens)))[0])
        report(done, len(strips))
    return torch.cat(found, 1)


@torch.no_grad()
def lost_mass(op: AttentionOp, q: Tensor, k: Tensor, exact: Tensor, causal: bool) -> Tensor:
    """(H, tokens): of each row's exact mass, the share on pairs outside the pattern. `exact` are `exact_sums`, of
    which there may be fewer than tokens: those behind are padding. A pattern without a future beside sums that
    have one loses it too."""
    tokens = exact.shape[1]
    op.check_call(q, k, None, None, causal)
    keep = None
    if tokens < k.shape[2]:
        keep = (torch.arange(k.shape[2]) < tokens)[None].expand(k.shape[0], -1)
        k = k.masked_fill(~keep[:, None, :, None], 0.0)
    inside = op.sums(q, k, keep, causal)[0, :, :tokens]
    return (1 - (inside - exact).exp()).clamp(0.0, 1.0)
