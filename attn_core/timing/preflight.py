"""Before a sweep: which of its cells cannot run and why, about how long it takes, and how much memory.

An estimate from what the methods declare; nothing is run. A cell is refused only when the memory its method
declares for a forward pass, with the inputs, is more than there is: the declared work is necessary, so it
cannot fit. What is shown as the peak of a backward pass is twice the forward's, and the gradients of the inputs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from attn_core.amounts import size
from attn_core.contract import Shape
from attn_core.environment import Environment
from attn_core.timing.clock import LEAST_OF_LONG, WARM_UPS
from attn_core.timing.roofline import RATE_S, RATES, Rates, cost_of, floor, guessed
from attn_core.timing.row import Outcome
from attn_core.timing.spec import Cell, SweepSpec
from attn_core.timing.workload import check

# Real calls take a few times their floor, and never less than what a handful of operations costs to start.
TIMES_THE_FLOOR, LEAST_CALL_S = 4.0, 3e-4
# A fresh child ready to work; on CUDA each makes a context.
CHILD_S = {"cpu": 0.25, "cuda": 4.0}
BACKWARD_MEMORY = 2


@dataclass(frozen=True)
class PlannedCell:
    """One cell's forecast; `why` says why it does not run. Memory is beyond q, k and v."""

    cell: Cell
    runs: bool
    why: str
    seconds: float
    peak_bytes: int | None
    outcome: Outcome = "ok"
    # What a call takes at least, where the method says what it needs.
    floor_s: float = 0.0


@dataclass(frozen=True)
class Plan:
    """All cells in the order they are measured, the seconds of the whole, and the most memory at once."""

    cells: list[PlannedCell]
    seconds: float
    peak_bytes: int | None


def plan(spec: SweepSpec, environment: Environment, rates: Rates | None = None) -> Plan:
    """The forecast of a sweep on this machine, by rates measured earlier if there are any."""
    rates = rates or guessed(spec, spec.threads or environment.threads)
    room = available(spec, environment)
    cells = [_planned(spec, cell, rates, room) for cell in spec.cells]
    peaks = [one.peak_bytes for one in cells if one.runs and one.peak_bytes is not None]
    return Plan(cells, _seconds(spec, cells), max(peaks, default=None))


def available(spec: SweepSpec, environment: Environment) -> int | None:
    """Bytes that the device could give at most, as far as the system says."""
    if spec.device == "cuda":
        return max((gpu.total_memory for gpu in environment.gpus), default=None) or None
    return environment.available_memory or environment.total_memory


def _planned(spec: SweepSpec, cell: Cell, rates: Rates, room: int | None) -> PlannedCell:
    try:
        check(spec, cell)
        cost = cost_of(spec, cell)
    except ValueError as refusal:
        return PlannedCell(cell, False, str(refusal), 0.0, None, "unsupported")
    inputs, backward = input_bytes(spec.shape(cell)), spec.which == "forward+backward"
    peak = BACKWARD_MEMORY * cost.peak_bytes + inputs if backward else cost.peak_bytes
    if room is not None and cost.peak_bytes + inputs > room:
        why = (
            f"needs at least {size(cost.peak_bytes + inputs)}, "
            f"{size(room)} are {'there' if spec.device == 'cuda' else 'free'}: not tried"
        )
        return PlannedCell(cell, False, why, 0.0, peak, "oom", floor(cost, spec.which, rates))
    least = floor(cost, spec.which, rates)
    return PlannedCell(
        cell, True, "", cell_seconds(spec, call_seconds(least)), peak, floor_s=least
    )


def call_seconds(floor_s: float) -> float:
    """What a call takes as a rule."""
    return max(LEAST_CALL_S, TIMES_THE_FLOOR * floor_s)


def input_bytes(shape: Shape) -> int:
    """q, k and v, which are held whatever the method."""
    return shape.io_bytes - shape.output_bytes


def cell_seconds(spec: SweepSpec, call: float) -> float:
    """One cell whose call takes so long: its first call in a child, warm-up, and samples."""
    if call > spec.timeout:
        return CHILD_S[spec.device] + spec.timeout
    warm_up = WARM_UPS * call
    return CHILD_S[spec.device] + call + warm_up + max(spec.seconds, LEAST_OF_LONG * call)


def _seconds(spec: SweepSpec, cells: Iterable[PlannedCell]) -> float:
    """The cells', and for every length the child that times them, its null and its rates."""
    total = CHILD_S[spec.device]
    for _, group in groupby(cells, key=lambda one: one.cell.queries):
        running = [one.seconds for one in group if one.runs]
        if running:
            null = min(running) - CHILD_S[spec.device]
            total += sum(running) + null + CHILD_S[spec.device] + len(RATES) * RATE_S
    return total
