"""What distillation brought, and what attention brings at all. No streamlit here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from attn_core.naming import called
from dashboard.figures.figure_z_metrics import QUALITY
from dashboard.figures.figure_z_series import is_exact
from dashboard.services.figure_z import Results
from dashboard.services.figure_z_summary import at_length, finite, of_metric
from dashboard.services.wording import some

Row = Mapping[str, Any]


def training(found: Results, metric: str) -> str:
    """What distillation brought where it brought least, and to whom nothing that the intervals could tell."""
    rows = at_length(of_metric(found.summary, metric), found.length)
    known = {(row["student"], row["method"]): row for row in finite(rows)}
    form = QUALITY[metric]
    pairs = {
        label: (row, known["distilled", label])
        for (student, label), row in known.items()
        if student == "drop-in" and ("distilled", label) in known
    }
    if not pairs:
        return ""
    gains = {label: _better(after, before, metric) for label, (before, after) in pairs.items()}
    least = min(gains, key=lambda label: gains[label])
    before, after = (form.words(row["value"]) for row in pairs[least])
    also = ", the smallest change of all" if len(pairs) > 1 else ""
    words = [f"Distilling takes {called(least)} from {before} to {after}{also}."]
    if unsure := [label for label, pair in pairs.items() if _alike(*pair)]:
        words.append(
            f"For {some([called(one) for one in unsure])} the intervals do not tell it from no change."
        )
    worse = [label for label, gain in gains.items() if gain <= 0 and label not in unsure]
    if worse:
        words.append(f"To {some([called(one) for one in worse])} it brings nothing.")
    return " ".join(words)


def floor(found: Results, metric: str) -> str:
    """A model without attention beside the weakest approximation, at the trained and at the longest length."""
    rows = of_metric(found.summary, metric)
    there = []
    for length in dict.fromkeys((found.length, max(found.lengths, default=found.length))):
        known = finite(at_length(rows, length))
        controls = [row for row in known if row["student"] == "identity"]
        real = [
            row for row in known if row["student"] == "distilled" and not is_exact(row["method"])
        ]
        if controls:
            there.append(_beside(controls[0], real, metric, length))
    return f"Without any attention it is {'; '.join(there)}." if there else ""


def _beside(control: Row, real: Sequence[Row], metric: str, length: int) -> str:
    form = QUALITY[metric]
    words = f"{form.words(control['value'])} at N = {length:,}"
    if not real:
        return words
    weakest = min(real, key=lambda row: _better(row, control, metric))
    name = (
        f"the weakest approximation, {called(weakest['method'])} ({form.words(weakest['value'])})"
    )
    alike = [called(row["method"]) for row in real if _alike(row, control)]
    if alike:
        return f"{words}, which the intervals do not tell from {some(alike)} (weakest: {form.words(weakest['value'])})"
    sure = "" if _bounded(weakest) and _bounded(control) else ", without intervals"
    place = "above" if (weakest["value"] > control["value"]) else "not above"
    if not form.higher_is_better:
        place = "below" if weakest["value"] < control["value"] else "not below"
    return f"{words}, and {name}, is {place} that{sure}"


def _better(one: Row, other: Row, metric: str) -> float:
    """By how much `one` is better than `other`."""
    difference = one["value"] - other["value"]
    return difference if QUALITY[metric].higher_is_better else -difference


def _bounded(row: Row) -> bool:
    return bool(pd.notna(row["low"]) and pd.notna(row["high"]))


def _alike(one: Row, other: Row) -> bool:
    """Whether their intervals overlap; never where one of them has none."""
    known = _bounded(one) and _bounded(other)
    return known and one["low"] <= other["high"] and other["low"] <= one["high"]
