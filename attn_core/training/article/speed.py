"""Forward passes as the article timed them, and by our clock: all methods in turn, warmed up, as often as needed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial

import torch

from attn_core.timing.failures import outcome_of
from attn_core.timing.memory import highest_during
from attn_core.training.article.batch import Batch
from attn_core.training.article.model import ArticleModel
from attn_core.training.article.protocol import TIMED_PASSES
from attn_core.training.passes import Cost, timed

SECONDS = 1.0


def as_published(model: ArticleModel, batch: Batch) -> Cost:
    """The mean of ten passes, the first of a new model among them."""
    device = batch.noise.device
    run = partial(_forward, model.eval(), batch)
    try:
        _wait(device)
        began = time.perf_counter()
        for _ in range(TIMED_PASSES):
            run()
        _wait(device)
    except (ValueError, RuntimeError, MemoryError) as problem:
        return Cost(*outcome_of(problem))
    mean = (time.perf_counter() - began) / TIMED_PASSES
    return Cost("ok", f"mean of {TIMED_PASSES} passes, no warm-up", mean)


def peak_bytes(model: ArticleModel, batch: Batch) -> Cost:
    """The most memory of one pass beyond what the process held before it; a pass must have gone before."""
    try:
        device = batch.noise.device.type
        taken, message = highest_during(partial(_forward, model.eval(), batch), device)
    except (ValueError, RuntimeError, MemoryError) as problem:
        return Cost(*outcome_of(problem))
    outcome = "unsupported" if taken is None else "ok"
    return Cost(outcome, message or "the most beyond what was held before", taken)


def by_our_clock(
    models: Mapping[str, ArticleModel], batch: Batch, stop: Callable[[], bool]
) -> dict[str, Cost]:
    """Medians and their spread, of passes taken in turn."""
    passes = {name: partial(_forward, model.eval(), batch) for name, model in models.items()}
    return timed(passes, batch.noise.device.type, SECONDS, stop)


@torch.no_grad()
def _forward(model: ArticleModel, batch: Batch) -> None:
    model.logits(batch.noise, batch.tokens)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
