"""What a handler is given: its settings, what is there already, and where to put what it finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from attn_core.store import Job, Store


@dataclass(frozen=True)
class Context:
    """`stop` tells when to leave, within three seconds; `report` shows progress; `on_event` passes on whatever
    the work says of itself to whoever waits in the same process."""

    store: Store
    job: Job
    stop: Callable[[], bool]
    report: Callable[[Mapping[str, Any]], None]
    on_event: Callable[[Any], None]

    @property
    def finished(self) -> set[str]:
        return self.store.finished(self.job.run_id)

    def keep(self, kind: str, key: str, row: Mapping[str, Any]) -> bool:
        """Commits the row before it returns."""
        return self.store.append(self.job.run_id, key, kind, row)
