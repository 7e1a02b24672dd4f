"""Real decoding, and what it is worth: chrF and BLEU of held-out documents, by sacrebleu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from attn_core.corpus.tokenizer import Tokenizer
from attn_core.model.decoding import greedy
from attn_core.model.seq2seq import Seq2Seq
from attn_core.training import intervals
from attn_core.training.book import Stopped
from attn_core.training.material import Rows

DRAWS = 300


@dataclass(frozen=True)
class Score:
    value: float
    low: float | None
    high: float | None


def translate(
    model: Seq2Seq,
    rows: Rows,
    count: int,
    tokenizer: Tokenizer,
    device: str,
    stop: Callable[[], bool],
) -> tuple[str, ...]:
    """The first `count` rows, the likeliest token each time."""
    batch = rows.part(slice(0, count), device)
    asked = False

    def leave() -> bool:
        nonlocal asked
        asked = asked or stop()
        return asked

    found = greedy(model, batch.source, batch.keep, batch.source.shape[1], stop=leave)
    if asked:  # half a text must not be judged as a whole one
        raise Stopped
    return tuple(tokenizer.decode(ids) for ids in found)


def scores(texts: Sequence[str], references: Sequence[str]) -> dict[str, Score]:
    """Of whole documents, with intervals by drawing other documents. sacrebleu's own drawing fails where a text is
    empty; its counts of each text are what is drawn from."""
    found = {}
    for name, metric in (("bleu", BLEU()), ("chrf", CHRF())):
        score = metric.corpus_score(texts, [references]).score
        between: tuple[float, float] | tuple[None, None] = None, None
        if len(texts) > 1:
            counts = np.array(metric._extract_corpus_statistics(texts, [references]))
            sums = intervals.drawn(len(texts))[:DRAWS] @ counts
            drawn = [min(100.0, metric._compute_score_from_stats(list(row)).score) for row in sums]
            between = intervals.middle(np.array(drawn))
        found[name] = Score(score, *between)
    return found
