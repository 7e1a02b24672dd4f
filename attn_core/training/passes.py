"""Passes of several models timed in turn by the project's clock: what each takes, or why it has no time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from attn_core.timing.clock import TURN_S, Contender, measure, wall_clock
from attn_core.timing.cuda_clock import DeviceTimer
from attn_core.timing.failures import outcome_of
from attn_core.timing.row import Outcome
from attn_core.timing.statistics import enough, summary

PRECISION = 0.02


@dataclass(frozen=True)
class Cost:
    """Seconds or bytes of one pass; `low` and `high` are p20 and p80 of the times."""

    outcome: Outcome
    message: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None


def timed(
    passes: Mapping[str, Callable[[], None]],
    device: str,
    seconds: float,
    stop: Callable[[], bool],
) -> dict[str, Cost]:
    """Each pass is run once beforehand: one that is refused has its outcome, and takes no part."""
    found: dict[str, Cost] = {}
    contenders = []
    for name, run in passes.items():
        try:
            run()
            contenders.append(Contender(name, None, run))
        except (ValueError, RuntimeError, MemoryError) as problem:
            found[name] = Cost(*outcome_of(problem))
    on_gpu = device == "cuda"
    taken = measure(
        contenders,
        seconds=seconds,
        precision=PRECISION,
        timer=DeviceTimer() if on_gpu else wall_clock,
        stop=stop,
        turn_s=0.0 if on_gpu else TURN_S,
    )
    for contender, samples in zip(contenders, taken, strict=True):
        if samples.problem is not None or not samples.values:
            problem = samples.problem or RuntimeError("no pass was timed")
            found[contender.name] = Cost(*outcome_of(problem))
            continue
        known, count = summary(samples.values), len(samples.values)
        said = f"median of {count} passes after warm-up, in turn with the other methods"
        said += "" if enough(count) else "; too few for a sure median"
        found[contender.name] = Cost("ok", said, known.median, known.p20, known.p80)
    return {name: found[name] for name in passes}
