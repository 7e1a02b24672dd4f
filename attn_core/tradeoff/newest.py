"""Of what was measured in several runs, which counts: the newest that knows what there is to know.

A run that was stopped, or timed only, does not push out an older one that has the error too. Every point keeps the run
that it is of, and older points stay in the table: they are only not held against others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_core.tradeoff.front import WITHIN
from attn_core.tradeoff.points import WHOLE_MODEL

if TYPE_CHECKING:
    from pandas import DataFrame


def last_of_each(frame: DataFrame, same: Sequence[str], rank: np.ndarray) -> np.ndarray:
    """Whether a row is, of those equal in the columns of these names, the last of those that rank highest. Runs come
    oldest first."""
    order = np.argsort(rank, kind="stable")
    beaten = frame[list(same)].iloc[order].duplicated(keep="last").to_numpy()
    found = np.zeros(len(frame), dtype=bool)
    found[order[~beaten]] = True
    return found


def counts(frame: DataFrame) -> np.ndarray:
    """Whether a point is the one of its choice, length, machine and setting that counts: the newest with a time and an
    error, else the newest with a time. A whole translator of another run was trained otherwise: each counts."""
    time, error = (frame[name].notna().to_numpy() for name in ("time_s", "output_error"))
    own = frame["run_id"].where(frame["role"] == WHOLE_MODEL, "")
    same = ("own", *WITHIN, "label", "budget_value")
    return last_of_each(frame.assign(own=own), same, 2 * time + error)


def newest(frame: DataFrame) -> DataFrame:
    """The points that count, each choice once at each length."""
    kept: Any = frame[counts(frame)]
    return kept
