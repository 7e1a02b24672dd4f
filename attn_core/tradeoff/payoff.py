"""What exact attention without its matrix does already, and from which length an approximation is faster still."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attn_core.naming import called
from attn_core.tradeoff.crossing import newest
from attn_core.tradeoff.scene import Point, Scene, Sentence, apart, count_words, ratio_words, some
from attn_core.tradeoff.sentences import FAILED

if TYPE_CHECKING:
    from pandas import DataFrame

REFERENCE = "flash"
NAME = called(REFERENCE)
# Errors beyond this are no approximation to wait for; where none was measured all count.
TOLERABLE = 0.2
KEEPS = "faster"
NOT_FOR_LONG, NOWHERE = (
    "faster, but errs more at longer lengths",
    "faster only where the error is larger",
)


def against_flash(one: Scene, crossings: DataFrame | None) -> Sentence | None:
    """One sentence or two; None where there is nothing to compare."""
    points = {point["label"]: point for point in one.here}
    flash, softmax = points.get(REFERENCE), points.get("softmax")
    if flash is None:
        if len(points) < 2:
            return None
        text = f"{NAME} was not timed {one.at}, so nothing says whether an approximation pays off."
        return Sentence(text, one.evidence("points", ["time_s"], length=one.length))
    start = _start(one, flash, softmax and one.beside(flash, "softmax"))
    approximate = [point for point in points.values() if not point["exact"]]
    if not approximate:
        text = f"{start}; no approximation was timed beside it."
        return Sentence(text, one.evidence("points", ["time_s"], [flash], length=one.length))
    lengths = sorted({int(n) for n in one.frame[one.frame["time_s"].notna()]["length"]})
    if len(lengths) < 2 or crossings is None:
        faster = sum(1 for point in approximate if apart(point, flash))
        of = f"{faster} of {count_words(len(approximate), 'approximate choice', 'approximate choices')}"
        text = f"{start}; {of} {'is' if faster == 1 else 'are'} faster than it beyond the noise"
        text += (
            ", and with one length nothing is known of where that begins"
            if len(lengths) < 2
            else ""
        )
        return Sentence(f"{text}.", one.evidence("points", ["time_s"], [flash], length=one.length))
    evidence = one.evidence("crossings", ["time_s"], [flash], against=REFERENCE)
    which, asked = "In time alone, whatever the error,", approximate
    if measured := any(p["output_error"] == p["output_error"] for p in approximate):
        most = f"an error of {TOLERABLE * 100:.0f}% {one.at}"
        which = f"Of what keeps {most},"
        asked = [p for p in approximate if p["output_error_high"] <= TOLERABLE]
        if not asked:
            return Sentence(f"{start}. No approximation surely keeps {most}.", evidence)
    rows = _rows(one, crossings, [p["label"] for p in asked])
    keeps = {row["label"]: _keeps_where_faster(one, row) if measured else KEEPS for row in rows}
    parts = _words([row for row in rows if keeps[row["label"]] == KEEPS], lengths)
    for state in (NOT_FOR_LONG, NOWHERE):
        if names := [called(label) for label, found in keeps.items() if found == state]:
            parts.append(f"{some(names)} {'is' if len(names) == 1 else 'are'} {state}")
    if alone := [p for p in asked if p["label"] not in keeps]:
        parts.append(_at_one_length(one, alone, flash))
    return Sentence(f"{start}. {which} {'; '.join(parts)}.", evidence)


def _at_one_length(one: Scene, points: Sequence[Point], flash: Point) -> str:
    """What was timed beside flash at this length and at no other."""
    faster = sum(1 for point in points if apart(point, one.beside(point, REFERENCE) or flash))
    were = count_words(len(points), "choice was", "choices were")
    if len(points) == 1:
        how = "is faster" if faster else "is not faster"
    else:
        how = f"{faster or 'none'} of them {'are' if faster > 1 else 'is'} faster"
    return f"{were} timed beside it {one.at} alone, and {how}"


def _start(one: Scene, flash: Point, softmax: Point | None) -> str:
    if softmax is not None:
        return f"{NAME}, which is exact, is {ratio_words(flash, softmax)} {called('softmax')} {one.at}"
    start = f"{NAME}, which is exact, is the one to beat"
    tried: Any = one.frame[(one.frame["label"] == "softmax") & (one.frame["length"] == one.length)]
    why = [FAILED[outcome] for outcome in tried["outcome"] if outcome in FAILED]
    return f"{start} {one.at}, where {called('softmax')} {why[-1]}" if why else start


def _keeps_where_faster(one: Scene, row: Mapping[str, Any]) -> str:
    """Whether the measured errors stay small enough from the length on at which the row says that it is faster."""
    begins = {"crosses": row["by"], "always faster": row["first"]}.get(row["state"])
    known: Any = one.frame[
        (one.frame["label"] == row["label"]) & one.frame["output_error"].notna()
    ]
    if begins is None or not len(known):
        return KEEPS
    # Where no error is known from there on, the longest length at which one is.
    there: Any = known[known["length"] >= min(begins, known["length"].max())].sort_values("length")
    fits = (there["output_error_high"] <= TOLERABLE).tolist()
    return KEEPS if all(fits) else NOT_FOR_LONG if fits[0] else NOWHERE


def _rows(one: Scene, crossings: DataFrame, labels: Sequence[str]) -> list[dict[str, Any]]:
    """Crossings of these choices in time, of this machine and setting, the newest of each."""
    rows: Any = crossings[
        (crossings["environment_id"] == one.setting.filter["environment_id"])
        & (crossings["setting"] == one.setting.work)
        & (crossings["against"] == REFERENCE)
        & (crossings["axis"] == "time_s")
        & crossings["label"].isin(labels)
    ]
    found: Any = newest(rows)
    # At one length nothing begins.
    return found[found["first"] != found["up_to"]].to_dict("records")


def _words(rows: Sequence[dict[str, Any]], lengths: Sequence[int]) -> list[str]:
    """Of each row only what its own lengths show, which may be fewer than `lengths`."""
    last = f"N = {lengths[-1]:,}"
    by_state: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_state.setdefault(row["state"], []).append(row)
    counts = Counter(row["state"] for row in rows)
    parts = []
    if always := by_state.get("always faster"):
        names = some([called(row["label"]) for row in always])
        spans = {(int(row["first"]), int(row["up_to"])) for row in always}
        where = "every length that each was timed at"
        if len(spans) == 1:
            where = "all of N = {:,} to {:,}".format(*spans.pop())
        parts.append(f"{names} {'is' if len(always) == 1 else 'are'} faster at {where}")
    if crossing := sorted(by_state.get("crosses", []), key=lambda row: row["length"]):
        first, *others = crossing
        between = f"somewhere between the measured {first['after']:,.0f} and {first['by']:,.0f}"
        parts.append(
            f"{called(first['label'])} is faster from about N = {first['length']:,.0f}, {between}"
        )
        if others:
            parts.append(f"{len(others)} more by N = {max(row['by'] for row in others):,.0f}")
    if never := by_state.get("never up to N"):
        ends = {int(row["up_to"]) for row in never}
        end = f"N = {ends.pop():,}" if len(ends) == 1 else "where they were measured"
        parts.append(f"{len(never)} {'is' if len(never) == 1 else 'are'} not faster up to {end}")
    if count := counts["only shorter"]:
        parts.append(f"{count} only below {last}")
    if count := counts["undecided"]:
        parts.append(f"{count} cannot be told from it")
    return parts
