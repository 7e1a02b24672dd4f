"""What may be said of a set of timings: their median, its 95% interval, and ratios taken pair by pair.

The interval is between two of the samples themselves, by how often so many of an honest coin's throws land on
one side: nothing is assumed about their distribution, so outliers and lopsided noise do no harm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

CONFIDENCE = 0.95
# Beyond this the binomial is as good as normal, and exact sums of it are slow.
EXACT_UP_TO = 500
NORMAL_QUANTILE = 1.959964
DRAWS = 1000


@dataclass(frozen=True)
class Samples:
    """Seconds of one contender, and the round in which each was taken. `walls` is the same as seen by the
    host, launches included. A contender that raised has a `problem` and what it measured before."""

    values: list[float] = field(default_factory=list)
    rounds: list[int] = field(default_factory=list)
    converged: bool = False
    walls: list[float] = field(default_factory=list)
    problem: Exception | None = None


@dataclass(frozen=True)
class Summary:
    """The median with its interval, and the fifths around it."""

    median: float
    p20: float
    p80: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Of the interval, relative to the median."""
        return (self.high - self.low) / 2 / self.median if self.median else math.inf


@dataclass(frozen=True)
class Interval:
    """A value and the bounds that hold it with 95% confidence."""

    value: float
    low: float
    high: float

    def contains(self, value: float) -> bool:
        return self.low <= value <= self.high


def summary(values: Sequence[float]) -> Summary:
    """With fewer than six samples no such interval exists; it is then their whole range."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    p20, median, p80 = np.quantile(ordered, (0.2, 0.5, 0.8))
    rank = outer_rank(len(ordered))
    low, high = ordered[rank], ordered[len(ordered) - 1 - rank]
    return Summary(float(median), float(p20), float(p80), float(low), float(high))


@lru_cache(maxsize=4096)
def outer_rank(count: int) -> int:
    """How many of the smallest and of the largest samples the interval may leave out."""
    if count > EXACT_UP_TO:
        return int(count / 2 - NORMAL_QUANTILE * math.sqrt(count) / 2) - 1
    # Of all 2^count ways to fall on either side of the true median, so many leave it below the bound.
    allowed, left_out, missing = (1 - CONFIDENCE) / 2 * 2**count, 0, 1
    while missing + math.comb(count, left_out + 1) <= allowed:
        left_out += 1
        missing += math.comb(count, left_out)
    return left_out


def enough(count: int) -> bool:
    """Whether so many samples have an interval of full confidence at all."""
    return count > 0 and 2 * 0.5**count <= 1 - CONFIDENCE


def pair_ratios(a: Samples, b: Samples) -> list[float]:
    """a over b in every round that has both: what slows a whole round cancels."""
    below = dict(zip(b.rounds, b.values, strict=True))
    pairs = zip(a.rounds, a.values, strict=True)
    return [value / below[turn] for turn, value in pairs if below.get(turn)]


def ratio_interval(a: Samples, b: Samples) -> Interval:
    """The median of their ratios, pair by pair within a round."""
    ratios = pair_ratios(a, b)
    if not ratios:
        raise ValueError("ratio: the two were never measured in the same round")
    found = summary(ratios)
    return Interval(found.median, found.low, found.high)


def resampled_medians(
    values: Sequence[float], generator: np.random.Generator, draws: int = DRAWS
) -> np.ndarray:
    """Medians of as many samples drawn with replacement, one for every draw."""
    known = np.asarray(values, dtype=np.float64)
    picked = generator.integers(0, len(known), size=(draws, len(known)))
    return np.median(known[picked], axis=1)


def middle(draws: np.ndarray) -> tuple[float, float]:
    """Bounds of the middle 95% of bootstrap draws; infinite draws keep their order."""
    ordered = np.sort(draws)
    outside = int(len(ordered) * (1 - CONFIDENCE) / 2)
    return float(ordered[outside]), float(ordered[len(ordered) - 1 - outside])
