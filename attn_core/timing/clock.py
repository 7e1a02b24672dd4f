"""One honest clock: everything that is compared runs in the same process, in turn, in the order A B B A.

A machine that slows down for a while then slows all of them, and ratios taken round by round do not see it. Each
contender first runs until it is no longer getting faster, then takes part until its median is known well enough
or its time is used up. Every sample is kept. One sample of a very short call is the mean of several in a row.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import NamedTuple

from attn_core.timing.statistics import Samples, enough, summary

# A turn lasts at least this long, so that reading the clock and switching over weigh nothing.
TURN_S, MOST_CALLS = 0.005, 1000
# Calls shorter than this still feel what the one before left in the caches: they get a call of their own first.
LEAD_IN_S = 0.02
WARM_UPS, STILL_FASTER, WARM_UP_SHARE = 2, 0.05, 0.2
LEAST, LEAST_OF_LONG, LONG_SHARE = 5, 3, 0.2


class Reading(NamedTuple):
    """Seconds of one call: on the device, and as the host sees it."""

    seconds: float
    wall: float


@dataclass(frozen=True)
class Contender:
    """One thing to time. What `prepare` does is never part of the time; `seconds` is a budget of its own."""

    name: str
    prepare: Callable[[], None] | None
    run: Callable[[], None]
    seconds: float | None = None


Timer = Callable[[Contender, int], Reading]
Now = Callable[[], float]


def wall_clock(contender: Contender, calls: int, now: Now = time.perf_counter) -> Reading:
    """Mean seconds of that many calls in a row, preparation left out."""
    total = 0.0
    for _ in range(calls):
        if contender.prepare is not None:
            contender.prepare()
        start = now()
        contender.run()
        total += now() - start
    return Reading(total / calls, total / calls)


@contextmanager
def no_collection() -> Iterator[None]:
    """The garbage collector would bill one contender for another's litter."""
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass
class _Runner:
    """A contender on its way: its samples, the time it has taken, and whether it still takes part."""

    contender: Contender
    seconds: float
    values: list[float] = field(default_factory=list)
    walls: list[float] = field(default_factory=list)
    rounds: list[int] = field(default_factory=list)
    call_s: float = 0.0
    spent: float = 0.0
    running: bool = True
    converged: bool = False
    problem: Exception | None = None

    def samples(self) -> Samples:
        return Samples(self.values, self.rounds, self.converged, self.walls, self.problem)

    def calls(self, turn_s: float) -> int:
        return max(1, min(MOST_CALLS, math.ceil(turn_s / self.call_s))) if self.call_s else 1

    def used_up(self) -> bool:
        """A call that takes a large share of the time, as it went so far, is sampled less often."""
        if self.spent < self.seconds:
            return False
        long = max(self.call_s, median(self.values)) > self.seconds * LONG_SHARE
        return len(self.values) >= (LEAST_OF_LONG if long else LEAST)

    def precise(self, precision: float) -> bool:
        """Only after an even number of rounds: it was then first as often as last."""
        count = len(self.values)
        even = count % 2 == 0 and count > LEAST and enough(count)
        return even and summary(self.values).half_width <= precision


def measure(
    contenders: Sequence[Contender],
    *,
    seconds: float,
    precision: float,
    now: Now = time.perf_counter,
    timer: Timer | None = None,
    stop: Callable[[], bool] = lambda: False,
    retired: Callable[[int, Samples], None] = lambda index, samples: None,
    turn_s: float = TURN_S,
) -> list[Samples]:
    """Samples of every contender, in their order; `retired` hears of each as it is done. A contender that raises
    is out, with what it raised; the others go on."""
    timer = timer or partial(wall_clock, now=now)
    runners = [_Runner(one, one.seconds or seconds) for one in contenders]
    with no_collection():
        for index, runner in enumerate(runners):
            _guarded(runner, lambda mine=runner: _warm_up(mine, timer, now, stop))
            if not runner.running:
                retired(index, runner.samples())
        _rounds(
            runners, precision, partial(_turn, timer=timer, now=now, turn_s=turn_s), stop, retired
        )
    return [runner.samples() for runner in runners]


def _rounds(
    runners: list[_Runner],
    precision: float,
    turn: Callable[[_Runner, int], None],
    stop: Callable[[], bool],
    retired: Callable[[int, Samples], None],
) -> None:
    number = 0
    while any(runner.running for runner in runners):
        order = [pair for pair in enumerate(runners) if pair[1].running]
        for _, runner in order if number % 2 == 0 else order[::-1]:
            if stop():
                return
            _guarded(runner, lambda mine=runner, at=number: turn(mine, at))
        number += 1
        for index, runner in order:
            runner.converged = runner.problem is None and runner.precise(precision)
            runner.running &= not runner.converged and not runner.used_up()
            if not runner.running:
                retired(index, runner.samples())


def _turn(runner: _Runner, number: int, timer: Timer, now: Now, turn_s: float) -> None:
    began = now()
    if turn_s and runner.call_s < LEAD_IN_S:
        timer(runner.contender, 1)
    seconds, wall = timer(runner.contender, runner.calls(turn_s))
    runner.spent += now() - began
    runner.values.append(seconds)
    runner.walls.append(wall)
    runner.rounds.append(number)


def _warm_up(runner: _Runner, timer: Timer, now: Now, stop: Callable[[], bool]) -> None:
    """Until a run is not clearly faster than the best before it; a call longer than the whole budget runs once."""
    best, began, runs = math.inf, now(), 0
    while not stop():
        wall = timer(runner.contender, 1).wall
        runs, stable, best = runs + 1, wall >= best * (1 - STILL_FASTER), min(best, wall)
        runner.call_s = best
        if best > runner.seconds or (runs >= WARM_UPS and stable):
            return
        if runs >= WARM_UPS and now() - began > runner.seconds * WARM_UP_SHARE:
            return


def _guarded(runner: _Runner, work: Callable[[], None]) -> None:
    """Run it; a contender that raises takes no further part."""
    try:
        work()
    except (RuntimeError, ValueError, MemoryError) as problem:
        # Without its traceback, whose frames would keep the failed call's tensors alive.
        runner.problem, runner.running = problem.with_traceback(None), False
