"""The child that times all cells of one length together, and tells of each as it is done.

Beside the cells runs one of them a second time, as the null, and the machine's own rates: all in turn, so that a
busy moment is shared by all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import torch

from attn_core.timing import roofline
from attn_core.timing.clock import TURN_S, Contender, Reading, Timer, measure, wall_clock
from attn_core.timing.cuda_clock import DeviceTimer
from attn_core.timing.failures import outcome_of
from attn_core.timing.process import Alive
from attn_core.timing.row import Outcome
from attn_core.timing.spec import Cell, SweepSpec
from attn_core.timing.statistics import Samples
from attn_core.timing.workload import Inputs, backend, build, contender, make_inputs, use_threads

Kind = Literal["cell", "null", "gemm", "copy"]
SETTING_UP_S = 300.0
# A sign of life wakes the parent, which the contenders would feel if it came with every turn.
SIGN_S, SLACK_S = 0.5, 30.0


@dataclass(frozen=True)
class Measured:
    """What one contender of the group came to: samples, or an outcome that is not a time."""

    kind: Kind
    cell: Cell | None
    samples: Samples
    backend: str = ""
    outcome: Outcome | None = None
    message: str = ""


@dataclass(frozen=True)
class _Entry:
    kind: Kind
    cell: Cell | None
    contender: Contender
    backend: str = ""


def time_group(
    send: Callable[[Any], None], spec: SweepSpec, cells: Sequence[Cell], twin: Cell | None
) -> None:
    """The child's work; `twin` is the cell that is timed twice."""
    use_threads(spec.threads)
    send(Alive("setting up", SETTING_UP_S))
    inputs, entries = make_inputs(spec, cells[0]), []
    for cell in cells:
        for kind in ("cell", "null") if cell == twin else ("cell",):
            try:
                entries.append(_entry(kind, spec, cell, inputs))
            except (RuntimeError, ValueError, MemoryError) as problem:
                send(Measured(kind, cell, Samples(), "", *outcome_of(problem)))
    entries += [_Entry(rate, None, roofline.contender(rate, spec)) for rate in roofline.RATES]
    timer = DeviceTimer() if spec.device == "cuda" else wall_clock
    measure(
        [entry.contender for entry in entries],
        seconds=spec.seconds,
        precision=spec.precision,
        timer=partial(_with_signs, _Signs(send, 2 * spec.timeout + SLACK_S), timer),
        retired=lambda index, samples: send(_measured(entries[index], samples)),
        # The device's cache is overwritten before each call, so there is nothing to amortise.
        turn_s=0.0 if spec.device == "cuda" else TURN_S,
    )


def _entry(kind: Kind, spec: SweepSpec, cell: Cell, inputs: Inputs) -> _Entry:
    op = build(spec, cell)
    return _Entry(kind, cell, contender(spec, cell, inputs, op), backend(spec, op, inputs))


def _measured(entry: _Entry, samples: Samples) -> Measured:
    found = Measured(entry.kind, entry.cell, replace(samples, problem=None), entry.backend)
    if samples.problem is None:
        return found
    outcome, message = outcome_of(samples.problem)
    if outcome == "oom":
        _release()
    return replace(found, outcome=outcome, message=message)


def _release() -> None:
    """Hand back what a failed call left cached, for the others."""
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()


@dataclass
class _Signs:
    """Signs of life, now and then."""

    send: Callable[[Any], None]
    allowed_s: float
    last: float = 0.0

    def give(self, doing: str) -> None:
        if time.monotonic() - self.last > SIGN_S:
            self.last = time.monotonic()
            self.send(Alive(doing, self.allowed_s))


def _with_signs(signs: _Signs, timer: Timer, one: Contender, calls: int) -> Reading:
    signs.give(one.name)
    return timer(one, calls)
