"""The sentences of a verdict about one length: each says one thing that follows from its points, or nothing."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from attn_core.naming import called
from attn_core.tradeoff.axes import amount
from attn_core.tradeoff.front import front_of
from attn_core.tradeoff.limits import MOST_ERROR
from attn_core.tradeoff.scene import (
    PAIR,
    Point,
    Scene,
    Sentence,
    apart,
    count_words,
    ratio_words,
    records,
    some,
    time_words,
)

# Errors that a reader may be willing to take.
TOLERANCES = (0.01, 0.05, 0.2, MOST_ERROR)
FAILED = {
    "oom": "ran out of memory",
    "unsupported": "is not supported",
    "timeout": "took too long",
    "cancelled": "was not timed",
    "error": "failed",
}


def fastest(one: Scene) -> Sentence:
    """Which choice is fastest, for errors that one may be willing to take."""
    points = one.here
    if not points:
        return _nothing_timed(one)
    if len(points) == 1:
        (only,) = points
        text = (
            f"Only {called(only['label'])} was timed {one.at}: {time_words(only)}, with nothing to compare it "
            "with."
        )
        return Sentence(text, one.evidence("points", PAIR, points, length=one.length))
    steps = _winners(points)
    if not steps and any(not math.isnan(point["output_error"]) for point in points):
        near = min(points, key=lambda point: (math.isnan(error := point["output_error"]), error))
        text = (
            f"No choice {one.at} is surely within {TOLERANCES[-1] * 100:.0f}% error; nearest is "
            f"{called(near['label'])} ({_numbers(near)}). Zeros have an error of 100%."
        )
        return Sentence(text, one.evidence("points", PAIR, [near], length=one.length))
    if not steps:
        best = points[0]
        text = (
            f"A{one.at[1:]} {called(best['label'])} is the fastest with {time_words(best)}"
            f"{_beside(one, best, points)}; {_how_far(best)}."
        )
        return Sentence(text, one.evidence("points", ["time_s"], [best], length=one.length))
    parts = [
        f"{called(fits[0]['label'])} {_within(bound)} ({_numbers(fits[0])}{_beside(one, fits[0], fits)})"
        for bound, fits in steps
    ]
    shown = [fits[0] for _, fits in steps]
    source = shown[0]["source_key"]
    text = f"Fastest {one.at}: {'; '.join(parts)}. Errors are those on {source}{_elsewhere(steps, source)}."
    return Sentence(text, one.evidence("points", PAIR, shown, length=one.length))


def on_the_front(one: Scene) -> Sentence | None:
    """How many choices are worth a look, and what the noise leaves open."""
    there: Any = one.frame[one.frame["length"] == one.length]
    labels = front_of(there, PAIR).tolist()
    named: dict[str, list[Point]] = {
        "front": [],
        "dominated": [],
        "undecided": [],
        "unmeasured": [],
    }
    for row, label in zip(records(one.frame, one.length), labels, strict=True):
        named[label].append(row)
    front, lost, unsure = (named[kind] for kind in ("front", "dominated", "undecided"))
    known = [*front, *lost, *unsure]
    if len(known) < 2:
        return None
    evidence = one.evidence("points", PAIR, [*front, *unsure], length=one.length)
    if all(row["exact"] for row in [*front, *unsure]) and not all(row["exact"] for row in known):
        kept = [called(row["label"]) for row in [*front, *unsure]]
        names, verb = some(kept), "beats" if len(set(kept)) == 1 else "beat"
        text = f"No approximation is on the front of time and output error {one.at}: {names} {verb} all of them."
        return Sentence(text, evidence)
    sure = count_words(len(front), "is", "are")
    text = f"Of {len(known)} choices with both a time and an error {sure} on the front for sure"
    if lost:
        text += f", {count_words(len(lost), 'is', 'are')} beaten"
    if unsure:
        # What is nearest first: of what is far off it matters least.
        unsure = sorted(unsure, key=lambda row: row["output_error"])
        names = some([called(row["label"]) for row in unsure])
        text += f", and {count_words(len(unsure), 'stays', 'stay')} undecided at the measured noise: {names}."
    else:
        text += ", and the measured noise leaves none undecided."
    return Sentence(text, evidence)


def memory(one: Scene) -> Sentence | None:
    """Who needs least, beside flash."""
    points = [point for point in one.here if not math.isnan(point["memory_bytes"])]
    if len(points) < 2:
        return None
    best = min(points, key=lambda point: point["memory_bytes"])
    error = "" if best["exact"] or math.isnan(best["output_error"]) else f", error {_error(best)}"
    text = f"Least memory {one.at} needs {called(best['label'])}: {_bytes(best)}{error}"
    flash = next((point for point in points if point["label"] == "flash"), None)
    if flash is not None and flash["id"] != best["id"]:
        tried = [p["memory_bytes"] for p in points if not p["exact"]]
        more = sum(1 for size in tried if size > flash["memory_bytes"])
        text += f"; {called('flash')} needs {_bytes(flash)}, less than {more} of {len(tried)} approximate choices"
    axes = ["memory_bytes", "output_error" if _winners(points) else "time_s"]
    return Sentence(f"{text}.", one.evidence("points", axes, [best], length=one.length))


def _winners(points: Sequence[Point]) -> list[tuple[float, list[Point]]]:
    """For each error that one may take what surely keeps it, fastest first, where the fastest is another than for the
    error before."""
    known = [point for point in points if not math.isnan(point["output_error"])]
    found: list[tuple[float, list[Point]]] = []
    for bound in TOLERANCES:
        fits = [point for point in known if point["output_error_high"] <= bound]
        if fits and not (found and found[-1][1][0]["id"] == fits[0]["id"]):
            found.append((bound, fits))
    return found


def _elsewhere(steps: Sequence[tuple[float, list[Point]]], source: str) -> str:
    """Which of the winners would not be one on another source, and of which that is not known."""
    said = [
        f"{called(best['label'])} has {amount('output_error', best['worst_error'])} on {best['worst_source']}"
        for bound, (best, *_) in steps
        if best["worst_error"] > bound and best["worst_source"] != source
    ]
    alone = [
        called(best["label"])
        for _, (best, *_) in steps
        if best["sources"] == 1 and not best["exact"]
    ]
    said += [f"of {some(alone)} no other source was measured"] if alone else []
    return f"; {' and '.join(said)}" if said else ""


def _how_far(point: Point) -> str:
    """From exact attention, of a point without an error on the source that is looked at."""
    if math.isnan(point["worst_error"]):
        return "how far it is from exact attention was not measured"
    error = amount("output_error", point["worst_error"])
    return f"its error was not measured on this source, it is {error} on {point['worst_source']}"


def _within(bound: float) -> str:
    return f"within {bound * 100:.0f}% error"


def _beside(one: Scene, best: Point, fits: Sequence[Point]) -> str:
    """How much faster it is than flash, or softmax where flash was not timed; and who may be as fast."""
    exact = one.beside(best, "flash", "softmax")
    words = ""
    if exact is not None and not best["exact"]:
        unsteady = "unstable" in (best["outcome"], exact["outcome"])
        words = f", {ratio_words(best, exact)} {called(exact['label'])}{' by an unsteady time' * unsteady}"
    held = exact["label"] if exact else ""
    alike = [called(p["label"]) for p in fits[1:] if not apart(best, p) and p["label"] != held]
    return f"{words}; as fast within the noise: {some(alike)}" if alike else words


def _numbers(point: Point) -> str:
    """Time and error; that exact attention has one of rounding goes without saying."""
    error = "" if point["exact"] else f", error {_error(point)}"
    return f"{time_words(point)}{error}"


def _error(point: Point) -> str:
    return amount("output_error", point["output_error"])


def _bytes(point: Point) -> str:
    return amount("memory_bytes", point["memory_bytes"])


def _nothing_timed(one: Scene) -> Sentence:
    outcomes: Any = Counter(one.frame["outcome"].tolist()).most_common()
    why = [f"{count} {FAILED[name]}" for name, count in outcomes if name in FAILED]
    count = len(one.frame)
    text = f"None of {count_words(count, 'point', 'points')} has a time{': ' if why else ''}{some(why)}."
    return Sentence(text, one.evidence("coverage"))
