"""What the numbers of the Feature maps page say, in sentences read off them. No streamlit here."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from attn_core.amounts import digits
from dashboard.figures.frames import column, numbers, records, where
from dashboard.services.feature_pairs import LOG_10, mean10
from dashboard.services.feature_studies import Compared, Curve
from dashboard.services.features import Asked, Pairs


def verdict(asked: Asked, found: Pairs) -> str:
    """How near the estimates are, and whether the large kernels are found."""
    if not found.seen.any():
        return "No pair is seen here."
    exact = found.exact[found.seen] / LOG_10
    gap = (found.estimate[found.seen] + found.shift) / LOG_10 - exact
    with np.errstate(over="ignore"):
        middle = float(np.median(np.abs(10.0**gap - 1)))
    largest = exact >= np.quantile(exact, 0.9)
    typical = _times(float(np.median(gap[largest])))
    # As the dots of the picture, which are means.
    summed = _times(mean10((exact + gap)[largest]) - mean10(exact[largest]))
    top = f"typically comes out at {typical}, summed up at {summed}"
    sampled = f"Over {_which(asked, found)}"
    if not asked.estimates:
        return (
            f"{asked.title} does not estimate exp(q·k/√d): it is a kernel of its own. {sampled}, and after one factor "
            f"that makes both totals equal, it is typically off by {percent(middle)}; the largest tenth of the kernels "
            f"{top}."
        )
    words = (
        f"{sampled} the estimate is typically off by {percent(middle)}; the largest tenth of the kernels, which decide "
        f"where attention goes, {top}."
    )
    return f"{words} {breaks(found, asked.width)}"


def _which(asked: Asked, found: Pairs) -> str:
    """Which pairs the numbers are of."""
    rows, columns, count = len(found.rows), len(found.columns), int(found.seen.sum())
    if (rows, columns) == (asked.source.queries, asked.source.keys):
        return f"all {count:,} pairs" if count > 1 else "the one pair"
    return f"{count:,} pairs of {rows:,} × {columns:,} evenly spaced tokens"


def _times(log10: float) -> str:
    """Beyond 10³⁰⁰ there is no number to say."""
    return factor(10.0 ** min(log10, 300.0))


def breaks(found: Pairs, count: int) -> str:
    """Theory against these norms."""
    squares = found.squares[found.seen]
    limit = math.log1p(count)
    over = float((squares > limit).mean())
    return (
        f"With {count:,} features theory promises a spread below 100% only where ‖q̂ + k̂‖² is under {limit:.1f}; "
        f"{percent(over)} of the pairs lie beyond, the median at {np.median(squares):.1f}."
    )


def pinned_kernel(asked: Asked, pair: Pairs) -> str:
    """The pinned pair before rows are normalised."""
    exact, own = float(pair.exact[0, 0]), float(pair.estimate[0, 0])
    words = f"exp(q·k/√d) = {power(exact)}, φ(q)·φ(k) = {power(own)}"
    if not bool(pair.seen[0, 0]):
        return f"{words}; the pair is masked."
    if not asked.estimates:
        return f"{words}."
    return f"{words}: {factor(math.exp(min(own - exact, 700)))}."


def curve_words(
    points: pd.DataFrame, found: Curve, quantity: str, slopes: dict[str, float]
) -> str:
    counts = numbers(found.predicted, "m").to_list()
    first, last = f"{int(counts[0]):,}", f"{int(counts[-1]):,}"
    medians = {
        one: numbers(where(points, column(points, "variant") == one), "median").to_numpy()
        for one in ("independent", "orthogonal")
    }
    gain = float(np.median(medians["independent"] / medians["orthogonal"]))
    words = (
        f"From m = {first} to {last} the error of orthogonal FAVOR+ features goes as {exponent(slopes['orthogonal'])}, "
        f"of independent ones as {exponent(slopes['independent'])}; 1/√m is {exponent(-0.5)}. In the median over m, "
        f"independent directions have {factor(gain)} the error of orthogonal ones."
    )
    theory = numbers(found.predicted, "kernel").to_list()[-1]
    if quantity == "kernel" and theory > 3 * medians["independent"][-1]:
        words += (
            f" Theory's spread at m = {last} is {factor(theory)}, far above what was measured: it comes from drawings "
            "so rare that none of these seeds met one, and all others fall short."
        )
    return words


def compared_words(found: list[Compared]) -> str:
    ranked = sorted(found, key=lambda one: float(np.median([e.matrix for e in one.drawn])))
    named = [
        f"{one.name} {percent(float(np.median([e.matrix for e in one.drawn])))}" for one in ranked
    ]
    return "Error of the attention matrix, in the median over seeds: " + ", ".join(named) + "."


def spread_words(table: pd.DataFrame, predicted: float) -> str:
    parts = []
    for name in dict.fromkeys(table["name"]):
        ratio = numbers(where(table, column(table, "name") == name), "ratio")
        parts.append(
            f"{name}: mean {factor(_number(ratio.mean()))}, median {factor(_number(ratio.median()))}, standard "
            f"deviation {percent(_number(ratio.std()))}"
        )
    return (
        "; ".join(parts)
        + f". Theory, independent: mean 1×, standard deviation {percent(predicted)}."
    )


def norm_words(table: pd.DataFrame) -> str:
    alike = {
        row["query_factor"]: row["error"]
        for row in records(table)
        if row["query_factor"] == row["key_factor"]
    }
    words = f"As they are, the median error is {percent(alike[1.0])}"
    good = [factor for factor, error in alike.items() if error <= 0.2]
    if not good:
        return words + "; even at an eighth of the norms it stays above 20%."
    most = max(good)
    return (
        words
        + f"; it stays below 20% while queries and keys are at most {most:.2g}× as long as here."
    )


def _number(value: Any) -> float:
    return float(value)


def exponent(value: float) -> str:
    return f"m^{value:.2f}".replace("-", "−")


def percent(value: float) -> str:
    if value >= 10:
        return factor(value)
    return f"{value:.0%}" if value >= 0.095 else f"{value:.1%}"


def factor(value: float) -> str:
    """1.4×, 0.02×, 1.2·10⁶×."""
    if value and not 1e-3 <= abs(value) < 1e4:
        return (
            f"{power(math.log(value))}×" if value > 0 and math.isfinite(value) else f"{value:g}×"
        )
    return f"{digits(value)}×"


def power(log: float) -> str:
    """exp(log), also where it is too large or too small to write out."""
    tens = log / LOG_10
    if not math.isfinite(tens):
        return "0" if tens < 0 else "∞"
    if -4 <= tens < 5:
        return digits(10.0**tens)
    raised = str(math.floor(tens)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{10.0 ** (tens - math.floor(tens)):.2g}·10{raised}"
