"""Figure Z by either protocol: the article's own recipe, or the controlled experiment."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import torch

from attn_core.corpus.document import Pair
from attn_core.corpus.reader import PairFile
from attn_core.corpus.shipped import shipped
from attn_core.corpus.tokenizer import load_tokenizer
from attn_core.training.article import run_article
from attn_core.training.book import Book, Emit, Progress, Stopped
from attn_core.training.controlled import run_controlled
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
    if spec.device == "cuda":
        if not torch.cuda.is_available():
            raise ValueError("device cuda: torch finds no CUDA device here; allowed: cpu")
        torch.set_float32_matmul_precision("high")
    book = Book(set(finished), emit, progress, stop, checkpoints)
    try:
        if spec.protocol == "controlled":
            run_controlled(spec, book)
        else:
            run_article(spec.to_json(), article_pairs(spec), load_tokenizer(spec.tokenizer), book)
    except Stopped:
        return False
    return True


def article_pairs(spec: FigureZSpec) -> list[Pair]:
    """The first rows there are, taken as data whatever they say: the recipe knows no header."""
    if spec.data == SHIPPED:
        return [pair for document in islice(shipped(), spec.batch) for pair in document.pairs][
            : spec.batch
        ]
    return list(islice(PairFile(spec.data, header=False), spec.batch))
