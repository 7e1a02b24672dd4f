"""Where nothing keeps all limits: what would have to give, and what between two measured budgets would do."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from attn_core.tradeoff.axes import AXES
from attn_core.tradeoff.between import Candidate, along_budget, at_budget
from attn_core.tradeoff.limits import admitting, keeps, standing


@dataclass(frozen=True)
class Relaxation:
    """Limits that one candidate needs in place of those asked for, so that it surely qualifies; `factor` is by how
    much in all, the product over the limits."""

    limits: Mapping[str, float]
    candidate: Candidate
    factor: float

    @property
    def words(self) -> str:
        parts = [admitting(name, bound) for name, bound in self.limits.items()]
        return f"{' and '.join(parts)} would admit {self.candidate.name}"


def relaxations(candidates: Sequence[Candidate], limits: Mapping[str, float]) -> list[Relaxation]:
    """One for each candidate that has all limited axes, the smallest first."""
    known = [one for one in candidates if _needed(one, limits) is not None]
    return sorted((_relaxation(one, limits) for one in known), key=lambda one: one.factor)


def _needed(candidate: Candidate, limits: Mapping[str, float]) -> dict[str, float] | None:
    """The worst end of every limit that the candidate breaks; None where it lacks one."""
    found = {}
    for name, bound in limits.items():
        value, low, high = candidate.interval(name)
        worst = high if AXES[name].better == "lower" else low
        if math.isnan(value) or worst <= 0:
            return None
        if not keeps(AXES[name].better == "lower", worst, bound):
            found[name] = worst
    return found


def _relaxation(candidate: Candidate, limits: Mapping[str, float]) -> Relaxation:
    needed = _needed(candidate, limits) or {}
    logs = [abs(math.log(value / limits[name])) for name, value in needed.items()]
    return Relaxation(needed, candidate, math.exp(math.fsum(logs)))


def between_budgets(
    candidates: Sequence[Candidate], limits: Mapping[str, float]
) -> list[Candidate]:
    """Between each two neighbouring budgets the middle of where all limits would be kept."""
    found = []
    for near, far in along_budget(candidates):
        span = _span(near, far, limits)
        low, high = (one.point["budget_value"] for one in (near, far))
        if span is None:
            continue
        middle = round(low * (high / low) ** ((span[0] + span[1]) / 2))
        if not low < middle < high:
            continue
        try:
            one = at_budget(near, far, middle)
        except ValueError:  # the method takes no such value
            continue
        if standing(one, limits) == "perhaps":
            found.append(one)
    return found


def _span(
    near: Candidate, far: Candidate, limits: Mapping[str, float]
) -> tuple[float, float] | None:
    """From where to where along the line between two points the values keep the limits; None if nowhere."""
    first, last = 0.0, 1.0
    for name, bound in limits.items():
        start, end = near.interval(name)[0], far.interval(name)[0]
        lower = AXES[name].better == "lower"
        kept = [keeps(lower, value, bound) for value in (start, end)]
        if not any(kept) or not (start > 0 and end > 0):
            return None
        if all(kept):
            continue
        crossing = math.log(bound / start) / math.log(end / start)
        first, last = (first, min(last, crossing)) if kept[0] else (max(first, crossing), last)
    return (first, last) if first <= last else None
