"""Margins, distances and entropies of matrices as rows to draw, a few hundred at most. No streamlit here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from dashboard.services.matrix_rows import Rows, Side

BINS = 256


def received(sides: Mapping[str, Side]) -> pd.DataFrame:
    """What each key gets on average from the rows that were read."""
    return _table(sides, lambda one: one.received, "key j")


def given(sides: Mapping[str, Side], rows: Rows) -> pd.DataFrame:
    """What each query gives in all."""
    return _table(sides, lambda one: one.total, "query i", rows.index)


def entropies(sides: Mapping[str, Side], rows: Rows) -> pd.DataFrame:
    """How evenly each query spreads its weight."""
    told = {name: one for name, one in sides.items() if not one.no_entropy}
    return _table(told, lambda one: one.entropy, "query i", rows.index)


def distances(sides: Mapping[str, Side]) -> pd.DataFrame:
    """Mean weight by |i − j|, in bins that widen with the distance. Bins without a pair are left out."""
    longest = max(len(one.by_distance) for one in sides.values())
    edges = np.unique(np.geomspace(1, longest, BINS // 2).astype(int))
    found = []
    for name, one in sides.items():
        spans = [(0, 1), *pairwise(edges)]
        for low, high in spans:
            pairs = one.pairs[low:high]
            if pairs.any():
                mean = np.average(np.nan_to_num(one.by_distance[low:high]), weights=pairs)
                # Beyond zero: the axis is logarithmic, and the pairs of a token with itself stand at one half.
                found.append((name, max(0.5, (low + high - 1) / 2), float(mean)))
    return pd.DataFrame(found, columns=["matrix", "distance", "value"])


def errors(rows: Mapping[str, Rows], pick: Callable[[Rows], np.ndarray | None]) -> pd.DataFrame:
    """One number a row, of each method."""
    found = []
    for name, one in rows.items():
        values = pick(one)
        if values is not None:
            found.append(_binned(name, one.index, values, "query i"))
    return pd.concat(found) if found else pd.DataFrame(columns=["matrix", "query i", "value"])


def _table(
    sides: Mapping[str, Side],
    pick: Callable[[Side], np.ndarray],
    axis: str,
    places: np.ndarray | None = None,
) -> pd.DataFrame:
    parts = []
    for name, one in sides.items():
        values = pick(one)
        parts.append(
            _binned(name, np.arange(len(values)) if places is None else places, values, axis)
        )
    return pd.concat(parts) if parts else pd.DataFrame(columns=["matrix", axis, "value"])


def _binned(name: str, places: np.ndarray, values: np.ndarray, axis: str) -> pd.DataFrame:
    """Means of neighbours where there are more than can be told apart."""
    groups = np.array_split(np.arange(len(values)), min(BINS, len(values)))
    return pd.DataFrame(
        {
            "matrix": name,
            axis: [float(places[one].mean()) for one in groups],
            "value": [float(values[one].mean()) for one in groups],
        }
    )
