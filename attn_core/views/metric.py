"""A measured quantity that says when, and why, there is nothing to report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attn_core.matrix import MatrixView

NOT_FINITE = "the matrix or the output holds values that are not finite"


@dataclass(frozen=True, eq=False)
class Metric:
    """Numbers with their unit, or the reason there are none. Values never hold NaN; infinity is kept
    where it is the true answer."""

    value: Tensor | None
    unit: str
    reason: str = ""

    def __post_init__(self) -> None:
        if (self.value is None) != bool(self.reason):
            raise ValueError(
                f"a metric has either a value or a reason for having none, "
                f"got value {self.value!r} and reason {self.reason!r}"
            )

    @classmethod
    def undefined(cls, unit: str, reason: str) -> Metric:
        return cls(None, unit, reason)

    @classmethod
    def measured(cls, value: Tensor, unit: str, why_not: str = "") -> Metric:
        """The value; undefined where there is a reason against it, or the arithmetic was not finite."""
        if why_not:
            return cls.undefined(unit, why_not)
        if not value.isfinite().all():
            return cls.undefined(unit, NOT_FINITE)
        return cls(value, unit)

    @property
    def defined(self) -> bool:
        return self.value is not None

    def to_dict(self) -> dict[str, Any]:
        """For JSON, which has no infinity: an infinite number is written as the text "infinity"."""
        value = None if self.value is None else _plain(self.value)
        return {"value": value, "defined": self.defined, "reason": self.reason, "unit": self.unit}


def why_not_distributions(view: MatrixView) -> str:
    """Why the rows of a matrix are no probability distributions; empty if they are."""
    if view.signed:
        return "entries may be negative, so a row is not a probability distribution"
    if not view.row_sums_to_one:
        return "rows need not sum to one, so a row is not a probability distribution"
    return ""


def heads_without(has: Tensor, what: str) -> str:
    """Says which heads lack something that a per-head number needs; empty if none does."""
    lacking = ", ".join(str(head) for head in (~has).nonzero().flatten().tolist())
    return f"no {what} in head {lacking}" if lacking else ""


def _plain(value: Tensor) -> Any:
    if torch.isfinite(value).all():
        return value.tolist()
    return _spell_infinity(value.tolist())


def _spell_infinity(value: Any) -> Any:
    if isinstance(value, list):
        return [_spell_infinity(item) for item in value]
    return {float("inf"): "infinity", float("-inf"): "-infinity"}.get(value, value)
