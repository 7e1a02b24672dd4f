"""The budget query: what a length, a machine and limits leave to choose from, and what must give where nothing is left.

An answer rests on measured points, or lies between two of them and says so. A point qualifies surely if the whole of
its intervals is within the limits, perhaps if only a part is; what lies between points never qualifies surely.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from attn_core.naming import called
from attn_core.tradeoff.axes import AXES, OPERATOR
from attn_core.tradeoff.between import Candidate, at_length
from attn_core.tradeoff.limits import Budget, Standing, decisive_error, near_enough, standing
from attn_core.tradeoff.recipe import code
from attn_core.tradeoff.relax import Relaxation, between_budgets, relaxations
from attn_core.tradeoff.scene import some
from attn_core.tradeoff.sentences import FAILED
from attn_core.tradeoff.settings import Setting, one_setting

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Answer", "Best", "Budget", "Candidate", "Relaxation", "answer", "code", "standing"]


@dataclass(frozen=True)
class Best:
    """The best that qualifies by one axis; `alike` are those that the noise does not tell from it."""

    axis: str
    candidate: Candidate
    standing: Standing
    alike: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """`singles` has for each limit the least that it alone would have to give, `least` the smallest relaxation of
    all, of one limit or several; both only where nothing qualifies. `between_budgets` then are choices between two
    measured budgets that would. `unmeasured` counts choices at this length that lack a limited axis; `far_off` are
    those whose error is too large to be offered where no error is limited, the nearest first. `unsteady` are the ids
    of points whose time varied more than asked for."""

    budget: Budget
    setting: Setting | None
    surely: tuple[Candidate, ...] = ()
    perhaps: tuple[Candidate, ...] = ()
    best: Mapping[str, Best] = field(default_factory=dict)
    between_budgets: tuple[Candidate, ...] = ()
    singles: Mapping[str, Relaxation] = field(default_factory=dict)
    least: Relaxation | None = None
    unmeasured: int = 0
    far_off: tuple[Candidate, ...] = ()
    note: str = ""
    unsteady: frozenset[str] = frozenset()

    def is_unsteady(self, one: Candidate) -> bool:
        """Whether its time, or one of those that it lies between, may be another when it is measured again."""
        return not self.unsteady.isdisjoint(one.rests_on)


def answer(frame: DataFrame, budget: Budget) -> Answer:
    """Of points of one setting; a ValueError names the settings where there are several."""
    setting = one_setting(frame, "budget")
    if setting is None:
        return Answer(budget, None, note="Nothing was measured here.")
    candidates, far_off = _offered(at_length(frame, budget.length), budget)
    stands = [standing(one, budget.limits) for one in candidates]
    pairs = list(zip(candidates, stands, strict=True))
    surely, perhaps = (
        tuple(one for one, stand in pairs if stand == wanted) for wanted in ("surely", "perhaps")
    )
    unmeasured, note = stands.count("unmeasured"), _note(frame, budget, candidates or far_off)
    unsteady = frozenset(frame.loc[frame["outcome"] == "unstable", "id"])
    if surely or perhaps:
        chosen = surely or perhaps
        best = {name: found for name in AXES if (found := _best(name, chosen, bool(surely)))}
        return Answer(
            budget,
            setting,
            surely,
            perhaps,
            best,
            unmeasured=unmeasured,
            far_off=far_off,
            note=note,
            unsteady=unsteady,
        )
    relaxed = relaxations(candidates, budget.limits)
    singles: dict[str, Relaxation] = {}
    for one in relaxed:
        if len(one.limits) == 1:
            singles.setdefault(next(iter(one.limits)), one)
    return Answer(
        budget,
        setting,
        between_budgets=tuple(between_budgets(candidates, budget.limits)),
        singles=singles,
        least=relaxed[0] if relaxed else None,
        unmeasured=unmeasured,
        far_off=far_off,
        note=note,
        unsteady=unsteady,
    )


def _offered(
    candidates: Sequence[Candidate], budget: Budget
) -> tuple[list[Candidate], tuple[Candidate, ...]]:
    """What is offered, and what is not, the nearest first."""
    kept = [one for one in candidates if near_enough(one, budget.limits)]
    others = (one for one in candidates if not near_enough(one, budget.limits))
    return kept, tuple(sorted(others, key=lambda one: decisive_error(one)[0]))


def _best(name: str, candidates: Sequence[Candidate], sure: bool) -> Best | None:
    known = [one for one in candidates if not math.isnan(one.value(name))]
    if not known:
        return None
    sign = 1 if AXES[name].better == "lower" else -1
    first, *others = sorted(known, key=lambda one: sign * one.value(name))
    rounding = name in OPERATOR and bool(first.point["exact"])
    if rounding:  # the quickest of those that err by rounding alone stands for all
        exact = [one for one in known if one.point["exact"]]
        first = min(exact, key=lambda one: (math.isnan(one.value("time_s")), one.value("time_s")))
        others = [one for one in known if one is not first]
    _, low, high = first.interval(name)
    alike = [
        one.name
        for one in others
        if (rounding and one.point["exact"])
        or (one.interval(name)[1] <= high and one.interval(name)[2] >= low)
    ]
    return Best(name, first, "surely" if sure else "perhaps", tuple(alike))


def _note(frame: DataFrame, budget: Budget, candidates: Sequence[Candidate]) -> str:
    """What the answer rests on."""
    lengths = sorted({int(one) for one in frame["length"]})
    failed = _failed(frame, budget.length)
    if budget.length in lengths:
        if not candidates:
            return f"Tried at N = {budget.length:,}, and nothing could be timed."
        between = sum(1 for one in candidates if one.how)
        if not between:
            return f"Measured at N = {budget.length:,}.{failed}"
        return (
            f"Measured at N = {budget.length:,}; {between} of {len(candidates)} choices lie between other "
            f"lengths.{failed}"
        )
    if candidates:
        return f"N = {budget.length:,} was not measured: every answer lies between two measured lengths."
    if lengths[0] <= budget.length <= lengths[-1]:
        return f"N = {budget.length:,} was not measured, and no choice was at a length below and one above."
    span = (
        f"only N = {lengths[0]:,}"
        if len(lengths) == 1
        else f"N = {lengths[0]:,} to {lengths[-1]:,}"
    )
    return (
        f"N = {budget.length:,} lies outside what was measured, {span}: nothing is said beyond it."
    )


def _failed(frame: DataFrame, length: int) -> str:
    """Who was tried there and has no time."""
    tried: Any = frame[(frame["length"] == length) & frame["outcome"].isin(list(FAILED))]
    names = [
        f"{called(label)} {FAILED[why]}"
        for label, why in zip(tried["label"], tried["outcome"], strict=True)
    ]
    return f" Not timed there: {some(names)}." if names else ""
