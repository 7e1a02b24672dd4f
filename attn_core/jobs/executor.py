"""The seam through which jobs run somewhere: submit, events, cancel, close. Here: processes of this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from attn_core.jobs.launch import ROOT, environment, log, module
from attn_core.jobs.process import MARK, Leader, identity
from attn_core.jobs.pulse import GRACE_SECONDS
from attn_core.store import Job, Store


@dataclass(frozen=True)
class Ended:
    """A job's process is gone, and all that it had started; `code` is None of an adopted one."""

    job_id: int
    code: int | None


class Executor(Protocol):
    """Whoever runs jobs. Rows and heartbeats do not pass through here: the job itself writes the store."""

    def submit(self, job: Job) -> None: ...
    def adopt(self, job: Job) -> bool: ...
    def end_orphans(self, job: Job) -> None: ...
    def events(self) -> list[Ended]: ...
    def cancel(self, job_id: int) -> None: ...
    def running(self) -> set[int]: ...
    def close(self) -> None: ...


@dataclass
class Running:
    """A child of ours, or one that another supervisor left behind."""

    leader: Leader
    child: subprocess.Popen[bytes] | None = None
    told: float | None = None

    @property
    def alive(self) -> bool:
        return self.leader.alive if self.child is None else self.child.poll() is None

    def signal(self, number: int) -> None:
        if self.child is not None and self.leader.identity is None and self.alive:
            os.killpg(self.child.pid, number)  # no /proc: sure only of a child that was not reaped
        self.leader.signal(number)


class LocalProcesses:
    """Each job in a process and session of its own."""

    def __init__(
        self, store: Store, handlers: str = "", now: Callable[[], float] = time.monotonic
    ) -> None:
        self.store, self.handlers, self.now = store, handlers, now
        self._running: dict[int, Running] = {}

    def submit(self, job: Job) -> None:
        more = ["--handlers", self.handlers] if self.handlers else []
        mark = self._mark(job)
        with log(self.store) as errors:
            child = subprocess.Popen(
                module("attn_core.jobs.child", str(job.id), *more),
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                cwd=ROOT,
                env=environment(self.store, **{MARK: mark}),
                start_new_session=True,
            )
        leader = Leader(child.pid, identity(child.pid), mark)
        self._running[job.id] = Running(leader, child)
        self.store.started(job.id, child.pid, leader.identity)

    def adopt(self, job: Job) -> bool:
        """Takes over a job that another supervisor started; False if its process is gone."""
        leader = self._leader(job)
        if leader.alive:
            self._running.setdefault(job.id, Running(leader))
        return leader.alive

    def end_orphans(self, job: Job) -> None:
        """What a job's process left behind when it died unseen must not keep the device busy."""
        self._leader(job).signal(signal.SIGKILL)

    def events(self) -> list[Ended]:
        """What ended since the last call. Also ends those who did not leave in time, and what they left behind."""
        ended = []
        for job_id, running in list(self._running.items()):
            if running.alive:
                if running.told is not None and self.now() - running.told > GRACE_SECONDS:
                    running.signal(signal.SIGKILL)
                continue
            running.leader.signal(signal.SIGKILL)
            del self._running[job_id]
            ended.append(Ended(job_id, running.child.returncode if running.child else None))
        return ended

    def cancel(self, job_id: int) -> None:
        """Asks the whole session to stop; `events` ends it when it does not."""
        running = self._running.get(job_id)
        if running is not None and running.told is None:
            running.told = self.now()
            running.signal(signal.SIGTERM)

    def running(self) -> set[int]:
        return set(self._running)

    def close(self) -> None:
        """Lets go. What runs goes on: the next supervisor adopts it."""
        self._running.clear()

    def _leader(self, job: Job) -> Leader:
        return Leader(job.pid or 0, job.process, self._mark(job))

    def _mark(self, job: Job) -> str:
        return f"{self.store.folder}#{job.id}"
