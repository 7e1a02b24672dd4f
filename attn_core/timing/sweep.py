"""A sweep: every method at every length, length by length; a cell that fails is a row like any other.

At one length each cell is first called once in a process of its own, which gives its memory and shows whether it
runs at all. Those that do are then timed together, in one more process. If that is killed, each is timed alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from attn_core import environment
from attn_core.timing import reporting
from attn_core.timing.eta import Eta
from attn_core.timing.events import Event, Progress, RowReady, Started
from attn_core.timing.group import Kind, Measured, time_group
from attn_core.timing.memory import Probe, peak
from attn_core.timing.preflight import PlannedCell, plan
from attn_core.timing.process import Alive, End, run_child
from attn_core.timing.roofline import Rate
from attn_core.timing.row import Row, empty_row
from attn_core.timing.spec import Cell, SweepSpec
from attn_core.timing.workload import use_threads

__all__ = ["Event", "Progress", "RowReady", "Started", "run_sweep"]


def run_sweep(
    spec: SweepSpec,
    *,
    finished: Collection[str] = (),
    emit: Callable[[Event], None],
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Measure every cell whose key is not in `finished`, and `emit` what is found. After `stop` says so, nothing
    more is emitted: what is missing can be measured another time."""
    facts: list[dict[str, Any]] = []
    end = run_child(_describe, spec.threads, name="describe", receive=facts.append, stop=stop)
    if end.outcome == "cancelled":
        return
    if not facts:
        raise RuntimeError(f"no process could be started to measure in: {end.message}")
    emit(Started(facts[0], len(spec.cells)))
    _Sweep(spec, facts[0]["id"], finished, emit, stop).run()


def _describe(send: Callable[[Any], None], threads: int | None) -> None:
    """The environment as the measuring children have it, with their number of threads."""
    use_threads(threads)
    found = environment.describe()
    send(asdict(found) | {"id": found.id, "line": found.line})


class _Sweep:
    """One run of `run_sweep`."""

    def __init__(
        self,
        spec: SweepSpec,
        environment_id: str,
        finished: Collection[str],
        emit: Callable[[Event], None],
        stop: Callable[[], bool],
    ) -> None:
        self.spec, self.environment_id, self.tell, self.stop = spec, environment_id, emit, stop
        cells = plan(spec, environment.describe()).cells
        self.todo = [one for one in cells if one.cell.key not in finished]
        self.eta = Eta({one.cell.key: one.seconds for one in self.todo}, len(cells))
        # Label and length of cells that were too slow: longer ones are too.
        self.too_slow: dict[str, int] = {}

    def run(self) -> None:
        for _, group in groupby(self.todo, key=lambda one: one.cell.queries):
            if self.stop():
                return
            probed = list(self.probed(list(group)))
            if probed and not self.stop():
                self.timed(probed)

    def probed(self, group: Sequence[PlannedCell]) -> Iterator[tuple[Cell, Probe]]:
        """Cells that ran once; the rows of those that cannot are emitted here."""
        for one in group:
            if self.stop():
                return
            self.progress(one.cell.key)
            probe = self.probe(one)
            if probe.outcome == "ok":
                yield one.cell, probe
            elif probe.outcome != "cancelled":
                self.cell_done(
                    one.cell, empty_row(self.spec, one.cell, probe.outcome, probe.message)
                )

    def probe(self, one: PlannedCell) -> Probe:
        label = one.cell.choice.label
        if not one.runs:
            return Probe(one.outcome, message=one.why)
        if label in self.too_slow:
            shorter = self.too_slow[label]
            return Probe("timeout", message=f"not tried: too slow at {shorter:,} already")
        probe = peak(self.spec, one.cell, self.stop)
        if probe.outcome == "timeout":
            self.too_slow[label] = one.cell.queries
        return probe

    def timed(self, probed: Sequence[tuple[Cell, Probe]]) -> None:
        """All together; what a killed child leaves behind, alone."""
        group = _Group(self, probed)
        group.run([cell for cell, _ in probed])
        for cell in group.missing:
            if self.stop():
                return
            end = group.run([cell])
            if cell in group.missing and end.outcome not in (None, "cancelled"):
                self.cell_done(cell, empty_row(self.spec, cell, end.outcome, end.message))

    def cell_done(self, cell: Cell, row: Row) -> None:
        self.row("cell", cell.key, row)
        self.eta.done(cell.key)
        self.progress(cell.key)

    def row(self, kind: Kind, key: str, row: Row) -> None:
        self.tell(RowReady(kind, key, row | {"environment_id": self.environment_id}))

    def progress(self, doing: str) -> None:
        self.tell(Progress(self.eta.finished, self.eta.total, doing, self.eta.seconds_left()))


class _Group:
    """The cells of one length on their way from the timing child to rows."""

    def __init__(self, sweep: _Sweep, probed: Sequence[tuple[Cell, Probe]]) -> None:
        self.sweep, self.cells = sweep, [cell for cell, _ in probed]
        self.probes = {cell.key: probe for cell, probe in probed}
        # The quickest is timed twice: a null costs what one more of it costs.
        self.twin = min(self.cells, key=lambda cell: self.probes[cell.key].first_s or 0.0)
        self.length = self.twin.queries
        self.rates: dict[str, Row] = {}
        self.waiting: list[Measured] = []
        self.first: Measured | None = None
        self.null: Measured | None = None
        self.reported: set[str] = set()

    @property
    def missing(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.key not in self.reported]

    def run(self, cells: list[Cell]) -> End:
        """Time these in one child. Cells wait for the rates, which carry their floors."""
        # A null and its twin count as a pair only if they ran side by side.
        self.first = self.null = None
        end = run_child(
            time_group,
            self.sweep.spec,
            cells,
            self.twin if len(cells) == len(self.cells) else None,
            name=f"timing {self.length}",
            receive=self.receive,
            stop=self.sweep.stop,
        )
        if end.outcome != "cancelled":
            # If the child was lost before its rates were known, what it measured is still worth having.
            self.flush()
        return end

    def receive(self, message: Any) -> None:
        if isinstance(message, Alive):
            self.sweep.progress(f"{message.doing} @ {self.length}")
        elif isinstance(message, Measured):
            self.sort(message)
            if len(self.rates) == 2:
                self.flush()

    def sort(self, found: Measured) -> None:
        if found.kind == "gemm" or found.kind == "copy":
            self.rate(found.kind, found)
        elif found.kind == "null":
            self.null = found
        else:
            self.waiting.append(found)
            if found.cell == self.twin:
                self.first = found

    def rate(self, kind: Rate, found: Measured) -> None:
        """Emitted once a length, the first time it is known."""
        if kind not in self.rates:
            row = reporting.rate_row(self.sweep.spec, self.twin, kind, found)
            self.rates[kind] = row
            self.sweep.row(kind, f"{kind} @ {self.length}", row)

    def flush(self) -> None:
        spec, rates = self.sweep.spec, reporting.rates_of(self.rates)
        for found in self.waiting:
            if found.cell is not None and found.cell.key not in self.reported:
                self.reported.add(found.cell.key)
                probe = self.probes[found.cell.key]
                row = reporting.cell_row(spec, found.cell, found, probe, rates)
                self.sweep.cell_done(found.cell, row)
        self.waiting.clear()
        self.flush_null()

    def flush_null(self) -> None:
        """Once both of the pair are known, and both were timed."""
        null, first = self.null, self.first
        if null is None or first is None or null.outcome or first.outcome:
            return
        self.null = None
        spec, rates = self.sweep.spec, reporting.rates_of(self.rates)
        row = reporting.cell_row(spec, self.twin, null, self.probes[self.twin.key], rates)
        row = reporting.null_row(row, null.samples, first.samples)
        self.sweep.row("null", f"null @ {self.length}", row)
