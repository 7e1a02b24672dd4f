"""Figure Z by either protocol: the article's own recipe, or the controlled experiment."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from attn_core.corpus.document import Pair
from attn_core.corpus.reader import PairFile
from attn_core.corpus.shipped import shipped
from attn_core.corpus.tokenizer import load_tokenizer
from attn_core.training.article import run_article
from attn_core.training.controlled import run_controlled
from attn_core.training.spec import SHIPPED, FigureZSpec

Emit = Callable[[str, str, dict[str, Any]], None]


def run_figure_z(
    spec: FigureZSpec,
    *,
    finished: set[str],
    emit: Emit,
    progress: Callable[[dict[str, Any]], None],
    stop: Callable[[], bool],
    checkpoints: Path,
) -> bool:
    """Whether all of it is done; what is not goes on from the checkpoints. `emit` takes a kind, a key and a row."""
    if spec.device == "cuda":
        if not torch.cuda.is_available():
            raise ValueError("device cuda: torch finds no CUDA device here; allowed: cpu")
        torch.set_float32_matmul_precision("high")
    if spec.protocol == "controlled":
        return run_controlled(
            spec,
            finished=finished,
            emit=emit,
            progress=progress,
            stop=stop,
            checkpoints=checkpoints,
        )
    run_article(
        spec.to_json(),
        article_pairs(spec),
        load_tokenizer(spec.tokenizer),
        finished=finished,
        emit=emit,
        progress=progress,
        stop=stop,
        checkpoints=checkpoints,
    )
    return not stop()


def article_pairs(spec: FigureZSpec) -> list[Pair]:
    """The first rows there are, taken as data whatever they say: the recipe knows no header."""
    if spec.data == SHIPPED:
        return [pair for document in islice(shipped(), spec.batch) for pair in document.pairs][
            : spec.batch
        ]
    return list(islice(PairFile(spec.data, header=False), spec.batch))
