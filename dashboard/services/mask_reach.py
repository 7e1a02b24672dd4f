"""The receptive field of a query as rows to draw: who has arrived, layer by layer. No streamlit here."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
import torch

from attn_core.masks import wanted
from attn_core.views import bin_edges
from dashboard.services.mask_words import heard
from dashboard.services.masks import Mask

# Rows of a picture, and bins along the text.
MOST_ROWS, BINS = 16, 96
NEVER = -1


def layers_shown(masks: Sequence[Mask], query: int) -> list[int]:
    """From none to the last that adds a token anywhere; where those are many, some at even distances."""
    last = max(1, *(int(mask.arrivals(query).max()) for mask in masks))
    if last <= MOST_ROWS:
        return list(range(last + 1))
    return sorted({round(last * row / (MOST_ROWS - 1)) for row in range(MOST_ROWS)})


def field_rows(mask: Mask, query: int, layers: Sequence[int]) -> pd.DataFrame:
    """For every layer the share of tokens that has reached the query, bin by bin; equal neighbours are one row."""
    arrived = mask.arrivals(query)
    edges = bin_edges(0, len(arrived), BINS)
    rows: list[list[float]] = []
    for layer in layers:
        here = (arrived >= 0) & (arrived <= layer)
        sums = torch.nn.functional.pad(here.long().cumsum(0), (1, 0))[torch.tensor(edges)]
        for (start, stop), count in zip(pairwise(edges), sums.diff().tolist(), strict=True):
            share = count / (stop - start)
            last = rows[-1] if rows else [NEVER] * 5
            if last[0] == layer and last[4] == share:
                last[2], last[3] = stop, last[3] + count
            else:
                rows.append([layer, start, stop, count, share])
    found = pd.DataFrame(rows, columns=["layer", "from", "to", "tokens", "share"])
    return found.astype(dict.fromkeys(found.columns[:4], int))


def growth_rows(masks: Sequence[Mask], query: int, layers: Sequence[int]) -> pd.DataFrame:
    """For every pattern and layer, the share of all that may reach the query."""
    rows = []
    for mask in masks:
        arrived = mask.arrivals(query).numpy()
        for layer in layers:
            count = int(np.count_nonzero((arrived >= 0) & (arrived <= layer)))
            share = count / wanted(mask.anatomy, query)
            rows.append((mask.choice.label, mask.choice.name, layer, count, share))
    return pd.DataFrame(rows, columns=["label", "pattern", "layer", "tokens", "share"])


def reach_table(masks: Sequence[Mask], query: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Pattern": [mask.choice.name for mask in masks],
            f"Layers until query {query:,} hears all": [heard(mask, query) for mask in masks],
            "Layers until everyone hears everyone": [mask.everyone().words for mask in masks],
        }
    )


def reach_words(masks: Sequence[Mask], query: int) -> str:
    """Read off the table."""
    told = []
    for mask in masks:
        end, all_of_them = heard(mask, query), mask.everyone().words
        told.append(f"{mask.choice.label} {end} (everyone hears everyone: {all_of_them})")
    past = "all of its past" if masks[0].layout.causal else "all tokens"
    return f"Layers until query {query:,} has heard {past}: " + "; ".join(told) + "."
