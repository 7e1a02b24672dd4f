"""From what was judged to rows: numbers with intervals, agreement by distance, texts and their scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from attn_core.training import intervals
from attn_core.training.cells import Row, Who, cell
from attn_core.training.controlled.judge import Judged
from attn_core.training.controlled.plan import TEACHER
from attn_core.training.controlled.translate import Score
from attn_core.training.material import Rows

TEST = "documents held out of training"
# Upper ends of the classes of distance, in tokens.
EDGES = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096)


def quality(
    who: Who, length: int, rows: Rows, found: Judged, note: str = ""
) -> Iterator[tuple[str, Row]]:
    """Cross-entropy, accuracy, divergence from the teacher, and agreement, at one length. `note` is of the data."""
    names = ["val_ce", "token_accuracy"]
    names += [] if who.student == TEACHER else ["kl_to_teacher"]
    probes = len(rows.packed.probes)
    if found.outcome != "ok":
        for name in [*names, *(["agreement_accuracy"] if probes else [])]:
            yield cell(name, who, length, None, found.outcome, found.message)
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
            yield cell(name, who, length, value, message=said, interval=between)
    if probes:
        hits = int(found.agrees.sum())
        between = intervals.of_share(hits, probes)
        said = f"{hits:,} of {probes:,} pronouns; one of two by guessing"
        yield cell(
            "agreement_accuracy", who, length, hits / probes, message=said, interval=between
        )


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
                    **who._asdict(),
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


def samples(
    who: Who, pairs: Sequence[tuple[str, str]], texts: Sequence[str]
) -> Iterator[tuple[str, Row]]:
    """Documents in both languages, each beside the model's own translation."""
    for index, ((source, reference), text) in enumerate(zip(pairs, texts, strict=True)):
        named = {"run_id": "", "index": index, "source": source, "reference": reference}
        yield (
            f"sample {who.method} {who.student} seed {who.seed} {index}",
            {**named, **who._asdict(), "text": text},
        )


def translation(
    who: Who, length: int, count: int, graded: Mapping[str, Score]
) -> Iterator[tuple[str, Row]]:
    """How good so many decoded texts are."""
    said = f"{count} decoded documents, by sacrebleu"
    for name in ("chrf", "bleu"):
        one = graded[name]
        yield cell(name, who, length, one.value, message=said, interval=(one.low, one.high))
