"""Pairs of queries and keys as rows to draw: exact kernels, estimates, and how well these are calibrated. No streamlit
here."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.figures.matrix_map import plain
from dashboard.services.features import Asked, Pairs

LOG_10 = float(np.log(10))


def pair_rows(asked: Asked, found: Pairs) -> pd.DataFrame:
    """A row a seen pair: log10 of the exact kernel and of its estimate, which may be minus infinity."""
    at_rows, at_columns = np.nonzero(found.seen)
    source = asked.source
    table = pd.DataFrame(
        {
            "i": np.asarray(found.rows)[at_rows],
            "j": np.asarray(found.columns)[at_columns],
            "exact": found.exact[found.seen] / LOG_10,
            "estimate": (found.estimate[found.seen] + found.shift) / LOG_10,
            "square": found.squares[found.seen],
        }
    )
    for name, labels, at in (("query", source.query_labels, "i"), ("key", source.key_labels, "j")):
        if labels is not None:
            table[name] = [plain(labels[place]) for place in table[at]]
    return table


def calibration(table: pd.DataFrame, bins: int = 8) -> pd.DataFrame:
    """Pairs in bins of equal size by their exact kernel: means of both (log10 of the mean), and where the middle 80%
    of the estimates lie."""
    if not len(table):
        return pd.DataFrame()
    place = np.floor(table["exact"].rank(method="first", pct=True).to_numpy() * bins - 1e-9)
    rows = []
    for _, part in table.groupby(place):
        estimate = part["estimate"].to_numpy()
        low, high = np.quantile(estimate, [0.1, 0.9], method="nearest")
        rows.append(
            {
                "exact": mean10(part["exact"].to_numpy()),
                "estimate": mean10(estimate),
                "low": low,
                "high": high,
                "pairs": len(part),
            }
        )
    return pd.DataFrame(rows)


def mean10(logs: np.ndarray) -> float:
    """log10 of the mean of numbers given by their log10."""
    return float(np.logaddexp.reduce(logs * LOG_10) - np.log(len(logs))) / LOG_10
