"""A point between two measured ones of a method, each of its numbers found when it is first read.

Of thousands of points between two lengths a table shows a dozen, and an answer reads a few of their sixty numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from attn_core.tradeoff.axes import AXES, OPERATOR, QUALITY

# Columns that say which choice a point is of; the others are its numbers.
HEAD = (
    "run_id", "environment_id", "machine", "device", "dtype", "role", "pass", "batch", "heads", "head_dim", "method",
    "family", "label", "params", "budget", "budget_value", "exact", "length", "keys", "source_key", "quality_from",
    "quality_length",
)  # fmt: skip
# The largest error on any source, and what is said of it.
WORST = ("worst_error", "worst_source", "sources")
# The axis of each column of numbers.
NUMBERS = {f"{name}{end}": name for name in AXES for end in ("", "_low", "_high")}
NAMES = tuple(dict.fromkeys([*HEAD, "id", "outcome", "message", *WORST, *NUMBERS]))


class Interpolated(Mapping[str, Any]):
    """`share` is how far it lies along the way from `near` to `far`; what `head` does not say of it is as `near` says,
    and its numbers lie between those of both."""

    __slots__ = ("_far", "_known", "_near", "_share")

    def __init__(
        self,
        near: Mapping[str, Any],
        far: Mapping[str, Any],
        share: float,
        head: Mapping[str, Any],
    ) -> None:
        self._near, self._far, self._share = near, far, share
        self._known = dict(head)

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            self._known[name] = self._found(name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)

    def __repr__(self) -> str:
        return repr(dict(self))

    def _found(self, name: str) -> Any:
        if name in WORST:
            ends = [one for one in (self._near, self._far) if not math.isnan(one["worst_error"])]
            worse = max(ends, key=lambda one: one["worst_error"], default=self._near)
            return worse[name]
        return self._near[name] if name in HEAD else self._number(name)

    def _number(self, column: str) -> float:
        """NaN where no power leads from one to the other, or where nothing may be said between them."""
        axis = NUMBERS[column]
        one, other = float(self._near[column]), float(self._far[column])
        if one == other:
            return one
        if axis in QUALITY or not (one > 0 and other > 0):
            return math.nan
        if axis in OPERATOR and bool(self._near["exact"]) != bool(self._far["exact"]):
            # From rounding to an error leads no power.
            return math.nan
        return math.exp((1 - self._share) * math.log(one) + self._share * math.log(other))
