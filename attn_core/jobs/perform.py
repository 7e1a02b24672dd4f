"""One job from its start to its end, the same in a child of the supervisor and in a process of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from attn_core.jobs.context import Context
from attn_core.jobs.locks import FileLock
from attn_core.jobs.pulse import Pulse, Stop
from attn_core.jobs.registry import handler
from attn_core.store import Job, Store, StoreError
from attn_core.store.paths import device_lock
from attn_core.store.state import JobState

LOCK_POLL_SECONDS = 0.1
# Exit codes of a child. 74 is EX_IOERR of <sysexits.h>: its results could not be stored.
FAILED, NO_STORE = 1, 74
STOPPED = "Stopped before the end; Resume goes on with the rest."
INCOMPLETE = "The job ended without measuring everything; Resume tries the rest again."


@dataclass(frozen=True)
class Waiting:
    """The job has to wait: another one has the device."""

    device: str

    def __str__(self) -> str:
        return f"waiting for {self.device}: another measurement is running on it"


@dataclass(frozen=True)
class Way:
    """How a job is performed. `process` identifies the leader of its own session, if it has one."""

    stop: Stop
    stop_too: Callable[[], bool] = lambda: False
    on_event: Callable[[Any], None] = lambda _event: None
    overdue: Callable[[], None] = lambda: None
    process: str | None = None
    handlers: str = ""

    def asked(self) -> bool:
        return self.stop.asked or self.stop_too()


def perform(store: Store, job: Job, way: Way) -> None:
    """Does the job and says how it ended. Whatever goes wrong is stored in one sentence, and raised."""
    try:
        with (
            Pulse(store, job.id, way.stop, way.overdue) as pulse,
            device(store, job, way) as mine,
        ):
            if mine and not store.begin(job.id, os.getpid(), way.process):
                return  # somebody else does it, or it was ended meanwhile
            state, message = _work(store, job, way, pulse) if mine else ("cancelled", STOPPED)
    except KeyboardInterrupt:
        store.finish(job.id, "cancelled", STOPPED)
        raise
    except BaseException as problem:
        if _told_to_stop(store, job, way):
            # Whoever stops a session stops its helpers with it, and their end may be noticed first.
            store.finish(job.id, "cancelled", STOPPED)
            return
        store.finish(job.id, "failed", sentence(problem))
        raise
    store.finish(job.id, state, message)


def _told_to_stop(store: Store, job: Job, way: Way) -> bool:
    return way.asked() or store.job(job.id).state == "cancelling"


def _work(store: Store, job: Job, way: Way, pulse: Pulse) -> tuple[JobState, str]:
    context = Context(store, job, way.asked, pulse.report, way.on_event)
    if handler(store.run(job.run_id).kind, way.handlers)(context):
        return "done", ""
    return ("cancelled", STOPPED) if way.asked() else ("failed", INCOMPLETE)


@contextmanager
def device(store: Store, job: Job, way: Way) -> Iterator[bool]:
    """Holds the device's lock: no two measurements on one device at once. False if told to stop by then."""
    lock = FileLock(device_lock(store.folder, job.device))
    mine = lock.try_acquire()
    if not mine:
        way.on_event(Waiting(job.device))
    while not mine and not way.asked():
        time.sleep(LOCK_POLL_SECONDS)
        mine = lock.try_acquire()
    try:
        yield mine and not way.asked()
    finally:
        lock.release()


def sentence(problem: BaseException) -> str:
    """One line. The engine's and the store's own sentences speak for themselves, other failures are named."""
    said = " ".join(str(problem).split())
    named = (
        said
        if isinstance(problem, (ValueError, StoreError)) and said
        else f"{type(problem).__name__}: {said}"
    )
    return named[:500]
