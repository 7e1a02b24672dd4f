"""What models read: rows to train on at every length, rows to choose by, and rows they are judged by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice

import torch
from torch import Tensor

from attn_core.corpus.document import Document
from attn_core.corpus.documents import documents
from attn_core.corpus.packing import Packed, decoder_input, pack
from attn_core.corpus.shipped import shipped
from attn_core.corpus.splits import pairs_as_documents, split
from attn_core.corpus.tokenizer import PAD, Tokenizer, check_tokenizer, load_tokenizer
from attn_core.training.pairs import check_data, read_pairs
from attn_core.training.spec import SHIPPED, FigureZSpec

# Rows held in memory at most, in tokens; beyond it a training begins again at the first.
MOST_TOKENS = 1 << 25
# Judged on so many tokens at every length, in at least so many rows.
JUDGED_TOKENS, JUDGED_ROWS = 8_192, 8
CHOSEN_ROWS = 16
# Seeds of documents beyond the shipped ones; those to be judged by are never trained on.
FRESH, JUDGE, CHOOSE = 1_000, 1, 2
# A pair has some ten tokens at least; so many pairs fill what is asked for.
PAIRS_PER_TOKEN = 0.15


@dataclass(frozen=True)
class Rows:
    """Packed rows as tensors. `keep` marks real tokens of the source."""

    packed: Packed

    @cached_property
    def source(self) -> Tensor:
        return torch.from_numpy(self.packed.source)

    @cached_property
    def labels(self) -> Tensor:
        return torch.from_numpy(self.packed.target)

    @cached_property
    def entered(self) -> Tensor:
        return torch.from_numpy(decoder_input(self.packed.target))

    def __len__(self) -> int:
        return len(self.packed.source)

    def part(self, rows: Sequence[int] | slice, device: str) -> Batch:
        """Some rows on the device."""
        chosen = [x[rows] for x in (self.source, self.entered, self.labels)]
        source, entered, labels = (x.to(device, non_blocking=True) for x in chosen)
        numbers = range(len(self))[rows] if isinstance(rows, slice) else rows
        return Batch(source, entered, labels, source != PAD, tuple(numbers))


@dataclass(frozen=True)
class Batch:
    source: Tensor
    entered: Tensor
    labels: Tensor
    keep: Tensor
    numbers: tuple[int, ...]


class Material:
    """All rows of a run, packed when first asked for. No document is in two of training, choice and judgement."""

    def __init__(self, spec: FigureZSpec) -> None:
        self.spec = spec
        self.tokenizer: Tokenizer = load_tokenizer(spec.tokenizer)
        self.note = ""
        if spec.data == SHIPPED:
            found = shipped()
        else:
            pairs, self.note = read_pairs(spec.data, spec.protocol, pairs_used(spec))
            found = list(pairs_as_documents(pairs))
        self._train, self._choose, self._judge = split(found, spec.seed)
        self._kept: dict[tuple[str, int], Rows] = {}

    def training(self, length: int, rows: int) -> Rows:
        """At least `rows` rows where the data has them, or memory."""
        most = max(1, MOST_TOKENS // length)
        return self._rows("train", self._train, FRESH + self.spec.seed, length, min(rows, most))

    def choosing(self, length: int) -> Rows:
        """For early stopping only."""
        return self._rows("choose", self._choose, CHOOSE, length, CHOSEN_ROWS)

    def judging(self, length: int) -> Rows:
        """For every number that is reported."""
        return self.judged(length, max(JUDGED_ROWS, JUDGED_TOKENS // length))

    def judged(self, length: int, rows: int) -> Rows:
        """The same, as many as wanted."""
        return self._rows("judge", self._judge, JUDGE, length, rows)

    def _rows(self, use: str, own: Sequence[Document], seed: int, length: int, rows: int) -> Rows:
        found = self._kept.get((use, length))
        if found is None or len(found) < rows:
            packed = pack(self._stream(own, seed), self.tokenizer, length, rows=rows)
            if not len(packed.source):
                raise ValueError(
                    f"figure-z: the data has no row for {use}: every sentence is longer than {length} tokens"
                )
            found = self._kept[use, length] = Rows(packed)
        return found

    def _stream(self, own: Sequence[Document], seed: int) -> Iterator[Document]:
        """The corpus's own documents, and then new ones of the same grammar, as many as are wanted; a user's file
        has no more than it has."""
        more: Iterable[Document] = documents(seed) if self.spec.data == SHIPPED else ()
        return chain(own, more)


def pairs_used(spec: FigureZSpec) -> int:
    """How many pairs of the user's file a run reads at most, from its beginning."""
    if spec.protocol == "article":
        return spec.batch
    steps = spec.teacher_steps + spec.transfer_steps + spec.student_steps
    tokens = min(MOST_TOKENS, steps * spec.batch * spec.length)
    held = 2 * JUDGED_ROWS * spec.lengths[-1] + JUDGED_TOKENS
    return int((tokens + 20 * held) * PAIRS_PER_TOKEN)


def check_sources(spec: FigureZSpec, *, fetch: bool = True) -> None:
    """Refuse what cannot be read before anything is trained on it. Without `fetch` a tokenizer that only the hub has
    stays there, and the answer takes no longer than two seconds."""
    (load_tokenizer if fetch else check_tokenizer)(spec.tokenizer)
    if spec.data != SHIPPED:
        check_data(spec.data, spec.protocol)


def order(rows: int, count: int, seed: int) -> Iterator[list[int]]:
    """Batches of row numbers without end: all rows in a new order each time round, by the seed alone."""
    size, turn = min(count, rows), 0
    while True:
        generator = torch.Generator().manual_seed(seed * 1_000_003 + turn)
        shuffled = torch.randperm(rows, generator=generator).tolist()
        for start in range(0, rows - size + 1, size):
            yield shuffled[start : start + size]
        turn += 1


def batches(rows: int, count: int, seed: int, first: int, last: int) -> Iterator[list[int]]:
    """Those of the steps from `first` to before `last`; a resumed training gets the very same."""
    return islice(order(rows, count, seed), first, last)
