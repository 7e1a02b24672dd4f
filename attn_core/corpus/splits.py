"""Documents to train on, to choose by, and to be judged by; and documents out of a plain list of pairs."""

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from attn_core.corpus.document import Document, Pair

HELD_OUT = 0.05  # of the documents, once for validation and once for the test
LEAST_DOCUMENTS = 3  # one for each use
DOCUMENT_PAIRS = 16  # of a plain list of pairs


def split(
    documents: Sequence[Document], seed: int = 0
) -> tuple[list[Document], list[Document], list[Document]]:
    """Train, validation and test; no document is in two of them, and each keeps the given order."""
    if len(documents) < LEAST_DOCUMENTS:
        raise ValueError(
            f"{len(documents)} document(s) cannot be divided into train, validation and test; it takes at least "
            f"{LEAST_DOCUMENTS}."
        )
    held = max(1, round(HELD_OUT * len(documents)))
    order = list(range(len(documents)))
    random.Random(seed).shuffle(order)
    parts = order[2 * held :], order[:held], order[held : 2 * held]
    train, validation, test = ([documents[i] for i in sorted(part)] for part in parts)
    return train, validation, test


def pairs_as_documents(
    pairs: Iterable[Pair], size: int = DOCUMENT_PAIRS, limit: int | None = None
) -> Iterator[Document]:
    """Each `size` consecutive pairs as a document without probes; reads at most `limit` pairs."""
    if size < 1:
        raise ValueError(f"A document of {size} pairs is none; the size must be at least 1.")
    stream = islice(pairs, limit)
    while block := tuple(islice(stream, size)):
        yield Document(block, ())
