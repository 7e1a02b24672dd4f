"""From what was judged to rows: numbers with intervals, ratios to the teacher's, agreement by distance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from attn_core.training import intervals
from attn_core.training.cells import Row, cell
from attn_core.training.controlled.judge import Judged
from attn_core.training.material import Rows

TEST = "documents held out of training"
# Upper ends of the classes of distance, in tokens.
EDGES = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096)


@dataclass(frozen=True)
class Who:
    """A model of a run."""

    method: str
    student: str
    seed: int


def quality(
    who: Who, length: int, rows: Rows, found: Judged, note: str = ""
) -> Iterator[tuple[str, Row]]:
    """Cross-entropy, accuracy, divergence from the teacher, and agreement, at one length. `note` is of the data."""
    place = (who.method, who.student, who.seed, length)
    teaches = who.student == "teacher"
    names = ["val_ce", "token_accuracy", *([] if teaches else ["kl_to_teacher"])]
    probes = len(rows.packed.probes)
    if found.outcome != "ok":
        for name in [*names, *(["agreement_accuracy"] if probes else [])]:
            yield cell(name, *place, None, found.outcome, found.message)
        return
    said = f"{int(found.count.sum()):,} tokens of {TEST}{note and f'; {note}'}"
    for name, part in (
        ("val_ce", found.ce),
        ("token_accuracy", found.correct),
        ("kl_to_teacher", found.kl),
    ):
        if name in names and part is not None:
            value = float(part.sum() / found.count.sum())
            between = intervals.of_mean(part, found.count)
            yield cell(name, *place, value, message=said, interval=between)
    if probes:
        hits = int(found.agrees.sum())
        between = intervals.of_share(hits, probes)
        said = f"{hits:,} of {probes:,} pronouns; one of two by guessing"
        yield cell("agreement_accuracy", *place, hits / probes, message=said, interval=between)


def agreement(who: Who, rows: Rows, found: Judged) -> Iterator[tuple[str, Row]]:
    """How often the pronoun is right, by its distance from the nearest evidence."""
    probes = rows.packed.probes
    if found.outcome != "ok" or not probes:
        return
    length = rows.source.shape[1]
    distance = np.array([probe.distance for probe in probes])
    kinds = np.array([probe.evidence for probe in probes])
    for kind in dict.fromkeys(kinds):
        for low, high in zip((0, *EDGES), EDGES, strict=False):
            chosen = found.agrees[(kinds == kind) & (distance > low) & (distance <= high)]
            if not len(chosen):
                continue
            hits, total = int(chosen.sum()), len(chosen)
            least, most = intervals.of_share(hits, total)
            name = f"agreement {who.method} {who.student} seed {who.seed} @ {length} {kind} {high}"
            yield (
                name,
                {
                    "run_id": "",
                    "method": who.method,
                    "student": who.student,
                    "seed": who.seed,
                    "length": length,
                    "evidence": str(kind),
                    "distance_low": low + 1,
                    "distance_high": high,
                    "correct": hits,
                    "total": total,
                    "value": hits / total,
                    "low": least,
                    "high": most,
                },
            )


def ratios(
    who: Who, found: Mapping[int, Judged], teacher: Mapping[int, Judged], base: int
) -> Iterator[tuple[str, Row]]:
    """What of its accuracy is left at a longer length, over what is left of the teacher's own."""
    for length, one in found.items():
        if length == base:
            continue
        place = ("generalization", who.method, who.student, who.seed, length)
        failed = [
            x for x in (one, found[base], teacher[length], teacher[base]) if x.outcome != "ok"
        ]
        if failed:
            yield cell(*place, None, failed[0].outcome, failed[0].message)
            continue
        if not all(x.accuracy for x in (found[base], teacher[base], teacher[length])):
            yield cell(
                *place, None, "error", "no token was right, so there is nothing to divide by"
            )
            continue
        own = one.accuracy / found[base].accuracy
        if who.student == "teacher":
            said = f"token accuracy at {length:,} over that at {base:,}, not normalised: it is the norm"
            yield cell(*place, own, message=said, interval=_left(one, found[base]))
            continue
        norm = teacher[length].accuracy / teacher[base].accuracy
        said = f"share of token accuracy left at {length:,}, over the teacher's own share"
        between = _left(one, found[base], teacher[length], teacher[base])
        yield cell(*place, own / norm, message=said, interval=between)


def _left(longer: Judged, base: Judged, *teacher: Judged) -> tuple[float, float] | None:
    """Of the ratio, with the rows of each length drawn anew, the same for model and teacher."""
    if len(longer.count) < 2 or len(base.count) < 2:
        return None
    above, below = intervals.drawn(len(longer.count)), intervals.drawn(len(base.count), seed=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = _share(above, longer) / _share(below, base)
        if teacher:
            values = values / (_share(above, teacher[0]) / _share(below, teacher[1]))
    return intervals.middle(values) if np.isfinite(values).all() else None


def _share(times: np.ndarray, one: Judged) -> np.ndarray:
    return (times @ one.correct) / (times @ one.count)
