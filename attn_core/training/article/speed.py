"""Forward passes as the article timed them, and by our clock: all methods in turn, warmed up, as often as needed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import torch

from attn_core.timing.clock import TURN_S, Contender, measure, wall_clock
from attn_core.timing.cuda_clock import DeviceTimer
from attn_core.timing.failures import outcome_of
from attn_core.timing.memory import highest_during
from attn_core.timing.row import Outcome
from attn_core.timing.statistics import enough, summary
from attn_core.training.article.batch import Batch
from attn_core.training.article.model import ArticleModel
from attn_core.training.article.protocol import TIMED_PASSES

SECONDS, PRECISION = 1.0, 0.02


@dataclass(frozen=True)
class Timed:
    """Seconds, or bytes, of one forward pass to all logits."""

    outcome: Outcome
    message: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None


def as_published(model: ArticleModel, batch: Batch) -> Timed:
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
        return Timed(*outcome_of(problem))
    mean = (time.perf_counter() - began) / TIMED_PASSES
    return Timed("ok", f"mean of {TIMED_PASSES} passes, no warm-up", mean)


def peak_bytes(model: ArticleModel, batch: Batch) -> Timed:
    """The most memory of one pass beyond what the process held before it; a pass must have gone before."""
    try:
        device = batch.noise.device.type
        taken, message = highest_during(partial(_forward, model.eval(), batch), device)
    except (ValueError, RuntimeError, MemoryError) as problem:
        return Timed(*outcome_of(problem))
    outcome = "unsupported" if taken is None else "ok"
    return Timed(outcome, message or "the most beyond what was held before", taken)


def by_our_clock(
    models: Mapping[str, ArticleModel], batch: Batch, stop: Callable[[], bool]
) -> dict[str, Timed]:
    """Medians and their intervals, of passes taken in turn."""
    contenders = [
        Contender(name, None, partial(_forward, model.eval(), batch))
        for name, model in models.items()
    ]
    on_gpu = batch.noise.is_cuda
    found = measure(
        contenders,
        seconds=SECONDS,
        precision=PRECISION,
        timer=DeviceTimer() if on_gpu else wall_clock,
        stop=stop,
        turn_s=0.0 if on_gpu else TURN_S,
    )
    timed = {}
    for name, samples in zip(models, found, strict=True):
        if samples.problem is not None or not samples.values:
            problem = samples.problem or RuntimeError("no pass was timed")
            timed[name] = Timed(*outcome_of(problem))
            continue
        known = summary(samples.values)
        count = len(samples.values)
        said = f"median of {count} passes after warm-up, in turn with the other methods"
        said += "" if enough(count) else "; so few that the interval is their whole range"
        timed[name] = Timed("ok", said, known.median, known.low, known.high)
    return timed


@torch.no_grad()
def _forward(model: ArticleModel, batch: Batch) -> None:
    model.logits(batch.noise, batch.tokens)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
