"""The comparisons: one file a peer, one line here."""

from __future__ import annotations

from benchmarks.adapters import (
    bigbird,
    exact,
    linear,
    linformer,
    local,
    longformer,
    nystrom,
    performer,
    reformer,
)
from benchmarks.comparison import Comparison

PEERS: tuple[Comparison, ...] = (
    *performer.COMPARISONS,
    *longformer.COMPARISONS,
    *local.COMPARISONS,
    *nystrom.COMPARISONS,
    *linformer.COMPARISONS,
    *reformer.COMPARISONS,
    *bigbird.COMPARISONS,
    *linear.COMPARISONS,
    *exact.PEERS,
)
EXACT: tuple[Comparison, ...] = exact.COMPARISONS
