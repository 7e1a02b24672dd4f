"""A document in two languages, and the places in it where agreement reaches back to an earlier sentence.

Positions are characters of one sentence's text, so that any tokenizer can find its own tokens.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of one sentence of a document."""

    sentence: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Pair:
    en: str
    fr: str


@dataclass(frozen=True, slots=True)
class Probe:
    """A French pronoun that only an earlier sentence decides."""

    pronoun: Span  # in French, where `gold` stands
    gold: str  # as written
    other: str  # what would stand there for the other gender
    gender: str  # "f" or "m"
    english: Span  # where "it" stands
    evidence_fr: tuple[Span, ...]  # every earlier place in French that gives the gender away
    evidence_en: tuple[Span, ...]  # the same in English; empty when English does not tell
    evidence: str  # "both" languages tell, or only the "target" does


@dataclass(frozen=True, slots=True)
class Document:
    pairs: tuple[Pair, ...]
    probes: tuple[Probe, ...]
