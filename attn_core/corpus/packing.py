"""Documents laid into rows of N tokens, whole sentences one after the other, so that hardly any of it is padding.

Both sides of a row end with </s>. A row is full when the next sentence would make either side longer than N; the
document then goes on in the next row. A probe counts only where its pronoun and all its evidence share a row: what
the model cannot see, it cannot be asked.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from attn_core.corpus.document import Document, Pair
from attn_core.corpus.probing import Placed, ProbeAt, locate
from attn_core.corpus.tokenizer import END, PAD, Tokenizer

AT_ONCE = 512  # documents tokenised together; a stream without end is read no further than needed

__all__ = ["Packed", "ProbeAt", "decoder_input", "pack"]


@dataclass(frozen=True)
class Packed:
    """Rows of source tokens and of labels, padded with 0, and the probes in them."""

    source: np.ndarray  # (n, N) int64
    target: np.ndarray  # (n, N) int64
    probes: tuple[ProbeAt, ...]
    texts: tuple[tuple[str, str], ...]  # the English and the French of each row
    too_long: int = 0  # sentences left out because they do not fit in a row of their own

    @property
    def waste(self) -> float:
        """Share of the tokens that is padding."""
        cells = self.source.size + self.target.size
        real = np.count_nonzero(self.source != PAD) + np.count_nonzero(self.target != PAD)
        return 1 - real / cells if cells else 0.0


@dataclass
class _Row:
    pairs: list[Pair] = field(default_factory=list)
    source: list[int] = field(default_factory=list)
    target: list[int] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)


class _Rows:
    """Fills one row after the other."""

    def __init__(self, length: int) -> None:
        self.room = length - 1  # the last place belongs to </s>
        self.full: list[_Row] = []
        self.open = _Row()
        self.too_long = 0

    def close(self) -> None:
        if self.open.pairs:
            self.full.append(self.open)
            self.open = _Row()

    def add(self, document: Document, sentences: list[tuple[list[int], list[int]]]) -> None:
        here: Placed | None = None
        for number, (en, fr) in enumerate(sentences):
            if max(len(en), len(fr)) > self.room:
                self.too_long += 1
                continue
            row = self.open
            if max(len(row.source) + len(en), len(row.target) + len(fr)) > self.room:
                self.close()
                row, here = self.open, None
            if here is None:
                here = Placed(len(self.full), document, {})
                row.placed.append(here)
            here.starts[number] = (len(row.source), len(row.target))
            row.pairs.append(document.pairs[number])
            row.source += en
            row.target += fr


def pack(
    documents: Iterable[Document], tokenizer: Tokenizer, length: int, rows: int | None = None
) -> Packed:
    """At most `rows` rows; without it everything there is, the last row as full as it gets."""
    if length < 2:
        raise ValueError(
            f"A row of {length} tokens holds no sentence; the length must be at least 2."
        )
    filled = _Rows(length)
    for batch in _batches(documents, rows):
        _add_all(filled, batch, tokenizer)
        if rows is not None and len(filled.full) >= rows:
            break
    filled.close()
    kept = filled.full[:rows]
    return Packed(
        source=_matrix([row.source for row in kept], length),
        target=_matrix([row.target for row in kept], length),
        probes=locate([placed for row in kept for placed in row.placed], tokenizer),
        texts=tuple(
            (" ".join(pair.en for pair in row.pairs), " ".join(pair.fr for pair in row.pairs))
            for row in kept
        ),
        too_long=filled.too_long,
    )


def decoder_input(target: np.ndarray) -> np.ndarray:
    """The labels one place to the right; padding is the start token, as in T5."""
    shifted = np.full_like(target, PAD)
    shifted[:, 1:] = target[:, :-1]
    return shifted


def _batches(documents: Iterable[Document], rows: int | None) -> Iterator[list[Document]]:
    at_once = AT_ONCE if rows is None else max(1, min(AT_ONCE, rows))
    stream = iter(documents)
    while batch := list(islice(stream, at_once)):
        yield batch


def _add_all(filled: _Rows, batch: list[Document], tokenizer: Tokenizer) -> None:
    pairs = [pair for document in batch for pair in document.pairs]
    english = tokenizer.encode_batch([pair.en for pair in pairs])
    french = tokenizer.encode_batch([pair.fr for pair in pairs])
    sentences = zip(english, french, strict=True)
    for document in batch:
        filled.add(document, list(islice(sentences, len(document.pairs))))


def _matrix(rows: list[list[int]], length: int) -> np.ndarray:
    cells = np.full((len(rows), length), PAD, dtype=np.int64)
    for cell, row in zip(cells, rows, strict=True):
        cell[: len(row)] = row
        cell[len(row)] = END
    return cells
