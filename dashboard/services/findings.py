"""What a sweep's rows say, in sentences: who is fastest, from where on, and what has no number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from attn_core.naming import called
from attn_core.timing.preflight import Plan
from attn_core.timing.row import TIMED
from attn_core.timing.scaling import Crossover
from dashboard.figures.amounts import duration, seconds, size, times
from dashboard.figures.frames import records
from dashboard.services.sweeps import YARDSTICKS, Results
from dashboard.services.wording import listed

OUTCOME_WORDS = {
    "oom": "does not fit in memory",
    "unsupported": "not supported",
    "timeout": "too slow for one call",
    "cancelled": "cancelled",
    "error": "failed",
}
Rows = Sequence[Mapping[str, Any]]
# More names than this in one sentence are counted instead.
FEW = 3
NAME = called(YARDSTICKS[0])


@lru_cache(maxsize=16)
def sentences(found: Results) -> str:
    """One paragraph under the picture."""
    rows = records(found.rows)
    parts = [
        fastest(rows),
        passing(found.crossovers.get("flash", {})),
        missing(rows),
        unsteady(rows),
    ]
    return " ".join(part for part in parts if part)


def fastest(rows: Rows) -> str:
    """The best median at the longest length that more than one method finished."""
    by_length: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["outcome"] in TIMED:
            by_length.setdefault(row["queries"], []).append(row)
    if not by_length:
        return ""
    shared = [length for length, there in by_length.items() if len(there) > 1]
    length = max(shared or by_length)
    best, *others = sorted(by_length[length], key=lambda row: row["median_s"])
    words = f"At N = {length:,} {called(best['label'])} takes {seconds(best['median_s'])}"
    if not others:
        return f"{words}, the only one measured there."
    if alike := [called(row["label"]) for row in others if not _apart(best, row)]:
        return (
            f"{words}, the smallest median there; the timings do not tell it from {_some(alike)}."
        )
    exact = [row for row in others if row["label"] in YARDSTICKS]
    rivals = [
        f"{times(row['median_s'] / best['median_s'])} as fast as {called(row['label'])}"
        for row in exact or others[:1]
    ]
    return f"{words}, the fastest here: {listed(rivals)}."


def _apart(best: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the noise leaves no doubt which of the two is faster; of few or unsteady samples not even the fifths
    may touch."""
    high, low = best["ci_high_s"], other["ci_low_s"]
    return max(high, best["p80_s"]) < min(low, other["p20_s"])


def passing(against: Mapping[str, Crossover]) -> str:
    """From which length on flash is passed, for every method that was held against it."""
    crossing = sorted(
        (one.length, label)
        for label, one in against.items()
        if one.state == "crosses" and one.length is not None
    )
    passed = [
        f"{called(label)} from about N = {_rounded(length)}" for length, label in crossing[:FEW]
    ]
    if more := crossing[FEW:]:
        passed.append(f"{len(more)} more by N = {_rounded(more[-1][0])}")
    always = [called(label) for label, one in against.items() if one.state == "always faster"]
    never = [called(label) for label, one in against.items() if one.state == "never up to N"]
    words = []
    if passed:
        words.append(f"Faster than {NAME}: {listed(passed)}.")
    if always:
        words.append(f"Faster than {NAME} at every length measured: {_some(always)}.")
    if never:
        words.append(f"Not faster than {NAME} at any length measured: {_some(never)}.")
    for label, one in against.items():
        if one.state == "only shorter" and one.length is not None:
            words.append(f"Faster than {NAME} only up to N = {one.length:,.0f}: {called(label)}.")
    if undecided := [called(label) for label, one in against.items() if one.state == "undecided"]:
        words.append(f"Not told apart from {NAME} for certain: {_some(undecided)}.")
    return " ".join(words)


def missing(rows: Rows) -> str:
    """Every outcome without a number, by method."""
    cells = Counter(called(row["label"]) for row in rows)
    places: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        if row["outcome"] not in TIMED:
            places.setdefault((row["outcome"], called(row["label"])), []).append(row["queries"])
    words = []
    for outcome, phrase in OUTCOME_WORDS.items():
        failed = {label: lengths for (why, label), lengths in places.items() if why == outcome}
        everywhere = [label for label, lengths in failed.items() if len(lengths) == cells[label]]
        if everywhere:
            words.append(f"{phrase.capitalize()} at any length: {_some(everywhere)}.")
        words += [
            f"{phrase.capitalize()}: {label} at {listed([f'{n:,}' for n in sorted(lengths)])}."
            for label, lengths in failed.items()
            if label not in everywhere
        ]
    if len(words) > FEW:
        count = sum(len(lengths) for lengths in places.values())
        return f"{count} cells have no number; the table says why."
    return " ".join(words)


def unsteady(rows: Rows) -> str:
    count = sum(row["outcome"] == "unstable" for row in rows)
    if not count:
        return ""
    medians, marks = ("median", "mark") if count == 1 else ("medians", "marks")
    return f"{count} {medians} stayed uncertain in the time allowed (hollow {marks})."


def plan_line(plan: Plan) -> str:
    """What starting now would take."""
    running = sum(one.runs for one in plan.cells)
    if not running:
        return "No cell can run."
    memory = f", at most {size(plan.peak_bytes)}" if plan.peak_bytes else ""
    cells = "1 cell" if running == 1 else f"{running} cells"
    return f"{cells}, about {duration(plan.seconds)}{memory}"


def blocked(plan: Plan) -> list[tuple[str, list[int], str]]:
    """Label, lengths and reason of what cannot run, a line for every method and reason."""
    found: dict[tuple[str, str], list[int]] = {}
    for one in plan.cells:
        if not one.runs:
            # A method's own refusals begin with its name, which stands before the reason here.
            why = one.why.removeprefix(f"{one.cell.choice.method}: ")
            found.setdefault((one.cell.choice.label, why), []).append(one.cell.queries)
    return [(called(label), lengths, why) for (label, why), lengths in found.items()]


def blocked_line(plan: Plan) -> str:
    """The same in a few words: names where they are few."""
    lines = blocked(plan)
    labels = list(dict.fromkeys(label for label, _, _ in lines))
    count = sum(len(lengths) for _, lengths, _ in lines)
    names = f": {listed(labels)}" if len(labels) <= 2 else ""
    return f"{count} cannot run{names}"


def _some(labels: list[str]) -> str:
    if len(labels) <= FEW:
        return listed(labels)
    return f"{', '.join(labels[:FEW])} and {len(labels) - FEW} more"


def _rounded(length: float) -> str:
    """Two digits: an interpolated length is no better than that."""
    step = 10 ** max(0, len(str(int(length))) - 2)
    return f"{round(length / step) * step:,}"
