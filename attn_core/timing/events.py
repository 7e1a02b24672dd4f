"""What a sweep tells while it runs, to whoever listens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from attn_core.timing.group import Kind
from attn_core.timing.row import Row


@dataclass(frozen=True)
class Started:
    """The environment that the numbers come from, and how many cells there are in all."""

    environment: dict[str, Any]
    total: int


@dataclass(frozen=True)
class Progress:
    """How many cells are done, which one is at work, and a guess at the rest."""

    done: int
    total: int
    cell: str
    seconds_left: float | None


@dataclass(frozen=True)
class RowReady:
    """One finished row; its key names it within the run."""

    kind: Kind
    key: str
    row: Row


Event = Started | Progress | RowReady
