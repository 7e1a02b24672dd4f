"""What lies between two measured points of one method: along the length, or along its budget, and never beyond.

Straight lines in logarithms: a power of the length, or of the budget, is exact there. The ends of intervals are
carried along the same way. The quality of a trained model is not interpolated: it stays where both ends agree.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from attn_core.naming import called
from attn_core.timing.row import TIMED
from attn_core.timing.spec import Choice
from attn_core.tradeoff.interpolated import Interpolated
from attn_core.tradeoff.record import records_of

if TYPE_CHECKING:
    from pandas import DataFrame

Point = Mapping[str, Any]


@dataclass(frozen=True)
class Candidate:
    """A measured point, or one between two of them; `rests_on` are the ids of the measured ones, and `how` says what
    it lies between, empty where it was measured itself."""

    point: Point
    rests_on: tuple[str, ...]
    how: str = ""

    @property
    def name(self) -> str:
        """The choice, and what of it is interpolated."""
        return (
            f"{called(self.point['label'])}, {self.how}"
            if self.how
            else called(self.point["label"])
        )

    def value(self, axis: str) -> float:
        """NaN where it was not measured."""
        return float(self.point[axis])

    def interval(self, axis: str) -> tuple[float, float, float]:
        """Value, low and high; NaN where it was not measured."""
        value, low, high = (float(self.point[axis + end]) for end in ("", "_low", "_high"))
        return value, low, high


def at_length(frame: DataFrame, length: int) -> list[Candidate]:
    """Every choice at this length: measured, else between its nearest lengths below and above. A choice that failed
    there is left out, and nothing is interpolated towards a failure or across one. Give it points of one setting."""
    labels, lengths = frame["label"].tolist(), frame["length"].tolist()
    outcomes = frame["outcome"].tolist()
    timed = frame["outcome"].isin(TIMED).tolist()
    there = {label for label, n in zip(labels, lengths, strict=True) if n == length}
    here: list[int] = []
    below: dict[str, int] = {}
    above: dict[str, int] = {}
    failed: dict[str, list[int]] = {}
    for place, (label, n, known) in enumerate(zip(labels, lengths, timed, strict=True)):
        if not known and outcomes[place] != "cancelled":
            failed.setdefault(label, []).append(n)
        if known and n == length:
            here.append(place)
        # At the same length the last: runs are in their order, the newest last.
        elif known and label not in there and n < length:
            if n >= lengths[below.get(label, place)]:
                below[label] = place
        elif known and label not in there and n <= lengths[above.get(label, place)]:
            above[label] = place
    found = [Candidate(point, (point["id"],)) for point in _records(frame, here)]
    both = [
        label
        for label in below
        if label in above
        and not any(
            lengths[below[label]] < n < lengths[above[label]] for n in failed.get(label, ())
        )
    ]
    ends = (_records(frame, [side[label] for label in both]) for side in (below, above))
    return found + [_between_lengths(near, far, length) for near, far in zip(*ends, strict=True)]


def along_budget(candidates: Sequence[Candidate]) -> list[tuple[Candidate, Candidate]]:
    """Neighbours among measured points of one method whose budgets differ and whose other parameters do not."""
    lines: dict[str, list[Candidate]] = {}
    for one in candidates:
        point = one.point
        if not one.how and point["budget"] and point["budget_value"] > 0:
            others = {k: v for k, v in point["params"].items() if k != point["budget"]}
            lines.setdefault(f"{point['method']} {sorted(others.items())}", []).append(one)
    pairs = []
    for line in lines.values():
        # Of one budget measured in several runs the last.
        rising = sorted({one.point["budget_value"]: one for one in line}.items())
        pairs += [(one, other) for (_, one), (_, other) in pairwise(rising)]
    return pairs


def at_budget(near: Candidate, far: Candidate, value: int) -> Candidate:
    """The same method with a budget between those of two measured points; a ValueError where it takes none such."""
    low, high = (one.point["budget_value"] for one in (near, far))
    if not min(low, high) <= value <= max(low, high):
        raise ValueError(f"tradeoff: budget must lie from {low:g} to {high:g}, got {value}")
    name = near.point["budget"]
    how = f"between {name} = {low:,.0f} and {name} = {high:,.0f}"
    params: dict[str, Any] = {**near.point["params"], name: value}
    label = Choice(near.point["method"], params).label
    head = {"params": params, "budget_value": float(value), "label": label}
    return _between(near.point, far.point, _share(low, high, value), how, head)


def _between_lengths(near: Point, far: Point, length: int) -> Candidate:
    how = f"between N = {near['length']:,} and N = {far['length']:,}"
    keys = length if near["keys"] == near["length"] else near["keys"]
    share = _share(near["length"], far["length"], length)
    exact = bool(near["exact"] and far["exact"])
    return _between(near, far, share, how, {"length": length, "keys": keys, "exact": exact})


def _between(near: Point, far: Point, share: float, how: str, head: Point) -> Candidate:
    said = {"id": "", "outcome": "ok", "message": how, **head}
    return Candidate(Interpolated(near, far, share, said), (near["id"], far["id"]), how)


def _share(low: float, high: float, at: float) -> float:
    """How far along the way in logarithms."""
    return math.log(at / low) / math.log(high / low)


def _records(frame: DataFrame, places: Sequence[int]) -> Sequence[Point]:
    return records_of(frame, list(places))
