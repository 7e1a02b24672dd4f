"""Where in a row of tokens a pronoun is asked for, what would be wrong, and how far back the evidence lies."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from attn_core.corpus.document import Document, Probe, Span
from attn_core.corpus.tokenizer import Tokenizer

Offsets = list[tuple[int, int]]


@dataclass(frozen=True)
class ProbeAt:
    """At label `position` of `row` stands `gold`; the other gender would put `other` there."""

    row: int
    position: int
    gold: int
    other: int
    distance: int  # tokens to the nearest evidence, in whichever language it is nearer
    evidence: str


@dataclass(frozen=True)
class Placed:
    """A document's sentences that lie in one row, and where each begins there in English and in French."""

    row: int
    document: Document
    starts: dict[int, tuple[int, int]]

    def whole(self, probe: Probe) -> bool:
        """Whether the pronoun, the English one, and all the evidence lie in this row."""
        spans = (probe.pronoun, probe.english, *probe.evidence_fr, *probe.evidence_en)
        return all(span.sentence in self.starts for span in spans)


def locate(placed: Iterable[Placed], tokenizer: Tokenizer) -> tuple[ProbeAt, ...]:
    """Every probe that can be answered from its own row."""
    asked = [
        (part, probe) for part in placed for probe in part.document.probes if part.whole(probe)
    ]
    french = tokenizer.encode_batch(
        [part.document.pairs[probe.pronoun.sentence].fr for part, probe in asked]
    )
    swapped = tokenizer.encode_batch([_swapped(part.document, probe) for part, probe in asked])
    spans = _Tokens(asked, tokenizer)
    return tuple(
        _at(part, probe, right, wrong, spans)
        for (part, probe), right, wrong in zip(asked, french, swapped, strict=True)
    )


def _at(
    part: Placed, probe: Probe, right: list[int], wrong: list[int], spans: "_Tokens"
) -> ProbeAt:
    index = next(
        (i for i, pair in enumerate(zip(right, wrong, strict=False)) if pair[0] != pair[1]), None
    )
    if index is None:
        raise ValueError(
            f"The tokenizer does not tell {probe.gold!r} from {probe.other!r}; a probe needs both."
        )
    position = part.starts[probe.pronoun.sentence][1] + index
    distances = [_distance(position, spans.french(part, span)) for span in probe.evidence_fr]
    if probe.evidence_en:
        pronoun = spans.english(part, probe.english).start
        distances += [_distance(pronoun, spans.english(part, span)) for span in probe.evidence_en]
    if not distances:
        raise ValueError(
            f"A probe for {probe.gold!r} has no evidence; it needs at least one span."
        )
    return ProbeAt(part.row, position, right[index], wrong[index], min(distances), probe.evidence)


def _swapped(document: Document, probe: Probe) -> str:
    text, at = document.pairs[probe.pronoun.sentence].fr, probe.pronoun
    if text[at.start : at.end] != probe.gold:
        raise ValueError(
            f"A probe says {probe.gold!r} where its sentence has {text[at.start : at.end]!r}; the two must agree."
        )
    return text[: at.start] + probe.other + text[at.end :]


def _distance(position: int, evidence: range) -> int:
    return max(evidence.start - position, position - (evidence.stop - 1), 0)


class _Tokens:
    """Which tokens of a row a span of characters covers; every sentence is cut once."""

    def __init__(self, asked: list[tuple[Placed, Probe]], tokenizer: Tokenizer) -> None:
        texts = sorted(
            {text for part, probe in asked for text in _evidence_texts(part.document, probe)}
        )
        self._offsets = dict(zip(texts, tokenizer.offsets_batch(texts), strict=True))

    def english(self, part: Placed, span: Span) -> range:
        text = part.document.pairs[span.sentence].en
        return _covered(self._offsets[text], text, span, part.starts[span.sentence][0])

    def french(self, part: Placed, span: Span) -> range:
        text = part.document.pairs[span.sentence].fr
        return _covered(self._offsets[text], text, span, part.starts[span.sentence][1])


def _evidence_texts(document: Document, probe: Probe) -> Iterator[str]:
    for span in probe.evidence_fr:
        yield document.pairs[span.sentence].fr
    for span in (probe.english, *probe.evidence_en):
        yield document.pairs[span.sentence].en


def _covered(offsets: Offsets, text: str, span: Span, start: int) -> range:
    inside = [i for i, (low, high) in enumerate(offsets) if low < span.end and high > span.start]
    if not inside:
        raise ValueError(
            f"Characters {span.start} to {span.end} of {text!r} hold no token; a probe needs words."
        )
    return range(start + inside[0], start + inside[-1] + 1)
