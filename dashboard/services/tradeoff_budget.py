"""A budget as it is typed, and its answer in words and tables. No streamlit here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from attn_core.tradeoff.axes import AXES, QUALITY, Axis
from attn_core.tradeoff.limits import MOST_ERROR, decisive_error
from attn_core.tradeoff.qualify import Answer, Best, Budget, Candidate
from dashboard.figures.tradeoff_numbers import span, words
from dashboard.services.tradeoff_point import UNSTEADY
from dashboard.services.validation import Span
from dashboard.services.wording import listed

# The limits that are asked for first; the others stand behind a button.
FIRST = ("time_s", "memory_bytes", "output_error")
ROWS = 12
SHOWN = ("time_s", "memory_bytes", "output_error", "row_kl", "top_k_recall", "token_accuracy")


@dataclass(frozen=True)
class Limit:
    """How a limit on an axis is typed: `size` of the axis' own units to one of the box."""

    axis: Axis
    unit: str
    size: float

    @property
    def label(self) -> str:
        bound = "at most" if self.axis.better == "lower" else "at least"
        return f"{self.axis.title}, {bound}" + (f" ({self.unit})" if self.unit else "")

    @property
    def span(self) -> Span:
        """Beyond it lies no machine, and numbers that fill a line."""
        whole = self.unit == "%" and self.axis.better == "higher"
        return Span(self.label, 1e-9, 100.0 if whole else 1e9)


_UNITS = {
    "s": ("ms", 1e-3), "bytes": ("MiB", 2.0**20), "FLOPs": ("GFLOP", 1e9), "share": ("%", 0.01),
}  # fmt: skip
LIMITS: Mapping[str, Limit] = {
    name: Limit(axis, *_UNITS.get(axis.unit, ("", 1.0))) for name, axis in AXES.items()
}


def budget_of(length: int, typed: Mapping[str, float | None]) -> Budget:
    """Empty boxes limit nothing; a ValueError says which limits there are."""
    limits = {
        name: LIMITS[name].span.check(float(value)) * LIMITS[name].size
        for name, value in typed.items()
        if value is not None
    }
    return Budget(length, limits)


def headline(found: Answer) -> str:
    """What qualifies, in a sentence."""
    asked = found.budget.words
    if not found.budget.limits:
        known = [*found.surely, *found.perhaps]
        if not known:
            return f"**No choice at {asked}.**"
        return f"**{_count(known)} at {asked}.** Say what is acceptable, and fewer are left."
    if found.surely:
        more = f", and {len(found.perhaps)} more perhaps" if found.perhaps else ""
        return f"**{_count(found.surely)} surely within {asked}**{more}."
    if found.perhaps:
        perhaps = f"**Nothing is surely within {asked}; {_count(found.perhaps)} perhaps**"
        return f"{perhaps}: their intervals reach beyond it, or they lie between measured points."
    if found.least is None:
        if found.far_off and not found.unmeasured:
            return f"**Nothing near enough to exact attention was measured at {asked}.**"
        return f"**Nothing that was measured can be held against {asked}.**"
    must = f"{found.least.words}, {words_of_factor(found.least.factor)}"
    return f"**Nothing is within {asked}.** The least that must give: {must}."


def words_of_factor(factor: float) -> str:
    return f"{factor:.2g}× in all" if factor < 10 else f"{factor:,.0f}× in all"


def remarks(found: Answer) -> list[str]:
    """What else is to be said: where the answer comes from, and what could not be judged."""
    said = [found.note] if found.note else []
    if found.unmeasured:
        one = found.unmeasured == 1
        lack = "choice at this length lacks" if one else "choices at this length lack"
        left = "is" if one else "are"
        said.append(f"{found.unmeasured} {lack} a quantity that is limited, and {left} left out.")
    if lent := _lent(found):
        said.append(lent)
    if lack := _without_error(found):
        said.append(lack)
    if found.far_off:
        said.append(_far_off(found.far_off))
    if found.singles:
        alone = [one.words for one in found.singles.values()]
        said.append("One limit alone: " + "; ".join(alone) + ".")
    if found.between_budgets:
        names = listed([one.name for one in found.between_budgets])
        said.append(f"Between two measured budgets, interpolated and not measured: {names}.")
    return said


def _lent(found: Answer) -> str:
    """The lengths, where they are others, at which the models were judged whose quality is named."""
    lengths = {
        int(one.point["quality_length"])
        for one in (*found.surely, *found.perhaps)
        if any(math.isfinite(one.value(name)) for name in QUALITY)
    } - {found.budget.length}
    if not lengths:
        return ""
    at = listed([f"{length:,}" for length in sorted(lengths)])
    return f"Quality is that of models judged at N = {at}, not at N = {found.budget.length:,}."


def _far_off(left_out: Sequence[Candidate]) -> str:
    """How many are too far off to be offered, and how far that is."""
    ends = [_how_far(one) for one in (*left_out[:1], *left_out[1:][-1:])]
    lies = "error is" if len(left_out) == 1 else "errors are"
    return (
        f"{_count(left_out)} left out, whose output {lies} not surely within {MOST_ERROR:.0%}: "
        f"{' to '.join(ends)}. Zeros have 100%. A limit on an error or a quality brings them back."
    )


def _how_far(one: Candidate) -> str:
    value, _, source = decisive_error(one)
    return f"{words(AXES['output_error'], value)}{f' on {source}' if source else ''} ({one.name})"


def _without_error(found: Answer) -> str:
    """Whose error on the source that is looked at is not known, where nothing else limits it."""
    offered = [*found.surely, *found.perhaps]
    lack = sum(1 for one in offered if math.isnan(one.value("output_error")))
    if not lack or not any(not math.isnan(decisive_error(one)[0]) for one in offered):
        return ""
    have = "has" if lack == 1 else "have"
    return f"{_count(offered[:lack])} {have} no error on this source here; the largest on another counts, where known."


def best_table(found: Answer) -> pd.DataFrame:
    """The best that qualifies by every axis, with what the noise does not tell from it."""
    lines = [_best_line(found, one) for one in found.best.values()]
    return pd.DataFrame(lines, columns=["Best by", "Choice", "Value", "Not told apart from it"])


def _best_line(found: Answer, best: Best) -> dict[str, str]:
    axis = AXES[best.axis]
    alike = listed(list(best.alike[:3])) + (
        f" and {len(best.alike) - 3} more" if len(best.alike) > 3 else ""
    )
    return {
        "Best by": axis.title,
        "Choice": best.candidate.name,
        "Value": span(axis, *best.candidate.interval(best.axis))
        + _steadiness(found, best.candidate, best.axis),
        "Not told apart from it": alike if best.alike else "–",
    }


def within_table(found: Answer) -> pd.DataFrame:
    """The quickest first, and whether each is surely within the limits where some are not."""
    candidates = [*found.surely, *found.perhaps]
    # Each is itself: to hold one against thousands reads all their numbers.
    surely = set(map(id, found.surely))
    sure = [
        {"Within": "surely" if id(one) in surely else "perhaps"}
        for one in quickest_first(candidates)[:ROWS]
    ]
    if not (found.surely and found.perhaps):
        sure = [{} for _ in sure]
    known = [name for name in SHOWN if any(not math.isnan(one.value(name)) for one in candidates)]
    lines = [
        {"Choice": one.name}
        | within
        | {
            AXES[name].title: words(AXES[name], one.interval(name)[0])
            + _steadiness(found, one, name)
            for name in known
        }
        for one, within in zip(quickest_first(candidates)[:ROWS], sure, strict=True)
    ]
    first = ["Choice", *(sure[0] if sure else ())]
    return pd.DataFrame(lines, columns=[*first, *(AXES[name].title for name in known)])


def _steadiness(found: Answer, one: Candidate, name: str) -> str:
    """What is said after a time that another run may not find again."""
    known = not math.isnan(one.interval(name)[0])
    return f", {UNSTEADY}" if name == "time_s" and known and found.is_unsteady(one) else ""


def quickest_first(candidates: Iterable[Candidate]) -> list[Candidate]:
    def time(one: Candidate) -> float:
        value = one.value("time_s")
        return value if value == value else float("inf")

    return sorted(candidates, key=time)


def _count(candidates: Sequence[Candidate]) -> str:
    return f"{len(candidates)} {'choice' if len(candidates) == 1 else 'choices'}"
