"""What is asked of a choice: a length, and for some axes the worst value that is acceptable."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from attn_core.contract import LARGEST
from attn_core.tradeoff.axes import AXES, LEAST_SHARE, OPERATOR, QUALITY, amount, axis
from attn_core.tradeoff.between import Candidate

# An output of zeros has an error of 100%: of what is further off than half of that nothing is offered unasked.
MOST_ERROR = 0.5
# More than what is lost where a number is written with three digits.
SLACK = 0.006
# Surely: the whole of every interval is within the limits. Perhaps: a part, or what lies between measured points.
Standing = Literal["surely", "perhaps", "no", "unmeasured"]


@dataclass(frozen=True)
class Budget:
    """A length in tokens, and for some axes the worst value that is acceptable."""

    length: int
    limits: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if type(self.length) is not int or not 1 <= self.length <= LARGEST:
            raise ValueError(
                f"budget: length must be an integer from 1 to {LARGEST}, got {self.length!r}"
            )
        for name, bound in self.limits.items():
            title = axis(name).noun
            if type(bound) not in (int, float) or not 0 < bound < math.inf:
                raise ValueError(
                    f"budget: a limit on the {title} must be a number above 0, got {bound!r}"
                )

    @property
    def words(self) -> str:
        """The question in words."""
        parts = [limit(name, bound) for name, bound in self.limits.items()]
        return ", ".join([f"N = {self.length:,}", *parts])


def standing(candidate: Candidate, limits: Mapping[str, float]) -> Standing:
    """Whether the candidate keeps all limits. One that breaks a limit is out, whatever else it lacks."""
    found: set[Standing] = {"perhaps" if candidate.how else "surely"}
    for name, bound in limits.items():
        value, low, high = candidate.interval(name)
        lower = AXES[name].better == "lower"
        best, worst = (low, high) if lower else (high, low)
        if math.isnan(value):
            found.add("unmeasured")
        elif not keeps(lower, best, bound):
            found.add("no")
        elif not keeps(lower, worst, bound):
            found.add("perhaps")
    order: tuple[Standing, ...] = ("no", "unmeasured", "perhaps", "surely")
    return next(one for one in order if one in found)


def near_enough(candidate: Candidate, limits: Mapping[str, float]) -> bool:
    """Whether it is worth naming to who has not said how near it must be. Where the source that is looked at has no
    error of it another's counts; an error that nobody measured rules out nothing."""
    if any(name in limits for name in (*OPERATOR, *QUALITY)):
        return True
    return not decisive_error(candidate)[1] > MOST_ERROR


def decisive_error(candidate: Candidate) -> tuple[float, float, str]:
    """The output error that decides, its high end, and the source if it is another than the one that is looked at."""
    value, _, high = candidate.interval("output_error")
    if not math.isnan(value):
        return value, high, ""
    worst = float(candidate.point.get("worst_error", math.nan))
    return worst, worst, str(candidate.point.get("worst_source", ""))


def limit(name: str, bound: float) -> str:
    """A limit in words, and however small as it can be typed."""
    sign = "≤" if AXES[name].better == "lower" else "≥"
    tiny = AXES[name].unit == "share" and bound < LEAST_SHARE
    return f"{AXES[name].noun} {sign} {f'{100 * bound:.3g}%' if tiny else amount(name, bound)}"


def admitting(name: str, bound: float) -> str:
    """A limit in words that, typed as it is written, lets that value through: three digits may round the other way."""
    lower = AXES[name].better == "lower"
    unit = 1024.0 ** max(0, int(math.log(bound, 1024))) if AXES[name].unit == "bytes" else 1.0
    if keeps(lower, bound, float(f"{bound / unit:.3g}") * unit):
        return limit(name, bound)
    return limit(name, bound * (1 + SLACK if lower else 1 - SLACK))


def keeps(lower: bool, value: float, bound: float) -> bool:
    return value <= bound if lower else value >= bound
