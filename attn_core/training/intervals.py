"""Intervals of numbers that are sums over rows: drawn again and again with other rows, or counted."""

from __future__ import annotations

import math

import numpy as np

DRAWS, CONFIDENCE = 1000, 0.95
NORMAL = 1.959964


def drawn(rows: int, seed: int = 0) -> np.ndarray:
    """How often each row is in each of the draws, (DRAWS, rows)."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(rows, np.full(rows, 1 / rows), size=DRAWS)


def middle(values: np.ndarray) -> tuple[float, float]:
    """What holds the middle 95%."""
    low, high = np.quantile(values, ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
    return float(low), float(high)


def of_mean(parts: np.ndarray, counts: np.ndarray) -> tuple[float, float] | None:
    """Of Σ parts / Σ counts over rows; a single row tells nothing of others."""
    if len(parts) < 2:
        return None
    times = drawn(len(parts))
    return middle((times @ parts) / (times @ counts))


def of_share(hits: int, total: int) -> tuple[float, float]:
    """Wilson's, of so many out of so many."""
    share, room = hits / total, NORMAL**2 / total
    centre = (share + room / 2) / (1 + room)
    half = NORMAL / (1 + room) * math.sqrt(share * (1 - share) / total + room / total / 4)
    return max(0.0, centre - half), min(1.0, centre + half)
