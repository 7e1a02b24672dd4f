"""What a study says of itself: what its sweeps say, each finished comparison, and why it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from attn_core.timing.events import Event
from attn_core.timing.row import Row

Why = Literal["settled", "limit", "stopped"]


@dataclass(frozen=True)
class FidelityReady:
    """One finished comparison; its key names it within the run."""

    key: str
    row: Row


@dataclass(frozen=True)
class Ended:
    """Why a study ended: nothing is uncertain any more, its time is up, or it was stopped. `promising` counts the
    points that may still belong to a front, `unmeasured` all that were not measured."""

    why: Why
    measured: int
    promising: int
    unmeasured: int

    def __str__(self) -> str:
        """For people."""
        rest = f"{self.unmeasured} points of the grid are not measured"
        if self.why == "settled":
            return (
                f"{self.measured} points measured; {rest}, and none of them promised to be better"
            )
        said = "the time is up" if self.why == "limit" else "stopped"
        return f"{self.measured} points measured; {said}. {rest}, of which {self.promising} looked promising"


StudyEvent = Event | FidelityReady | Ended
