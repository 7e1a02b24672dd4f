"""How close choices come to exact attention at one length, source by source, as rows: in a child that may be lost.

Every draw is another input and another seed of the method. All choices see the same inputs and the same sampled rows.
A row is made once all draws of its source are known: the value is their median, the interval their range.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attn_core.contract import AttentionOp
from attn_core.sources import Source
from attn_core.timing.failures import outcome_of
from attn_core.timing.process import Alive, run_child
from attn_core.timing.row import Outcome, Row
from attn_core.timing.spec import Cell, Choice
from attn_core.timing.workload import check, use_threads
from attn_core.tradeoff.draws import drawn
from attn_core.tradeoff.fidelity_rows import Drawn, fidelity_key, lost_row, row_of
from attn_core.tradeoff.sampled import METRICS, Sampled, Values
from attn_core.tradeoff.spec import StudySpec

# A draw: its input and its exact rows; and how many times longer than one call a comparison may take.
SETTING_UP_S, CALLS = 300.0, 10
SAME_ROWS = 7_919


@dataclass(frozen=True)
class Unreachable:
    """No input of this length comes from the source."""

    source: str
    message: str


def measure_fidelity(
    spec: StudySpec,
    length: int,
    choices: Sequence[Choice],
    *,
    finished: Collection[str],
    emit: Callable[[str, Row], None],
    stop: Callable[[], bool],
    doing: Callable[[str], None] = lambda what: None,
    draws: Path | None = None,
) -> None:
    """Emit the row of every choice on every source whose key is not `finished`. Of a source that cannot be so long
    one row says so. What kills its child is a row too, and the others are tried again without it. In the folder
    `draws` inputs are kept for another time."""
    work = _Work(spec, length, {choice.label: choice for choice in choices}, set(finished), emit)
    while not stop() and (left := work.left()):
        work.doing = ""
        end = run_child(
            _compare_all, spec, length, left, draws, name=f"fidelity {length}",
            receive=lambda message: _receive(work, message, doing), stop=stop,
        )  # fmt: skip
        if end.outcome == "cancelled":
            return
        if end.outcome is not None and not work.lost(left, end.outcome, end.message):
            return


def _receive(work: _Work, message: Any, doing: Callable[[str], None]) -> None:
    if isinstance(message, Alive):
        work.doing = message.doing
        doing(message.doing)
    else:
        work.take(message)


Left = list[tuple[str, list[Choice]]]


class _Work:
    """What is to be compared, and what is known of it so far."""

    def __init__(
        self,
        spec: StudySpec,
        length: int,
        choices: dict[str, Choice],
        finished: set[str],
        emit: Callable[[str, Row], None],
    ) -> None:
        self.spec, self.length, self.choices = spec, length, choices
        self.finished, self.emit, self.doing = finished, emit, ""
        self.unreachable: set[str] = set()
        self.draws: dict[str, list[Drawn]] = {}

    def left(self) -> Left:
        self.draws.clear()
        found: Left = []
        for source in self.spec.sources:
            missing = [
                choice for choice in self.choices.values() if not self.has(source, choice.label)
            ]
            if missing and source not in self.unreachable:
                found.append((source, missing))
        return found

    def has(self, source: str, label: str) -> bool:
        return fidelity_key(label, self.length, source) in self.finished

    def take(self, found: Drawn | Unreachable) -> None:
        if isinstance(found, Unreachable):
            self.unreachable.add(found.source)
            self.refused(found)
            return
        draws = self.draws.setdefault(fidelity_key(found.label, self.length, found.source), [])
        draws.append(found)
        if found.outcome != "ok" or len(draws) == self.spec.draws:
            self.done(
                found.source,
                found.label,
                row_of(self.spec, self.length, self.choices[found.label], draws),
            )

    def refused(self, found: Unreachable) -> None:
        """Once a length and source, with the study's first method: it is no method's fault."""
        first = self.spec.ladder(self.spec.methods[0], self.length)[0]
        row = lost_row(self.spec, self.length, first, found.source, "unsupported", found.message)
        if not self.has(found.source, first.label):
            self.done(found.source, first.label, row)

    def lost(self, left: Left, outcome: Outcome, message: str) -> bool:
        """The child is gone. False if it is not known over what, so that trying again would not help."""
        label, _, source = self.doing.partition(" on ")
        if label not in self.choices or source not in dict(left) or self.has(source, label):
            return False
        row = lost_row(self.spec, self.length, self.choices[label], source, outcome, message)
        self.done(source, label, row)
        return True

    def done(self, source: str, label: str, row: Row) -> None:
        key = fidelity_key(label, self.length, source)
        self.finished.add(key)
        self.emit(key, row)


def _compare_all(
    send: Callable[[Any], None], spec: StudySpec, length: int, left: Left, draws: Path | None
) -> None:
    """The child's work."""
    use_threads(spec.threads)
    for name, choices in left:
        for draw in range(spec.draws):
            send(Alive(f"drawing {name}", SETTING_UP_S))
            try:
                source = drawn(spec, name, length, draw, draws)
            except ValueError as refusal:
                send(Unreachable(name, str(refusal)))
                break
            sampled = Sampled(source, spec.rows, spec.seed * SAME_ROWS + draw)
            choices = list(_compared(send, spec, name, sampled, choices, draw))


def _compared(
    send: Callable[[Any], None],
    spec: StudySpec,
    name: str,
    sampled: Sampled,
    choices: Sequence[Choice],
    draw: int,
) -> Iterator[Choice]:
    """Those that are to be asked again at the next draw."""
    source = sampled.source
    sizes = source.heads, source.q.shape[3], source.keys, sampled.rows
    for choice in choices:
        send(Alive(f"{choice.label} on {name}", SETTING_UP_S + CALLS * spec.timeout))
        outcome, values, message = _one(spec, sampled, choice, draw)
        send(
            Drawn(
                name,
                choice.label,
                source.spec.to_json(),
                source.title,
                *sizes,
                values,
                message,
                outcome,
            )
        )
        if outcome == "ok":
            yield choice


def _one(
    spec: StudySpec, sampled: Sampled, choice: Choice, draw: int
) -> tuple[Outcome, Values, str]:
    try:
        values, message = sampled.compare(_operator(spec, sampled.source, choice, draw))
        return "ok", values, message
    except (RuntimeError, ValueError, MemoryError) as problem:
        outcome, message = outcome_of(problem)
        return outcome, dict.fromkeys(METRICS), message


def _operator(spec: StudySpec, source: Source, choice: Choice, draw: int) -> AttentionOp:
    cell = Cell(choice, source.queries, source.keys)
    check(spec.sweep((choice,), source.queries), cell)
    params = dict(choice.params)
    seed = params.pop("seed", spec.seed)
    op = choice.definition.build(source.dims, seed=seed + draw, **params)
    return op.to(device=spec.device).eval()
