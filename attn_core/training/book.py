"""One run under way: where its numbers go, which are there already, and how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attn_core.training.cells import Row, Who, key

Emit = Callable[[str, str, Row], None]
Progress = Callable[[dict[str, Any]], None]


class Stopped(Exception):
    """Asked to leave; what is on disk is gone on from."""


@dataclass
class Book:
    """`finished` are the keys of the numbers that need not be made again; `done` and `total` are amounts of work, in
    units of the protocol's own."""

    finished: set[str]
    emit: Emit
    progress: Progress
    stop: Callable[[], bool]
    checkpoints: Path
    total: float = 0.0
    done: float = 0.0
    began: float = field(default_factory=time.monotonic)

    def keep(self, rows: Iterable[tuple[str, Row]], kind: str = "cell") -> None:
        for name, row in rows:
            if kind != "cell" or name not in self.finished:
                self.emit(kind, name, row)
                self.finished.add(name)

    def has(self, who: Who, length: int, *metrics: str) -> bool:
        """Whether these numbers are all there."""
        return {key(metric, who, length) for metric in metrics} <= self.finished

    def check(self) -> None:
        if self.stop():
            raise Stopped

    def say(self, stage: str, who: Who, part: float = 0.0, **more: Any) -> None:
        """`part` is what is done of the work that comes next."""
        told = {
            "stage": stage,
            **who._asdict(),
            "step": 0,
            "steps": 0,
            "tokens_per_s": None,
            "seconds_left": None,
            "done": round(self.done + part),
            "total": round(self.total),
        }
        self.progress(told | more)

    def seconds_left(self, part: float = 0.0) -> float | None:
        """If all goes on as until now; none before anything is done."""
        worked = self.done + part
        took = time.monotonic() - self.began
        return (self.total - worked) * took / worked if worked > 0 else None
