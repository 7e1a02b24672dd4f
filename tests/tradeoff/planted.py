"""Stands in for what measures: rows made from planted numbers at once, on a clock that moves as they would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attn_core.timing.events import Progress, RowReady, Started
from attn_core.timing.spec import Choice, SweepSpec
from attn_core.tradeoff.fidelity_rows import fidelity_key, lost_row
from attn_core.tradeoff.spec import StudySpec
from attn_core.tradeoff.study import Measuring
from tests.dashboard.planted import a_row
from tests.stored_runs import LAPTOP, facts, steady

SMALL = StudySpec(
    methods=("softmax", "flash", "linformer", "longformer"),
    lengths=(256, 512),
    sources=("synthetic local", "teacher layer 1"),
    draws=2,
)


class PlantedMeasuring:
    """Each cell takes `cell_s` on the clock. `slow` lists how much slower the machine is, sweep by sweep."""

    def __init__(self, cell_s: float = 1.0, slow: tuple[float, ...] = ()) -> None:
        self.cell_s, self.slow, self.time = cell_s, list(slow), 0.0
        self.timed: list[str] = []
        self.compared: list[str] = []
        self.folders: list[Path] = []
        self.sweeps = 0

    def measuring(self) -> Measuring:
        return Measuring(self.sweep, self.compare, lambda: self.time)

    def sweep(self, spec: SweepSpec, *, emit: Any, stop: Any, finished: Any = ()) -> None:
        emit(Started(facts(LAPTOP), len(spec.cells)))
        factor = self.slow[self.sweeps] if self.sweeps < len(self.slow) else 1.0
        self.sweeps += 1
        for done, cell in enumerate(spec.cells):
            if stop():
                return
            self.timed.append(cell.key)
            self.time += self.cell_s
            emit(Progress(done, len(spec.cells), cell.key, 1.0))
            row = steady(a_row(spec, cell))
            times = ("median_s", "p20_s", "p80_s", "ci_low_s", "ci_high_s")
            row |= {name: row[name] * factor for name in times if row[name] is not None}
            row["samples"] = [sample * factor for sample in row["samples"]]
            emit(RowReady("cell", cell.key, row))

    def compare(
        self, spec: StudySpec, length: int, choices: list[Choice], *, finished: Any, emit: Any, stop: Any, doing: Any,
        draws: Path,
    ) -> None:  # fmt: skip
        assert draws.is_dir()
        self.folders.append(draws)
        for choice in choices:
            for source in spec.sources:
                key = fidelity_key(choice.label, length, source)
                if key not in finished and not stop():
                    self.compared.append(key)
                    emit(key, compared_row(spec, length, choice, source))


def compared_row(spec: StudySpec, length: int, choice: Choice, source: str) -> dict[str, Any]:
    row = lost_row(spec, length, choice, source, "ok", "")
    budget = choice.definition.budget
    error = 1e-7 if budget is None else 1.0 / (2 + choice.params[budget.name])
    for metric, value in (("output_error", error), ("top_k_recall", 0.5)):
        row |= {metric: value, f"{metric}_low": value * 0.9, f"{metric}_high": value * 1.1}
    return row
