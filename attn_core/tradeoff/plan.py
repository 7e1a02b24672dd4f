"""The grid of a study: every point it may measure, what each is expected to take, and how far what is known goes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from attn_core.environment import Environment
from attn_core.timing.preflight import CHILD_S, call_seconds, plan
from attn_core.timing.roofline import RATE_S, RATES
from attn_core.timing.row import TIMED, Row
from attn_core.timing.spec import Choice
from attn_core.tradeoff.budgets import is_exact
from attn_core.tradeoff.fidelity_rows import fidelity_key
from attn_core.tradeoff.sampling import Interval, Place, Seen
from attn_core.tradeoff.spec import StudySpec

# Of a comparison with exact attention: the method's own calls in a draw, seconds of a sampled row's keys over all
# heads, and of one draw of one source, the first time and from what was kept of it.
CALLS_A_DRAW, ENTRY_S, DRAW_S, KEPT_S = 2.5, 1.2e-7, 0.16, 0.05


@dataclass(frozen=True)
class Point:
    """One choice at one length."""

    choice: Choice
    length: int
    place: Place
    runs: bool
    seconds: float

    @property
    def key(self) -> str:
        return f"{self.choice.label} @ {self.length}"


def grid(spec: StudySpec, environment: Environment) -> list[Point]:
    """All points, by length. Values that stand for something else than their number are lines of their own."""
    found: list[Point] = []
    for length in spec.lengths:
        for method in spec.methods:
            choices = spec.ladder(method, length)
            planned = plan(spec.sweep(choices, length), environment).cells
            for step, (choice, cell) in enumerate(zip(choices, planned, strict=True)):
                line = f"{method}{_apart(choice)} @ {length}"
                place = Place(f"{choice.label} @ {length}", line, step, cell.floor_s)
                call = call_seconds(cell.floor_s)
                seconds = cell.seconds + (comparing(spec, call, length) if cell.runs else 0.0)
                found.append(Point(choice, length, place, cell.runs, seconds))
    return found


def _apart(choice: Choice) -> str:
    budget = choice.definition.budget
    value = None if budget is None else choice.params[budget.name]
    return f" {value}" if budget is not None and value in budget.also else ""


def comparing(spec: StudySpec, call_s: float, length: int) -> float:
    """Seconds of a point's comparisons, if a call of it takes so long."""
    rows = spec.rows * spec.heads * length * ENTRY_S
    return len(spec.sources) * spec.draws * (CALLS_A_DRAW * call_s + rows)


def overhead(spec: StudySpec, length: int, drawn: bool = False) -> float:
    """What a batch takes whatever is in it: its children, the machine's rates, the exact side of every draw. `drawn`
    says whether the length has had a batch before."""
    a_draw = (KEPT_S if drawn else DRAW_S) + spec.rows * spec.heads * length * ENTRY_S
    exact = len(spec.sources) * spec.draws * a_draw
    return 3 * CHILD_S[spec.device] + (len(RATES)) * RATE_S + spec.seconds + exact


@dataclass
class Known:
    """What was measured, as rows by key, whoever measured it."""

    spec: StudySpec
    cells: dict[str, Row] = field(default_factory=dict)
    fidelity: dict[str, Row] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: StudySpec, finished: Mapping[str, Iterable[Mapping[str, Any]]]) -> Known:
        known = cls(spec)
        for row in finished.get("cell", ()):
            known.cells[f"{row['label']} @ {row['queries']}"] = dict(row)
        for row in finished.get("fidelity", ()):
            key = fidelity_key(row["label"], row["queries"], row["source_key"])
            known.fidelity[key] = dict(row)
        return known

    def seen(self, points: Sequence[Point]) -> dict[str, Seen]:
        """By the names of places: those with a time and at least one error. Errors of exact methods are of rounding
        alone: all of them have the least."""
        found: dict[str, Seen] = {}
        exact: list[dict[str, Interval]] = []
        for point in points:
            row = self.cells.get(point.key)
            if row is None or row["outcome"] not in TIMED:
                continue
            errors = {
                source: interval(one, "output_error", "output_error_low", "output_error_high")
                for source in self.spec.sources
                if (one := self._row(point, source)) is not None
                and one["output_error"] is not None
            }
            if is_exact(point.choice, row["queries"], row["keys"], row["role"] == "decoder"):
                exact.append(errors)
            if errors:
                time = interval(row, "median_s", "ci_low_s", "ci_high_s")
                found[point.place.name] = Seen(time, errors)
        for source in self.spec.sources:
            known = [errors for errors in exact if source in errors]
            least = min((errors[source].value for errors in known), default=math.nan)
            for errors in known:
                errors[source] = Interval(least, least, least)
        return found

    def failed(self, points: Sequence[Point]) -> set[str]:
        """Places that were tried and have no time."""
        rows = ((point, self.cells.get(point.key)) for point in points)
        return {p.place.name for p, row in rows if row is not None and row["outcome"] not in TIMED}

    def uncompared(self, points: Sequence[Point]) -> list[Point]:
        """Points that have a time and lack a comparison: a study was stopped between the two."""
        unreachable = {
            (row["queries"], row["source_key"])
            for row in self.fidelity.values()
            if row["outcome"] == "unsupported" and row["method"] == self.spec.methods[0]
        }
        return [
            point
            for point in points
            if self.cells.get(point.key, {}).get("outcome") in TIMED
            and any(
                self._row(point, source) is None and (point.length, source) not in unreachable
                for source in self.spec.sources
            )
        ]

    def _row(self, point: Point, source: str) -> Row | None:
        return self.fidelity.get(fidelity_key(point.choice.label, point.length, source))


def interval(row: Row, value: str, low: str, high: str) -> Interval:
    """An open end is the value itself: few samples leave the interval of a median open."""
    middle = row[value]
    ends = (row[end] for end in (low, high))
    return Interval(
        middle, *(middle if end is None or not math.isfinite(end) else end for end in ends)
    )
