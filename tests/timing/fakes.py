"""A clock that only moves when a planted contender runs, and rows with planted samples."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator

from attn_core.timing.clock import Contender
from attn_core.timing.row import Row, empty_row
from attn_core.timing.spec import Choice, SweepSpec


class FakeClock:
    """Time passes in runs, by what each run is planted to take at that moment."""

    def __init__(self) -> None:
        self.time = 0.0
        self.order: list[str] = []

    def now(self) -> float:
        return self.time

    def contender(
        self, name: str, takes: Callable[[float], float], seconds: float | None = None
    ) -> Contender:
        """One whose run takes `takes(the time it starts at)` seconds."""

        def run() -> None:
            self.order.append(name)
            self.time += takes(self.time)

        return Contender(name, None, run, seconds)

    def steps(self, name: str, durations: Iterable[float]) -> Contender:
        """One whose runs take these seconds, one after the other."""
        left: Iterator[float] = iter(durations)
        return self.contender(name, lambda _: next(left))


def noisy(median: float, spread: float, generator: random.Random) -> Callable[[float], float]:
    """Lognormal around the median."""
    return lambda _: median * generator.lognormvariate(0.0, spread)


def rows(
    label: str,
    times: dict[int, float],
    *,
    spread: float = 0.01,
    count: int = 20,
    seed: int = 0,
    outcome: str = "ok",
) -> list[Row]:
    """Cells of one method whose medians are planted at every length."""
    generator = random.Random(f"{label} {seed}")
    spec = SweepSpec((Choice(label),), tuple(times))
    made = []
    for cell in spec.cells:
        row = empty_row(spec, cell, outcome)  # pyright: ignore[reportArgumentType]
        draw = noisy(times[cell.queries], spread, generator)
        samples = [draw(0.0) for _ in range(count)]
        made.append(row | {"samples": samples, "median_s": sorted(samples)[count // 2]})
    return made
