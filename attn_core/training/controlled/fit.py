"""One training, from wherever it stands to its end: curves as it goes, the best weights when it is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from attn_core.model.seq2seq import Seq2Seq
from attn_core.training import checkpoint
from attn_core.training.book import Stopped
from attn_core.training.material import Batch, Rows, batches
from attn_core.training.optimiser import Optimiser

# Steps between two looks at the loss: each look waits for the device.
LOG_EVERY = 10
LOOKS = 20
CHECKPOINT_S = 10.0
MODEL, MOVES, BEST, SUM = "model.", "moves.", "best.", "sum"


@dataclass(frozen=True)
class Phase:
    """Steps on rows of one length; a step reads as many tokens in every phase."""

    rows: Rows
    batch: int
    steps: int


@dataclass(frozen=True)
class Training:
    """What is minimised on what. `choose`, a held-out loss, decides which weights are kept and when no more comes;
    without it all steps are taken and the last weights stay."""

    name: str
    phases: Sequence[Phase]
    objective: Callable[[Seq2Seq, Batch], Tensor]
    rate: float
    seed: int
    device: str
    choose: Callable[[Seq2Seq], float] | None = None
    patience: int = 1

    @property
    def steps(self) -> int:
        return sum(phase.steps for phase in self.phases)


@dataclass
class Point:
    """One point of the curve."""

    step: int
    loss: float
    val_ce: float | None
    tokens_per_s: float
    seconds: float


@dataclass
class _Progress:
    step: int = 0
    seconds: float = 0.0
    best: float | None = None
    worse: int = 0
    kept: dict[str, Tensor] = field(default_factory=dict)


def fit(
    model: Seq2Seq,
    training: Training,
    path: Path,
    report: Callable[[Point], None],
    stop: Callable[[], bool],
) -> None:
    """Leaves the model with the weights to keep, in evaluation mode. What is at `path` is gone on from."""
    moves = Optimiser(model, training.rate, training.steps)
    at = _Progress()
    summed = torch.zeros((), device=training.device)
    found = checkpoint.load(path, training.device)
    if found is not None:
        try:
            summed = _restore(model, moves, at, *found)
        except (RuntimeError, KeyError) as problem:
            raise checkpoint.CheckpointError(path) from problem
    elif training.choose is not None:
        # A student that is good already must not end worse than it began.
        _look(model, training.choose, at)
    model.train()
    saved = time.monotonic()
    since, began, tokens = at.step, time.monotonic(), 0
    every = max(LOG_EVERY, training.steps // LOOKS)
    for step, batch in _stream(training, at.step):
        with halved(training.device):
            loss = training.objective(model, batch)
        loss.backward()
        moves.step(step)
        summed += loss.detach()
        tokens += batch.source.numel() + batch.entered.numel()
        at.step = step + 1
        last = at.step == training.steps
        if at.step % LOG_EVERY and not last:
            continue
        took = max(time.monotonic() - began, 1e-9)
        at.seconds += took
        mean = float(summed) / (at.step - since)
        value = None
        if training.choose is not None and (last or _looks(training, at.step, every)):
            value = _look(model, training.choose, at)
        report(Point(at.step, mean, value, tokens / took, at.seconds))
        summed.zero_()
        if at.worse >= training.patience:
            break
        if stop() or time.monotonic() - saved > CHECKPOINT_S:
            _save(path, model, moves, at, summed)
            saved = time.monotonic()
        if stop():
            raise Stopped
        since, began, tokens = at.step, time.monotonic(), 0
    if at.kept:
        model.load_state_dict(at.kept)
    model.eval()


def halved(device: str) -> torch.autocast:
    """Products in bf16 on a GPU, in full elsewhere; weights, sums and losses stay wide."""
    return torch.autocast(torch.device(device).type, torch.bfloat16, enabled=device == "cuda")


def _stream(training: Training, first: int):
    """Every step from `first` with its batch."""
    begins = 0
    for number, phase in enumerate(training.phases):
        start = max(first - begins, 0)
        chosen = batches(
            len(phase.rows), phase.batch, training.seed * 100 + number, start, phase.steps
        )
        for step, rows in enumerate(chosen, start=begins + start):
            yield step, phase.rows.part(rows, training.device)
        begins += phase.steps


def _looks(training: Training, step: int, every: int) -> bool:
    """Shorter rows come first; what they teach is judged when the whole length is read."""
    return step % every < LOG_EVERY and step > training.steps - training.phases[-1].steps


def _look(model: Seq2Seq, choose: Callable[[Seq2Seq], float], at: _Progress) -> float:
    model.eval()
    value = choose(model)
    model.train()
    if at.best is None or value < at.best:
        at.best, at.worse = value, 0
        at.kept = {name: x.detach().clone() for name, x in model.state_dict().items()}
    else:
        at.worse += 1
    return value


def _save(path: Path, model: Seq2Seq, moves: Optimiser, at: _Progress, summed: Tensor) -> None:
    tensors = {MODEL + name: x for name, x in model.state_dict().items()}
    tensors |= {MOVES + name: x for name, x in moves.state().items()}
    tensors |= {BEST + name: x for name, x in at.kept.items()}
    tensors[SUM] = summed
    state = {"step": at.step, "seconds": at.seconds, "best": at.best, "worse": at.worse}
    checkpoint.save(path, tensors, state)


def _restore(
    model: Seq2Seq,
    moves: Optimiser,
    at: _Progress,
    tensors: dict[str, Tensor],
    state: dict[str, Any],
) -> Tensor:
    model.load_state_dict(checkpoint.beginning(tensors, MODEL))
    moves.restore(checkpoint.beginning(tensors, MOVES))
    at.step, at.seconds = state["step"], state["seconds"]
    at.best, at.worse = state["best"], state["worse"]
    at.kept = checkpoint.beginning(tensors, BEST)
    return tensors[SUM]
