"""The supervisor: takes jobs from the queue, one at a time for each device, and buries what died.

One lives at a time, by a lock that it holds for life. It may be killed at any moment: its children go on, and the next
one adopts them. It never loads what jobs do.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from attn_core.jobs.executor import Ended, Executor, LocalProcesses
from attn_core.jobs.launch import complain
from attn_core.jobs.locks import FileLock
from attn_core.jobs.perform import NO_STORE
from attn_core.store import Job, Store, StoreError
from attn_core.store.paths import WORKER_LOCK, WORKER_LOG
from attn_core.store.state import HEARTBEAT_SECONDS

IDLE_SECONDS = 600.0
POLL_SECONDS = 0.25
# A job that lives and says nothing for this long hangs. Long: a machine out of memory may stand still for a while.
HUNG_SECONDS = 60.0
# Names the descriptor of a lock that whoever started this process took for it.
LOCK_VARIABLE = "ATTN_CORE_WORKER_LOCK"


class Supervisor:
    """The loop's body. Time is monotonic: a laptop that slept did not hang."""

    def __init__(
        self, store: Store, executor: Executor, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.store, self.executor, self.now = store, executor, now
        self._ended: list[Ended] = []
        self._claimed: dict[int, float] = {}
        self._last_beat: dict[int, tuple[str | None, float]] = {}

    def step(self) -> bool:
        """Whether there is anything to do, now or soon."""
        self._ended += self.executor.events()
        while self._ended:  # kept until it is written: the disk may be full just now
            self._bury(self._ended[0])
            del self._ended[0]
        jobs = self.store.open_jobs()
        tracked = self.executor.running()
        for job_id in tracked - {job.id for job in jobs}:  # finished, given up or deleted
            self.executor.cancel(job_id)
        for job in jobs:
            self._watch(job, job.id in tracked)
        self._clear(tracked)
        self._start(jobs)
        return bool(jobs) or bool(self.executor.running())

    def _clear(self, tracked: set[int]) -> None:
        """Ends what jobs left behind that others ended: a lost one that was resumed, those of an earlier supervisor."""
        for job in self.store.leftovers():
            if job.id not in tracked and not self.executor.adopt(job):
                self.executor.end_orphans(job)
                self.store.forget(job.id)

    def _watch(self, job: Job, tracked: bool) -> None:
        if tracked:
            self._keep_starting(job)
            if job.cancel or self._hangs(job):
                self.executor.cancel(job.id)
        elif job.state == "queued" or (job.process is not None and self.executor.adopt(job)):
            return
        elif job.state == "lost":
            self.executor.end_orphans(job)
            self._end(job.id, "Its process is gone; Resume goes on with the rest.")

    def _keep_starting(self, job: Job) -> None:
        """Beats for a child that is still importing."""
        claimed = self._claimed.get(job.id)
        if job.started_at is not None or claimed is None:
            return
        silent = (job.heartbeat_at or "") < self.store.now(-HEARTBEAT_SECONDS)
        if silent and self.now() - claimed < HUNG_SECONDS:
            self.store.heartbeat(job.id)

    def _hangs(self, job: Job) -> bool:
        beat, since = self._last_beat.get(job.id, (None, 0.0))
        if beat != job.heartbeat_at:
            self._last_beat[job.id] = (job.heartbeat_at, self.now())
            return False
        return self.now() - since > HUNG_SECONDS

    def _start(self, jobs: list[Job]) -> None:
        """First come, first served; a job that waits in a process of its own has its turn too."""
        busy = {job.device for job in jobs if job.state != "queued"}
        for job in jobs:
            if job.state != "queued" or job.device in busy:
                continue
            busy.add(job.device)
            if job.place == "worker" and self.store.claim(job.id):
                self._claimed[job.id] = self.now()
                try:
                    self.executor.submit(job)
                except OSError as problem:
                    said = f"The job's process could not be started ({problem})."
                    self.store.finish(job.id, "failed", said)

    def _bury(self, ended: Ended) -> None:
        self._claimed.pop(ended.job_id, None)
        self._last_beat.pop(ended.job_id, None)
        self._end(ended.job_id, obituary(ended.code))

    def _end(self, job_id: int, message: str) -> None:
        self.store.abandon(job_id, message)
        self.store.forget(job_id)


def obituary(code: int | None) -> str:
    """Why a process that did not say so itself is gone."""
    if code is not None and code < 0:
        return (
            f"Its process was killed by signal {-code}, by hand or for want of memory; "
            "Resume goes on with the rest."
        )
    if code == NO_STORE:
        return (
            "Its results could not be stored: the disk may be full; Resume goes on with the rest."
        )
    return f"Its process ended early, {WORKER_LOG} may say why; Resume goes on with the rest."


def work(
    store: Store,
    idle_seconds: float = IDLE_SECONDS,
    *,
    handlers: str = "",
) -> None:
    """Supervises until there was nothing to do for `idle_seconds`. Returns at once if another one does."""
    lock = _lock(store)
    if lock is None:
        complain("another worker runs already")
        return
    executor = LocalProcesses(store, handlers)
    supervisor = Supervisor(store, executor)
    try:
        while True:
            _until_idle(supervisor, lock, idle_seconds)
            lock.release()
            # Whoever submitted before the release saw a worker: look once more.
            if not store.open_jobs() or not lock.try_acquire():
                return
    finally:
        executor.close()
        lock.release()


def _until_idle(supervisor: Supervisor, lock: FileLock, idle_seconds: float) -> None:
    worked, said = time.monotonic(), ""
    while lock.in_place() and time.monotonic() - worked <= idle_seconds:
        try:
            if supervisor.step():
                worked = time.monotonic()
            said = ""
        except StoreError as problem:  # a full disk may have room again later
            if str(problem) != said:
                said = str(problem)
                complain(said)
        time.sleep(POLL_SECONDS)


def _lock(store: Store) -> FileLock | None:
    path = store.folder / WORKER_LOCK
    given = os.environ.pop(LOCK_VARIABLE, "")
    if given.isdigit():
        lock = FileLock(path, int(given))
        if lock.in_place():
            os.set_inheritable(int(given), False)
            return lock
    lock = FileLock(path)
    return lock if lock.try_acquire() else None
