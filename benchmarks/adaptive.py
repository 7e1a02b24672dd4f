"""Does a study find the front of the full grid, and in which share of its time?

    python -m benchmarks.adaptive --measure 2048 --keep grid.json    measure a whole grid, once
    python -m benchmarks.adaptive grid.json                          replay studies of it

Both sides use the same recorded numbers. A study is given a point's row when it asks for it, and pays what the point
costs by the clock's own rule at the time it was measured to take. A member of the full grid's front counts as found
if the study measured it, or something that is as good within what was measured of the noise.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from attn_core import environment
from attn_core.timing.events import RowReady
from attn_core.timing.preflight import cell_seconds
from attn_core.timing.row import TIMED
from attn_core.timing.spec import Choice, SweepSpec
from attn_core.timing.sweep import run_sweep
from attn_core.tradeoff.fidelity import measure_fidelity
from attn_core.tradeoff.fidelity_rows import fidelity_key
from attn_core.tradeoff.plan import Known, Point, comparing, grid, overhead
from attn_core.tradeoff.sampling import Seen
from attn_core.tradeoff.spec import StudySpec, preset
from attn_core.tradeoff.study import Measuring, run_study
from attn_core.tradeoff.study_events import Ended, FidelityReady

WANTED = 0.40
Rows = dict[str, dict[str, Any]]


class Replay:
    """Gives recorded rows instead of measuring, and keeps the time that it would have taken."""

    def __init__(self, spec: StudySpec, cells: Rows, fidelity: Rows) -> None:
        self.spec, self.cells, self.fidelity = spec, cells, fidelity
        self.seconds = 0.0
        self.asked: list[str] = []
        self.drawn: set[int] = set()

    def measuring(self) -> Measuring:
        return Measuring(self.time, self.compare, lambda: self.seconds)

    def time(self, sweep: SweepSpec, *, emit: Any, stop: Any) -> None:
        self.seconds += overhead(self.spec, sweep.lengths[0], sweep.lengths[0] in self.drawn)
        for cell in sweep.cells:
            self.asked.append(cell.key)
            self.seconds += self.cost(cell.key)
            emit(RowReady("cell", cell.key, self.cells[cell.key]))

    def compare(self, spec: StudySpec, length: int, choices: Any, *, emit: Any, **_: Any) -> None:
        self.drawn.add(length)
        for choice in choices:
            for source in spec.sources:
                key = fidelity_key(choice.label, length, source)
                if key in self.fidelity:
                    emit(key, self.fidelity[key])

    def cost(self, key: str) -> float:
        """Seconds of one point: its probe, its samples, its comparisons."""
        row = self.cells[key]
        call = row["median_s"] if row["outcome"] in TIMED else 0.0
        sweep = self.spec.sweep((Choice(row["method"], row["params"]),), row["queries"])
        return cell_seconds(sweep, call) + comparing(self.spec, call, row["queries"])


def whole_grid(spec: StudySpec, points: Sequence[Point], replay: Replay) -> float:
    """What all points cost, those of a length in one go."""
    return sum(overhead(spec, n) for n in spec.lengths) + sum(replay.cost(p.key) for p in points)


def front(seen: dict[str, Seen], source: str) -> set[str]:
    """The names that nothing beats by the values themselves."""
    found, best = set[str](), float("inf")
    by_time = sorted(
        (one.time.value, one.errors[source].value, name)
        for name, one in seen.items()
        if source in one.errors
    )
    for _, error, name in by_time:
        if error < best:
            found.add(name)
            best = error
    return found


def as_good(one: Seen, other: Seen, source: str) -> bool:
    """Whether `one` may be at least as good as `other`, as far as both are known."""
    quicker = one.time.low <= other.time.high
    return quicker and one.errors[source].low <= other.errors[source].high


def compared(spec: StudySpec, cells: Rows, fidelity: Rows) -> bool:
    """Print one replay; whether it is as good as wanted."""
    points = grid(spec, environment.describe())
    replay = Replay(spec, cells, fidelity)
    found = Known(spec)

    def emit(event: Any) -> None:
        if isinstance(event, RowReady):
            found.cells[event.key] = event.row
        elif isinstance(event, FidelityReady):
            found.fidelity[event.key] = event.row
        elif isinstance(event, Ended):
            print(f"  {event}")

    run_study(spec, emit=emit, measuring=replay.measuring())
    share = replay.seconds / whole_grid(spec, points, replay)
    print(
        f"  {share:.0%} of the whole grid's {whole_grid(spec, points, replay):.0f} s (wanted: at most {WANTED:.0%})"
    )
    missed = 0
    for length in spec.lengths:
        here = [point for point in points if point.length == length]
        everything = Known(spec, cells, fidelity).seen(here)
        adaptive = found.seen(here)
        for source in spec.sources:
            members = front(everything, source)
            held = [m for m in members if m in adaptive]
            lost = [
                m
                for m in members - adaptive.keys()
                if not any(
                    as_good(one, everything[m], source)
                    for one in adaptive.values()
                    if source in one.errors
                )
            ]
            missed += len(lost)
            print(
                f"  {source} @ {length:,}: {len(members)} on the front, {len(held)} measured, "
                f"{len(members) - len(held) - len(lost)} matched within noise, "
                f"missed: {', '.join(sorted(lost)) or 'none'}"
            )
    return share <= WANTED and not missed


def measured(spec: StudySpec) -> dict[str, Any]:
    """A whole grid: all choices of a length side by side."""
    cells, fidelity = Rows(), Rows()

    def emit(event: Any) -> None:
        if isinstance(event, RowReady) and event.kind == "cell":
            cells[event.key] = {**event.row, "samples": []}

    for length in spec.lengths:
        choices = tuple(
            choice for method in spec.methods for choice in spec.ladder(method, length)
        )
        run_sweep(spec.sweep(choices, length), emit=emit)
        timed = [c for c in choices if cells[f"{c.label} @ {length}"]["outcome"] in TIMED]
        measure_fidelity(
            spec, length, timed, finished=(), emit=fidelity.__setitem__, stop=lambda: False
        )
    return {"settings": spec.to_json(), "cells": cells, "fidelity": fidelity}


def main() -> None:
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    reader.add_argument("files", nargs="*", type=Path)
    reader.add_argument("--measure", type=int, nargs="*", default=[])
    reader.add_argument("--keep", type=Path)
    reader.add_argument(
        "--orders",
        type=int,
        default=1,
        help="replays of each, with times shaken by their own noise",
    )
    options = reader.parse_args()
    grids = [json.loads(path.read_text()) for path in options.files]
    if options.measure:
        grids.append(measured(preset("60s", lengths=tuple(options.measure), limit_s=None)))
        if options.keep:
            options.keep.write_text(json.dumps(grids[-1]))
    good = True
    for one in grids:
        spec = replace(StudySpec.from_json(one["settings"]), limit_s=None)
        print(f"lengths {', '.join(map(str, spec.lengths))}, {len(one['cells'])} points")
        for order in range(options.orders):
            good &= compared(spec, shaken(one["cells"], order), one["fidelity"])
    raise SystemExit(0 if good else 1)


def shaken(cells: Rows, order: int) -> Rows:
    """The first time as it is; then every time somewhere within its interval."""
    if not order:
        return cells
    draws = random.Random(order)
    found = Rows()
    for key, row in cells.items():
        low, high = row["ci_low_s"], row["ci_high_s"]
        if row["median_s"] is None or low is None or high is None:
            found[key] = row
        else:
            found[key] = {**row, "median_s": draws.uniform(low, high)}
    return found


if __name__ == "__main__":
    main()
