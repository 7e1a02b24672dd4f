"""What Figure Z runs say of a method: how well a translator made of it does, and what the whole model costs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from attn_core.methods import METHODS
from attn_core.timing.checks import Checks
from attn_core.timing.row import Row
from attn_core.timing.spec import Choice
from attn_core.tradeoff.axes import QUALITY
from attn_core.tradeoff.stored import StoredRun

Student = Literal["distilled", "drop-in"]
# Of an exact method with no student of its own, the teacher is what both kinds would be.
PREFERENCE: Mapping[Student, tuple[str, ...]] = {
    "distilled": ("distilled", "teacher"),
    "drop-in": ("drop-in", "teacher"),
}
COSTS = {"forward_s": "time_s", "peak_bytes": "memory_bytes"}
MEASURED = {"token_accuracy", "bleu", "agreement_accuracy", "generalization"}
# Where a metric is stored in percent points, as sacrebleu gives it, it stays so.
CHECKS = Checks("tradeoff")
Interval = tuple[float, float, float]


@dataclass
class Model:
    """One method of a run at one length; `values` by axis: value, low, high."""

    run: StoredRun
    label: str
    length: int
    choice: Choice | None
    student: str = ""
    outcome: str = "ok"
    message: str = ""
    values: dict[str, Interval] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """Which student of which run the quality is of."""
        return (
            f"{self.student} {self.label} of run {self.run.run_id}, N = {self.length:,}"
            if self.student
            else ""
        )


def models(run: StoredRun, student: Student = "distilled") -> list[Model]:
    """One for each method and length of a Figure Z run. Values of several seeds are their mean, with the widest
    interval. Controls are no choices, and what others published was not measured: both are left out."""
    choices = _choices(run)
    controlled = run.settings.get("protocol") == "controlled"
    rows = [row for row in run.cells if row["student"] not in ("identity", "published")]
    groups: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["method"], row["length"]), []).append(row)
    found = []
    for (label, length), mine in groups.items():
        model = Model(run, label, length, choices.get(label))
        for metric, axis in COSTS.items():
            _take(model, axis, [row for row in mine if row["metric"] == metric])
        kinds = {row["student"] for row in mine}
        model.student = next((one for one in PREFERENCE[student] if one in kinds), "")
        own = [row for row in mine if row["student"] == model.student]
        for axis in QUALITY:
            # The article's generalization is a ratio of errors, where less is better: another quantity.
            if axis != "generalization" or controlled:
                _take(model, axis, [row for row in own if row["metric"] == axis])
        failed = [row for row in mine if row["outcome"] != "ok"]
        if not model.values and failed:
            model.outcome, model.message = failed[0]["outcome"], failed[0]["message"]
        if model.values or failed:
            found.append(model)
    return found


def by_label(runs: Iterable[StoredRun], student: Student) -> dict[str, list[Model]]:
    """Models that may lend their quality to points of the same method and parameters, the newest run first; runs come
    oldest first. Those of the article's protocol may not: their input is noise, so nothing is translated."""
    found: dict[str, list[Model]] = {}
    for run in reversed(list(runs)):
        if run.kind == "figure-z" and run.settings.get("protocol") == "controlled":
            for model in models(run, student):
                if model.student and MEASURED & set(model.values):
                    found.setdefault(model.label, []).append(model)
    # They compute the same function: what was trained with one of them is as good with the others.
    names = [name for name, method in METHODS.items() if method.family == "exact"]
    exact = [model for name in names for model in found.get(name, ())]
    return found | {name: exact for name in names if exact and name not in found}


def lent(known: Mapping[str, Sequence[Model]], length: int) -> dict[str, Model]:
    """What models lend to points of this length, the newest of each label: all judged at one length, for a quality at
    another is not comparable. It is `length` itself where any was judged there, else that at which most labels were;
    of several the nearest."""
    judged = Counter(n for found in known.values() for n in {one.length for one in found})
    if not judged:
        return {}
    at = min(judged, key=lambda n: (n != length, -judged[n], abs(math.log(n / length)), n))
    newest = {label: [one for one in found if one.length == at] for label, found in known.items()}
    return {label: found[0] for label, found in newest.items() if found}


def _take(model: Model, axis: str, rows: Sequence[Row]) -> None:
    """The mean over seeds with the outermost ends of their intervals."""
    rows = [row for row in rows if row["value"] is not None]
    if not rows:
        return
    value = math.fsum(row["value"] for row in rows) / len(rows)
    lows = [row["value"] if row["low"] is None else row["low"] for row in rows]
    highs = [row["value"] if row["high"] is None else row["high"] for row in rows]
    model.values[axis] = (value, min(value, *lows), max(value, *highs))


def _choices(run: StoredRun) -> dict[str, Choice]:
    """The methods of a run under the labels that its rows have. The exact teacher comes by itself."""
    entries: list[Any] = ["softmax", "flash", *run.settings.get("methods", [])]
    found = {}
    for entry in entries:
        try:
            choice = Choice.read(entry, CHECKS)
        except ValueError:  # a parameter of another version: its points stay without one
            continue
        found[choice.label] = choice
    return found
