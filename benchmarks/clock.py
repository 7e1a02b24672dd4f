"""One clock for all contenders: the same process, inputs and threads, in the order A B B A.

A machine that slows down for a second then slows both sides, and ratios are taken pair by pair, so
drift cancels instead of landing on whoever ran second.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Literal

import torch
from torch import Tensor, nn

Pass = Literal["forward", "forward+backward"]
PASSES: tuple[Pass, ...] = ("forward", "forward+backward")


@dataclass(frozen=True)
class Side:
    """One contender: what is called, and the modules whose mode and gradients the clock sets."""

    call: Callable[..., Tensor]
    modules: tuple[nn.Module, ...] = ()


@dataclass(frozen=True)
class Budget:
    """How long one comparison may take: so many turns of all its tasks, fewer when time runs out; and how
    long it may wait beforehand for the machine to be quiet."""

    turns: int = 20
    seconds: float = 30.0
    warm_up: int = 2
    at_least: int = 4
    patience: float = 0.0


@dataclass(frozen=True)
class Summary:
    """A set of samples and the three numbers that are shown of it."""

    samples: list[float]
    median: float
    p20: float
    p80: float


def summarize(samples: list[float]) -> Summary:
    fifths = quantiles(samples, n=5, method="inclusive") if len(samples) > 1 else samples * 4
    return Summary(samples, median(samples), fifths[0], fifths[3])


class Task:
    """One pass of one side over given inputs; what is not the work itself happens in `prepare`."""

    def __init__(self, side: Side, inputs: tuple[Tensor, ...], which: Pass) -> None:
        self.side, self.inputs, self.which = side, inputs, which
        self.grad: Tensor | None = None

    def prepare(self) -> None:
        backward = self.which == "forward+backward"
        for module in self.side.modules:
            module.train(backward)
            module.zero_grad(set_to_none=True)
        for tensor in self.inputs:
            tensor.requires_grad_(backward)
            tensor.grad = None

    def run(self) -> None:
        if self.which == "forward":
            with torch.no_grad():
                self.side.call(*self.inputs)
            return
        out = self.side.call(*self.inputs)
        if self.grad is None:
            self.grad = torch.randn_like(out)
        out.backward(self.grad)


Timer = Callable[[Task], float]


def wall_clock(task: Task) -> float:
    """Seconds of one run, preparation left out."""
    task.prepare()
    start = time.perf_counter()
    task.run()
    return time.perf_counter() - start


@contextmanager
def no_collection() -> Iterator[None]:
    """The garbage collector would bill one side for the other's litter."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def interleave(
    tasks: Sequence[Task],
    budget: Budget,
    timer: Timer = wall_clock,
    now: Callable[[], float] = time.monotonic,
) -> list[list[float]]:
    """Seconds of every task, run in turn, one list a task: A B, then B A, then A B …

    A run that is out of time stops after an even number of turns: each task was first as often as last.
    """
    for task in tasks:
        for _ in range(budget.warm_up):
            timer(task)
    samples: list[list[float]] = [[] for _ in tasks]
    began = now()
    with no_collection():
        for turn in range(budget.turns):
            late = now() - began > budget.seconds
            if late and turn >= budget.at_least and turn % 2 == 0:
                break
            order = list(zip(tasks, samples, strict=True))
            for task, mine in order if turn % 2 == 0 else order[::-1]:
                mine.append(timer(task))
    return samples
