"""The rows of a run: one for each number and each point of a curve, as the store keeps them and exports have them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

Row = dict[str, Any]


class Who(NamedTuple):
    """A model of a run."""

    method: str
    student: str
    seed: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Who:
        return cls(row["method"], row["student"], row["seed"])

    @property
    def name(self) -> str:
        """As its files are called."""
        return f"{self.student} {self.method} seed {self.seed}"


def key(metric: str, who: Who, length: int) -> str:
    """Names a number within its run; a resumed run skips the ones it has."""
    return f"{metric} {who.method} {who.student} seed {who.seed} @ {length}"


def cell(
    metric: str,
    who: Who,
    length: int,
    value: float | None,
    outcome: str = "ok",
    message: str = "",
    interval: tuple[float | None, float | None] | None = None,
) -> tuple[str, Row]:
    """A number with its key; `run_id` is set by whoever stores it."""
    low, high = interval or (None, None)
    return key(metric, who, length), {
        "run_id": "",
        **who._asdict(),
        "metric": metric,
        "length": length,
        "value": finite(value),
        "low": finite(low),
        "high": finite(high),
        "outcome": outcome,
        "message": message,
    }


def curve_point(
    who: Who,
    stage: str,
    step: int,
    steps: int,
    loss: float | None,
    val_ce: float | None,
    tokens_per_s: float,
    seconds: float,
) -> Row:
    return {
        "run_id": "",
        **who._asdict(),
        "stage": stage,
        "step": step,
        "steps": steps,
        "loss": loss,
        "val_ce": val_ce,
        "tokens_per_s": tokens_per_s,
        "seconds": seconds,
    }


def roles(method: str, held: Mapping[str, str]) -> tuple[str, Row]:
    """Which attention a method's models have in each role."""
    return f"role {method}", {"run_id": "", "method": method, **held}


def finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
