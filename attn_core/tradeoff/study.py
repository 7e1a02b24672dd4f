"""A study: batch after batch of the points that are worth their time, until none is or the time is up. Anytime: each
row is valid alone, and what is missing can be measured another time.

A batch is some points of one length. They are timed together by a sweep of their own, and what could be timed is then
compared with exact attention. The first batches of a length are its spread; the others are where its front is
uncertain. Beside each batch after the first runs a point that is known already: if that takes another time than it
did, the machine is not what it was, and the batch is timed once more, or its rows say so. A row is never changed, so
no point is timed again for a narrower interval.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attn_core import environment
from attn_core.timing.events import Event, Progress, RowReady, Started
from attn_core.timing.row import TIMED, Row
from attn_core.timing.sweep import run_sweep
from attn_core.tradeoff.agenda import Agenda
from attn_core.tradeoff.drift import Drift
from attn_core.tradeoff.fidelity import measure_fidelity
from attn_core.tradeoff.judged import of_grid
from attn_core.tradeoff.plan import Known, Point, grid, overhead
from attn_core.tradeoff.spec import StudySpec
from attn_core.tradeoff.study_events import Ended, FidelityReady, StudyEvent, Why

# What is running at the limit may end within this.
GRACE_S = 4.0
# Errors come after all times of a batch, and rows with them: two minutes at most, and so that on a machine three times
# as slow as expected the first ones still come within the limit.
LONGEST_BATCH_S, MOST_OF_THE_TIME = 120.0, 1 / 3
# What is measured for its known quality alone, before what the front hangs on.
BESIDES = 0.1
# How far a forecast is corrected by how the last one went.
PACE = (0.2, 10.0)

Finished = Mapping[str, Iterable[Mapping[str, Any]]]
Now = Callable[[], float]


@dataclass(frozen=True)
class Measuring:
    """Who measures: the timing part and the comparisons, or a replay of what they once found."""

    sweep: Callable[..., None] = run_sweep
    compare: Callable[..., None] = measure_fidelity
    now: Now = time.monotonic


def run_study(
    spec: StudySpec,
    *,
    finished: Finished | None = None,
    emit: Callable[[StudyEvent], None],
    stop: Callable[[], bool] = lambda: False,
    measuring: Measuring | None = None,
    judged: Mapping[str, int] | None = None,
) -> Ended:
    """Measure what the rows in `finished` (those of the kinds cell and fidelity) do not have. The limit counts from
    now, and what runs when it is over is given a few seconds to end. `judged` has the labels whose quality is known,
    and at which length: the quickest of them in the grid come after the spreads, the others last."""
    with TemporaryDirectory(prefix="attn-core-draws-") as draws:
        known = Known.of(spec, finished or {})
        study = _Study(
            spec, known, emit, stop, measuring or Measuring(), Path(draws), judged or {}
        )
        ended = study.run()
    emit(ended)
    return ended


class _Study:
    def __init__(
        self,
        spec: StudySpec,
        known: Known,
        emit: Callable[[StudyEvent], None],
        stop: Callable[[], bool],
        measuring: Measuring,
        draws: Path,
        judged: Mapping[str, int],
    ) -> None:
        self.spec, self.known, self.emit, self.asked = spec, known, emit, stop
        self.measuring, self.now, self.draws = measuring, measuring.now, draws
        self.points = grid(spec, environment.describe())
        share = BESIDES * (spec.limit_s or float("inf"))
        self.agenda = Agenda(
            spec.lengths, self.points, known, *of_grid(judged, self.points, share)
        )
        self.began, self.pace, self.started = self.now(), 1.0, False
        self.drawn: set[int] = set()

    def run(self) -> Ended:
        for length in self.spec.lengths:
            if left := self.known.uncompared(self.agenda.at(length)):
                self.compare(left)
        while not self.stop():
            batches = list(self.agenda.batches())
            fitting = next(filter(None, map(self.fitting, batches)), None)
            if not fitting:
                return self.ended("limit" if self.agenda.open() else "settled")
            self.measure(fitting)
        return self.ended("stopped" if self.asked() else "limit")

    def stop(self) -> bool:
        return self.asked() or self.left() <= -GRACE_S

    def left(self) -> float:
        """Seconds until the limit."""
        if self.spec.limit_s is None:
            return float("inf")
        return self.began + self.spec.limit_s - self.now()

    def fitting(self, batch: Sequence[Point]) -> list[Point]:
        """As many of them as are expected to be done in time, and none too long before what is known has its errors;
        the first ones first. What takes too long for a batch has one of its own."""
        least = self.pace * self.overhead(batch[0].length)
        most = min(LONGEST_BATCH_S, MOST_OF_THE_TIME * (self.spec.limit_s or float("inf")))
        took, found = least, list[Point]()
        for point in batch:
            needed = took + self.pace * point.seconds
            if needed > self.left() or (found and needed > most):
                continue
            took = needed
            found.append(point)
        return found

    def overhead(self, length: int) -> float:
        return overhead(self.spec, length, length in self.drawn)

    def measure(self, batch: Sequence[Point]) -> None:
        expected = sum(point.seconds for point in batch) + self.overhead(batch[0].length)
        began = self.now()
        rows, drift = self.time(batch)
        took = self.now() - began
        if drift.far and not self.stop() and self.left() > 2 * took:
            again, second = self.time(batch)
            if len(again) >= len(rows) and second.size < drift.size:
                rows, drift = again, second
        for event in rows:
            self.keep(replace(event, row=drift.said(event.row)))
        timed = [p for p in batch if self.known.cells.get(p.key, {}).get("outcome") in TIMED]
        if timed and not self.stop():
            self.compare(timed)
        self.pace = min(max((self.now() - began) / expected, PACE[0]), PACE[1])

    def time(self, batch: Sequence[Point]) -> tuple[list[RowReady], Drift]:
        """The rows of a batch, and how the point that ran beside it did."""
        anchor = self.agenda.anchor(batch[0].length)
        choices = [point.choice for point in batch] + ([anchor.choice] if anchor else [])
        rows: list[RowReady] = []
        drift = Drift()

        def hear(event: Event) -> None:
            nonlocal drift
            if not isinstance(event, RowReady):
                self.hear(event)
            elif anchor is not None and (event.kind, event.key) == ("cell", anchor.key):
                drift = Drift.of(self.known.cells[anchor.key], event.row)
            else:
                rows.append(event)

        sweep = self.spec.sweep(tuple(choices), batch[0].length)
        self.measuring.sweep(sweep, emit=hear, stop=self.stop)
        return rows, drift

    def keep(self, event: RowReady) -> None:
        if event.kind == "cell":
            self.known.cells[event.key] = event.row
        self.emit(event)

    def compare(self, points: Sequence[Point]) -> None:
        """All of one length."""

        def keep_fidelity(key: str, row: Row) -> None:
            self.known.fidelity[key] = row
            self.emit(FidelityReady(key, row))

        self.measuring.compare(
            self.spec,
            points[0].length,
            [point.choice for point in points],
            finished=self.known.fidelity,
            emit=keep_fidelity,
            stop=self.stop,
            doing=self.progress,
            draws=self.draws,
        )
        self.drawn.add(points[0].length)

    def hear(self, event: Started | Progress) -> None:
        """What the sweep of a batch says, as it is said of the whole study."""
        if isinstance(event, Progress):
            self.progress(event.cell)
        elif not self.started:
            self.started = True
            self.emit(replace(event, total=len(self.points)))

    def progress(self, doing: str) -> None:
        self.emit(Progress(self.measured(), len(self.points), doing, self.seconds_left()))

    def measured(self) -> int:
        keys = {point.key for point in self.points}
        return len(keys & self.known.cells.keys())

    def seconds_left(self) -> float:
        """Until the limit at most; no longer than all that is not measured would take."""
        missing = [point for point in self.points if point.key not in self.known.cells]
        return max(0.0, min(self.left(), self.pace * sum(point.seconds for point in missing)))

    def ended(self, why: Why) -> Ended:
        measured = self.measured()
        return Ended(why, measured, len(self.agenda.open()), len(self.points) - measured)
