"""Figure Z by either protocol: the article's own recipe, or the controlled experiment."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import torch

from attn_core.corpus.document import Pair
from attn_core.corpus.shipped import shipped
from attn_core.corpus.tokenizer import load_tokenizer
from attn_core.training.article import run_article
from attn_core.training.book import Book, Emit, Progress, Stopped
from attn_core.training.check import check_settings
from attn_core.training.controlled import run_controlled
from attn_core.training.material import pairs_used
from attn_core.training.pairs import read_pairs
from attn_core.training.spec import SHIPPED, FigureZSpec


def run_figure_z(
    spec: FigureZSpec,
    *,
    finished: set[str],
    emit: Emit,
    progress: Progress,
    stop: Callable[[], bool],
    checkpoints: Path,
) -> bool:
    """Whether all of it is done; what is not goes on from the checkpoints. `emit` takes a kind, a key and a row."""
    check_settings(spec)
    if spec.device == "cuda":
        torch.set_float32_matmul_precision("high")
    book = Book(set(finished), emit, progress, stop, checkpoints)
    try:
        if spec.protocol == "controlled":
            run_controlled(spec, book)
        else:
            pairs, note = article_pairs(spec)
            run_article(spec.to_json(), pairs, load_tokenizer(spec.tokenizer), book, note)
    except Stopped:
        return False
    return True


def article_pairs(spec: FigureZSpec) -> tuple[list[Pair], str]:
    """The first pairs there are, and what became of the rows of the user's file."""
    if spec.data == SHIPPED:
        found = (pair for document in shipped() for pair in document.pairs)
        return list(islice(found, spec.batch)), ""
    return read_pairs(spec.data, spec.protocol, pairs_used(spec))
