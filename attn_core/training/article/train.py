"""One training of the article: Adam at a fixed rate until cross-entropy has not improved for a while, or steps run out.

Every step seeds the generator by its own number, so that dropout does not depend on where a run was interrupted.
Losses stay on the device and are read together. The next reading is never later than the first step at which the
run could have to stop, so it stops exactly where a reading after every step would stop it.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from attn_core.training.article.checkpoint import load, save

READ_EVERY = 20
SAVE_EVERY_S, STOP_EVERY_S = 5.0, 0.5
# Saving takes at most this share of the time.
SAVING_SHARE = 0.05


@dataclass(frozen=True)
class Stage:
    """What is trained, and for how long at most."""

    name: str
    seed: int
    steps: int
    patience: int
    learning_rate: float


@dataclass
class State:
    """How far it is. `waited` counts steps since cross-entropy was lowest."""

    step: int = 0
    best: float = math.inf
    waited: int = 0
    seconds: float = 0.0
    ended: bool = False


@dataclass(frozen=True)
class Reading:
    """What was learned at one reading: the values of the steps since the last one."""

    state: State
    first: int
    losses: list[float]
    ces: list[float]
    steps_per_s: float


Step = Callable[[], tuple[Tensor, Tensor]]


def train(
    model: nn.Module,
    one_step: Step,
    stage: Stage,
    path: Path,
    heard: Callable[[Reading], None],
    stop: Callable[[], bool],
) -> State:
    """Trains the model in place; `one_step` gives a loss and its cross-entropy. What a file at `path` holds is gone
    on from. A state that has not ended was stopped."""
    optimizer = torch.optim.Adam(model.parameters(), lr=stage.learning_rate, fused=True)
    state = State(**(load(path, model, optimizer) or {}))
    device = next(model.parameters()).device
    model.train()
    saved, saving, asked = time.monotonic(), 0.0, time.monotonic()
    stopped = stop()
    while not state.ended and not stopped:
        began, values = time.perf_counter(), []
        first, until = state.step, _next_reading(state, stage)
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            while state.step < until and not stopped:
                torch.manual_seed(_seed(stage, state.step))
                values.append(_update(optimizer, one_step))
                state.step += 1
                if time.monotonic() - asked > STOP_EVERY_S:
                    stopped, asked = stop(), time.monotonic()
        losses, ces = torch.stack(values).T.tolist()
        _judge(state, stage, ces)
        spent = time.perf_counter() - began
        state.seconds += spent
        heard(Reading(state, first, losses, ces, len(ces) / spent))
        now = time.monotonic()
        if stopped or state.ended or now - saved > max(SAVE_EVERY_S, saving / SAVING_SHARE):
            save(path, model, None if state.ended else optimizer, vars(state))
            saved = time.monotonic()
            saving = saved - now
    model.eval()
    return state


def _next_reading(state: State, stage: Stage) -> int:
    """The step after which losses are read: soon, and not after patience may have run out."""
    return min(stage.steps, state.step + min(READ_EVERY, stage.patience - state.waited))


def _update(optimizer: torch.optim.Optimizer, one_step: Step) -> Tensor:
    optimizer.zero_grad(set_to_none=True)
    loss, ce = one_step()
    loss.backward()
    optimizer.step()
    return torch.stack([loss.detach(), ce.detach()])


def _judge(state: State, stage: Stage, ces: list[float]) -> None:
    """Step by step, as if each had been read alone."""
    for ce in ces:
        state.best, state.waited = (ce, 0) if ce < state.best else (state.best, state.waited + 1)
    state.ended = state.waited >= stage.patience or state.step >= stage.steps


def _seed(stage: Stage, step: int) -> int:
    """The same on every machine and in every process."""
    return random.Random(f"{stage.name} {stage.seed} {step}").getrandbits(62)
