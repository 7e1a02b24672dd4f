"""What a run's rows say about growth: the exponent of a method's time, and the length from which it wins.

Both come with the middle 95% of a bootstrap over the raw samples. That covers the noise of the timings; that a
time is no exact power of the length is seen in the picture, not in the interval.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from attn_core.naming import called
from attn_core.timing.row import TIMED, Row
from attn_core.timing.statistics import middle, resampled_medians

SEED = 0
# A time this many times the shortest length's is hardly the fixed price of a call any more.
PAST_OVERHEAD = 4.0
# What a length loses that goes through a logarithm and back.
ROUNDED = 1e-9
FEWEST_POINTS = 3

State = Literal[
    "crosses", "always faster", "only shorter", "never up to N", "undecided", "not measured"
]


@dataclass(frozen=True)
class Exponent:
    """p in time ∝ N^p, fitted over `points` lengths from `first` to `last`; None with fewer than two."""

    value: float | None
    low: float | None
    high: float | None
    points: int
    first: int | None = None
    last: int | None = None
    message: str = ""


@dataclass(frozen=True)
class Crossover:
    """The length from which on the method is the faster of the two, or, in the state "only shorter", up to which.
    A bound that is None lies outside the lengths measured, which end at `up_to`; `note` is the answer as a sentence.
    `low` and `high` are of the noise; between the lengths measured next to it, `after` and `by`, it may be anywhere."""

    length: float | None
    low: float | None
    high: float | None
    state: State
    up_to: int | None = None
    note: str = ""
    after: int | None = None
    by: int | None = None


def exponent(rows: Iterable[Row], label: str | None = None) -> Exponent:
    """Of one method; its label is needed where the rows hold several."""
    rows = list(rows)
    labels = {row["label"] for row in rows} if label is None else {label}
    if len(labels) > 1:
        raise ValueError(f"exponent: say of which of {', '.join(sorted(labels))}")
    known = _by_length(rows, next(iter(labels), ""))
    lengths = _past_overhead(known)
    if len(lengths) < 2:
        return Exponent(None, None, None, len(lengths), message="needs two lengths at least")
    at, generator = np.log(lengths), np.random.default_rng(SEED)
    fitted = _slopes(at, _log_medians(known, lengths))[0]
    draws = _log_draws(known, lengths, generator)
    low, high = middle(_slopes(at, draws))
    return Exponent(
        float(fitted), low, high, len(lengths), lengths[0], lengths[-1], _caveat(known, lengths)
    )


def crossover(rows: Iterable[Row], method_label: str, reference_label: str) -> Crossover:
    """Where the method becomes, and then stays, faster than the reference, over the lengths both were timed at."""
    rows = list(rows)
    mine, theirs = _by_length(rows, method_label), _by_length(rows, reference_label)
    lengths = sorted(set(mine) & set(theirs))
    names = (called(method_label), called(reference_label))
    if not lengths:
        note = f"{names[0]} and {names[1]} were not timed at any common length"
        return Crossover(None, None, None, "not measured", note=note)
    if (sign := _everywhere(mine, theirs, lengths)) is not None:
        return _answer(sign, sign, sign, lengths, (), names)
    at, generator = np.log(lengths), np.random.default_rng(SEED)
    point = _crossing(at, _log_medians(mine, lengths) - _log_medians(theirs, lengths))[0]
    drawn = [_log_draws(times, lengths, generator) for times in (mine, theirs)]
    gaps = drawn[0] - drawn[1]
    low, high = middle(_crossing(at, gaps))
    won = [n for n, row in zip(lengths, gaps, strict=True) if middle(row)[1] < 0]
    return _answer(point, low, high, lengths, won, names)


def _everywhere(
    mine: dict[int, list[float]], theirs: dict[int, list[float]], lengths: Sequence[int]
) -> float | None:
    """−∞ or ∞ where every sample of the one beats every sample of the other at all lengths: then so does the median of
    any draw of them, and there is nothing to draw."""
    if all(max(mine[n]) < min(theirs[n]) for n in lengths):
        return -math.inf
    return math.inf if all(min(mine[n]) >= max(theirs[n]) for n in lengths) else None


def _caveat(known: dict[int, list[float]], lengths: list[int]) -> str:
    """What the fit is to be read with."""
    shortest = float(np.median(known[next(iter(known))]))
    if np.median(known[lengths[0]]) < PAST_OVERHEAD * shortest:
        return "includes short lengths, where the fixed price of a call flattens it"
    left_out = len(known) - len(lengths)
    return (
        f"{left_out} shortest left out: there the fixed price of a call counts" if left_out else ""
    )


def _by_length(rows: Iterable[Row], label: str) -> dict[int, list[float]]:
    """Samples of one method's timed cells, shortest length first."""
    timed = [r for r in rows if r["label"] == label and r["outcome"] in TIMED and r["samples"]]
    return {row["queries"]: row["samples"] for row in sorted(timed, key=lambda r: r["queries"])}


def _log_medians(known: dict[int, list[float]], lengths: Sequence[int]) -> np.ndarray:
    """Of the samples as they are, in one column."""
    return np.log(np.array([[np.median(known[n])] for n in lengths]))


def _log_draws(
    known: dict[int, list[float]], lengths: Sequence[int], generator: np.random.Generator
) -> np.ndarray:
    """Of samples drawn again: a row for every length, a column for every draw."""
    return np.log(np.array([resampled_medians(known[n], generator) for n in lengths]))


def _past_overhead(known: dict[int, list[float]]) -> list[int]:
    """The lengths to fit: enough of the longest, and of the others those whose time is not mostly overhead."""
    lengths = list(known)
    if not lengths:
        return []
    least = PAST_OVERHEAD * float(np.median(known[lengths[0]]))
    past = [n for n in lengths if np.median(known[n]) >= least]
    kept = max(FEWEST_POINTS, len(lengths) - lengths.index(past[0]) if past else 0)
    return lengths[-kept:]


def _slopes(at: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Least-squares slopes over the lengths, one for every column."""
    centred = at - at.mean()
    return centred @ values / (centred @ centred)


def _crossing(at: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """Log length at which the log ratio (length × draws) falls below zero for the last time: −∞ where it always
    was below, ∞ where it ends above."""
    found = np.full(gaps.shape[1], -math.inf)
    for before in range(len(at) - 1):
        high, low = gaps[before], gaps[before + 1]
        falls = (high >= 0) & (low < 0)
        share = np.divide(high, high - low, out=np.zeros_like(high), where=falls)
        found = np.where(falls, at[before] + share * (at[before + 1] - at[before]), found)
    return np.where(gaps[-1] >= 0, math.inf, found)


def _answer(
    point: float,
    low: float,
    high: float,
    lengths: Sequence[int],
    won: Sequence[int],
    names: tuple[str, str],
) -> Crossover:
    """`won` are the lengths at which the method is the faster one beyond the noise."""
    (method, reference), last = names, lengths[-1]
    if high == -math.inf:
        note = f"{method} is faster than {reference} at every length of N = {lengths[0]:,} to {last:,} that was timed"
        return Crossover(None, None, None, "always faster", last, note)
    if low == math.inf and won:
        note = f"{method} is faster than {reference} at N = {won[-1]:,}, and no longer at {last:,}"
        return Crossover(float(won[-1]), None, None, "only shorter", last, note)
    if low == math.inf:
        note = f"{method} is not faster than {reference} up to N = {last:,}"
        return Crossover(None, None, None, "never up to N", last, note)
    length, below, above = map(_finite, (point, low, high))
    if length is not None and below is not None and above is not None:
        after = max(n for n in lengths if math.log(n) <= low + ROUNDED)
        by = min(n for n in lengths if math.log(n) >= high - ROUNDED)
        note = (
            f"{method} is faster than {reference} from about N = {length:,.0f}, somewhere between the measured "
            f"{after:,} and {by:,}"
        )
        return Crossover(length, below, above, "crosses", last, note, after, by)
    note = f"the timings do not tell from which length {method} is faster than {reference}"
    if above is not None:
        note += f": from N = {above:,.0f} at the latest, perhaps at every length measured"
    elif below is not None:
        note += f": not before N = {below:,.0f}, perhaps not up to {last:,}"
    return Crossover(length, below, above, "undecided", last, note)


def _finite(log_length: float) -> float | None:
    return math.exp(log_length) if math.isfinite(log_length) else None
