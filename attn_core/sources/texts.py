"""Texts as token numbers with their labels: one's own sentences, or documents of the corpus one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from attn_core.corpus.document import Document, Pair
from attn_core.corpus.documents import documents
from attn_core.corpus.shipped import shipped
from attn_core.corpus.tokenizer import END, PAD, Tokenizer
from attn_core.sources.spec import LONGEST_TEXT, SourceSpec

# Seed of documents that go on where the shipped ones end.
FRESH = 900_000
MARKS = {PAD: "<start>", END: "</s>"}


@dataclass(frozen=True)
class Tokens:
    """Numbers, and what each stands for."""

    ids: tuple[int, ...]
    labels: tuple[str, ...]


@cache
def corpus() -> tuple[Document, ...]:
    return tuple(shipped())


def read(spec: SourceSpec, tokenizer: Tokenizer) -> tuple[Tokens, Tokens | None]:
    """The English as the encoder reads it, and the French as the decoder does, where there is any."""
    if spec.kind == "text":
        english = _cut([spec.text], tokenizer, spec.length)
        french = _cut([spec.french], tokenizer, spec.length) if spec.french.strip() else None
    else:
        pairs = list(_pairs(spec))
        english = _cut((pair.en for pair in pairs), tokenizer, spec.length)
        french = _cut((pair.fr for pair in pairs), tokenizer, spec.length)
    return english, None if french is None else _entered(french)


def _pairs(spec: SourceSpec) -> Iterator[Pair]:
    """Of the document; of those after it too where a length is asked for that may need them."""
    known = corpus()
    if spec.document >= len(known):
        raise ValueError(
            f"source: document must be from 0 to {len(known) - 1:,}, got {spec.document:,}"
        )
    yield from known[spec.document].pairs
    if not spec.length:
        return
    # A pair has four tokens and more; a length is never left short.
    more = (pair for document in _after(spec.document, known) for pair in document.pairs)
    yield from islice(more, spec.length // 4 + 1)


def _after(document: int, known: tuple[Document, ...]) -> Iterator[Document]:
    yield from known[document + 1 :]
    yield from documents(FRESH)


def _cut(texts: Iterable[str], tokenizer: Tokenizer, length: int) -> Tokens:
    """All texts one after another and the end mark, or the first `length` tokens."""
    ids: list[int] = []
    for text in texts:
        ids += tokenizer.encode(text)
        if length and len(ids) >= length:
            break
    ids = ids[:length] if length else [*ids, END]
    if len(ids) > LONGEST_TEXT:
        raise ValueError(
            f"source: the text has {len(ids):,} tokens; at most {LONGEST_TEXT:,} are read"
        )
    return Tokens(tuple(ids), tuple(label(tokenizer, one) for one in ids))


def _entered(french: Tokens) -> Tokens:
    """One place later, after the start token: what the decoder reads when it has to say the next token."""
    return Tokens((PAD, *french.ids[:-1]), (MARKS[PAD], *french.labels[:-1]))


def label(tokenizer: Tokenizer, number: int) -> str:
    """A piece as written; ▁ marks the beginning of a word."""
    return MARKS.get(number) or tokenizer.piece(number)
