"""Rows as a sweep would store them, with planted laws: every method a straight line, some cells without a number."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attn_core.timing.row import empty_row
from attn_core.timing.spec import Choice, SweepSpec

LENGTHS = (512, 1024, 2048, 4096, 8192)
# seconds at N = 1, and the exponent
LAWS = {
    "softmax": (6e-9, 2.0),
    "flash": (2e-9, 2.0),
    "linformer": (3e-6, 1.0),
    "performer": (6e-6, 1.0),
    "longformer": (4e-6, 1.0),
}


def a_spec(methods: tuple[str, ...] = tuple(LAWS), lengths=LENGTHS, **settings: Any) -> SweepSpec:
    return SweepSpec(tuple(Choice(name) for name in methods), tuple(lengths), **settings)


def a_row(spec: SweepSpec, cell, outcome: str = "ok", message: str = "") -> dict[str, Any]:
    row = empty_row(spec, cell, outcome, message)
    if outcome in ("ok", "unstable"):
        start, power = LAWS.get(cell.choice.method, (5e-6, 1.0))
        median = start * cell.queries**power
        row |= {
            "median_s": median,
            "p20_s": median * 0.96,
            "p80_s": median * 1.07,
            "ci_low_s": median * 0.98,
            "ci_high_s": median * 1.02,
            "samples": [median * (0.95 + 0.01 * step) for step in range(11)],
            "peak_bytes": 2048 * cell.queries * (cell.queries if power == 2 else 64) // 16,
            "floor_s": median / 4,
            "backend": "planted",
        }
    return row


def rows_of(spec: SweepSpec, outcomes: dict[str, tuple[str, str]] | None = None) -> list[dict]:
    """One row a cell; `outcomes` says (outcome, message) by cell key."""
    outcomes = outcomes or {}
    return [a_row(spec, cell, *outcomes.get(cell.key, ("ok", ""))) for cell in spec.cells]


def nulls_of(spec: SweepSpec) -> list[dict[str, Any]]:
    """The first method again at every length, one per cent off."""
    again = []
    for cell in spec.cells:
        if cell.choice == spec.methods[0]:
            row = a_row(spec, cell)
            ratios = {"ratio": 1.01, "ratio_low": 0.98, "ratio_high": 1.03}
            again.append(row | ratios | {"ratios": [0.98, 1.01, 1.03]})
    return again


def frame_of(spec: SweepSpec, outcomes: dict[str, tuple[str, str]] | None = None) -> pd.DataFrame:
    return pd.DataFrame(rows_of(spec, outcomes))
