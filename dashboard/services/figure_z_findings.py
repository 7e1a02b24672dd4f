"""What a Figure Z says, in sentences that repeat its numbers and nothing else. No streamlit here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

from attn_core.amounts import percent, seconds
from attn_core.naming import called
from dashboard.figures.amounts import times
from dashboard.figures.figure_z_metrics import QUALITY, SPEED
from dashboard.figures.figure_z_quality import own
from dashboard.figures.figure_z_series import is_exact
from dashboard.figures.frames import column, records, where
from dashboard.services.figure_z import Results
from dashboard.services.figure_z_captions import article
from dashboard.services.figure_z_far import far_back
from dashboard.services.figure_z_gain import floor, training
from dashboard.services.figure_z_reading import reading
from dashboard.services.figure_z_summary import DEFAULT_RATIO, OK, at_length, finite, of_metric
from dashboard.services.wording import listed, lowered, some

Row = Mapping[str, Any]
FEW = 3
# The metrics that count from nothing to everything: a share of the teacher's can be said of them.
SHARES = ("token_accuracy", "bleu", "chrf", "agreement_accuracy")
FAILED = {
    "unsupported": "refuses",
    "oom": "does not fit in memory at",
    "timeout": "is too slow at",
    "error": "failed at",
    "unstable": "is unstable at",
}  # fmt: skip


@lru_cache(maxsize=64)
def sentences(found: Results, metric: str) -> str:
    """One paragraph under the picture."""
    if found.article:
        parts = [article(found), *missing(found), fastest(found)]
    else:
        parts = [
            teacher(found, metric), kept(found, metric), reading(found, metric), overlaps(found, metric),
            *missing(found), training(found, metric), floor(found, metric), far_back(found), fastest(found),
            certainty(found),
        ]  # fmt: skip
    return " ".join(part for part in parts if part)


def teacher(found: Results, metric: str) -> str:
    """What there is to be kept."""
    rows = at_length(of_metric(found.summary, metric, "teacher"), found.length)
    for row in finite(rows)[:1]:
        form = QUALITY[metric]
        name = lowered(form.name)
        return f"The teacher's {name} is {form.words(row['value'])} at N = {found.length:,}."
    return ""


def kept(found: Results, metric: str) -> str:
    """Who keeps most and who least of the teacher, at the longest length where they can be held against it."""
    if metric not in SHARES:
        metric = DEFAULT_RATIO
    length, exact, values = _values(found, metric)
    if not values:
        return ""
    order = sorted(values, key=lambda label: -values[label])
    form = QUALITY[metric]
    said = {label: f"{percent(v / exact)}" for label, v in values.items()}
    plain = {label: form.words(v) for label, v in values.items()}
    place = f"At ×{length / found.length:g} (N = {length:,})"
    what = f"of the teacher's {lowered(form.name)}"
    best, least = order[0], order[-1]
    first = f"{place} {best} keeps {said[best]} {what} ({plain[best]} of {form.words(exact)})"
    if len(order) == 1:
        return f"{first}."
    last = f"{least} {said[least]} ({plain[least]}), the least"
    return f"{first}, the most of the approximations, and {last}."


def _values(found: Results, metric: str) -> tuple[int, float, dict[str, float]]:
    """The longest length with a teacher and an approximation, and what they have there."""
    rows = of_metric(found.summary, metric)
    for length in sorted({int(one) for one in rows["length"]}, reverse=True):
        there = finite(at_length(rows, length))
        exact = [row["value"] for row in there if row["student"] == "teacher"]
        students = [row for row in there if row["student"] == "distilled"]
        ours = {
            called(row["method"]): row["value"] for row in students if not is_exact(row["method"])
        }
        if exact and exact[0] > 0 and ours:
            return length, exact[0], ours
    return 0, 0.0, {}


def overlaps(found: Results, metric: str) -> str:
    """Which approximations cannot be told from the best of them at the trained length."""
    rows = at_length(of_metric(found.summary, metric, "distilled"), found.length)
    known = [row for row in finite(rows) if pd.notna(row["low"]) and not is_exact(row["method"])]
    better = -1 if QUALITY[metric].higher_is_better else 1
    order = sorted(known, key=lambda row: better * row["value"])
    words = []
    pairs = [
        (called(one["method"]), called(other["method"]))
        for place, one in enumerate(order)
        for other in order[place + 1 :]
        if one["low"] <= other["high"] and other["low"] <= one["high"]
    ]
    if not pairs:
        if len(order) > 1:
            words.append(f"No two approximations' intervals overlap at N = {found.length:,}.")
    elif len(pairs) <= FEW:
        words += [f"The intervals of {a} and {b} overlap." for a, b in pairs]
    else:
        alike = [b for a, b in pairs if a == called(order[0]["method"])]
        with_best = (
            f"; with the best, {called(order[0]['method'])}, those of {some(alike)}"
            if alike
            else ""
        )
        words.append(f"The intervals of {len(pairs)} pairs of approximations overlap{with_best}.")
    return " ".join(words)


def missing(found: Results) -> list[str]:
    """Every length that a method could not be looked at, by method and reason; and what could not be timed there."""
    rows = found.summary
    rows = where(rows, column(rows, "student").isin(["distilled", "teacher"]))
    failed = records(where(rows, ~column(rows, "outcome").eq(OK)))
    known = {(r["method"], r["length"]) for r in failed if r["metric"] not in SPEED}
    places: dict[tuple[str, str, str], set[int]] = {}
    for row in failed:
        timed = row["metric"] in SPEED
        if not timed or (row["method"], row["length"]) not in known:
            what = f" ({lowered(SPEED[row['metric']].name)})" if timed else ""
            places.setdefault((called(row["method"]), row["outcome"], what), set()).add(
                int(row["length"])
            )
    if len(places) > FEW:
        count = sum(len(lengths) for lengths in places.values())
        return [f"{count} combinations of method and length have no number; the table says why."]
    return [
        f"{label} {FAILED.get(outcome, f'was {outcome} at')} {listed([f'{n:,}' for n in sorted(lengths)])} "
        f"tokens{what}."
        for (label, outcome, what), lengths in places.items()
    ]


def fastest(found: Results) -> str:
    """The shortest forward pass at the longest length that several finished, against exact attention."""
    rows = of_metric(found.summary, "forward_s", "distilled", "teacher")
    for length in sorted({int(one) for one in rows["length"]}, reverse=True):
        there = finite(own(at_length(rows, length)))
        if len(there) < 2:
            continue
        best, *others = sorted(there, key=lambda row: row["value"])
        words = f"At N = {length:,} {called(best['method'])} is the fastest, {seconds(best['value'])} a forward pass"
        if pd.notna(best["high"]) and others[0]["low"] <= best["high"]:
            return f"{words}, which the spread does not tell from {called(others[0]['method'])}'s."
        exact = [row for row in others if is_exact(row["method"])]
        for row in exact[:1]:
            words += f": {times(row['value'] / best['value'])} as fast as {called(row['method'])}"
        return f"{words}."
    return ""


def certainty(found: Results) -> str:
    """What the intervals cover."""
    if not len(found.cells):
        return ""
    known = bool(column(found.cells, "low").notna().any())
    if found.seeds > 1:
        return f"{found.seeds} seeds: intervals cover training anew and the test sentences."
    if known:
        return "One seed: the intervals cover the test sentences, not what another training would give."
    return "One seed and no intervals: small differences may be chance."
