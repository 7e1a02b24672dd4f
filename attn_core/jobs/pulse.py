"""The heartbeat of a job: says every second that it lives, and listens for a cancel on the way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from attn_core.store import Store, StoreError
from attn_core.store.state import HEARTBEAT_SECONDS

# How long a job may take to leave after it was told to; the supervisor waits as long.
GRACE_SECONDS = 3.0


class Stop:
    """Whether to stop. Not an Event: a signal handler may set it while it is being set, and must not wait."""

    def __init__(self) -> None:
        self.asked = False

    def set(self) -> None:
        self.asked = True


class Pulse:
    """Beats in a thread of its own inside the block. `overdue` is called when the job was told to stop and
    is still there after the grace: nobody else may be alive to end it."""

    def __init__(
        self,
        store: Store,
        job_id: int,
        stop: Stop,
        overdue: Callable[[], None] = lambda: None,
        seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        self.store, self.job_id, self.stop = store, job_id, stop
        self.overdue, self.seconds = overdue, seconds
        self.progress: Mapping[str, Any] | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def report(self, progress: Mapping[str, Any]) -> None:
        """Shown with the next beat: a commit for every report would disturb what is being measured."""
        self.progress = dict(progress)

    def beat(self) -> None:
        try:
            if not self.store.heartbeat(self.job_id, self.progress):
                self.stop.set()
        except (
            StoreError
        ):  # a disk may be full for a while; the work itself finds out when it stores a row
            pass

    def _beat(self) -> None:
        told: float | None = None
        while not self._over.wait(self.seconds):
            self.beat()
            if told is None and self.stop.asked:
                told = time.monotonic()
            if told is not None and time.monotonic() - told > GRACE_SECONDS:
                self.overdue()

    def __enter__(self) -> Self:
        self.beat()
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _problem: BaseException | None,
        _where: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        if self.progress is not None:
            self.beat()  # the last word on progress
