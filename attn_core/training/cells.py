"""The rows of a run: one for each number, as the store keeps them and exports have them."""

from __future__ import annotations

import math
from typing import Any

Row = dict[str, Any]


def key(metric: str, method: str, student: str, seed: int, length: int) -> str:
    """Names a number within its run; a resumed run skips the ones it has."""
    return f"{metric} {method} {student} seed {seed} @ {length}"


def cell(
    metric: str,
    method: str,
    student: str,
    seed: int,
    length: int,
    value: float | None,
    outcome: str = "ok",
    message: str = "",
    interval: tuple[float | None, float | None] | None = None,
) -> tuple[str, Row]:
    """A number with its key; `run_id` is set by whoever stores it."""
    low, high = interval or (None, None)
    return key(metric, method, student, seed, length), {
        "run_id": "",
        "method": method,
        "student": student,
        "seed": seed,
        "metric": metric,
        "length": length,
        "value": finite(value),
        "low": finite(low),
        "high": finite(high),
        "outcome": outcome,
        "message": message,
    }


def finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
