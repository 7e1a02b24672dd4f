"""One trial: submit, kill somebody, look, let the survivors finish, look again.

What must hold: no committed row is lost, the database passes its own check, a job that died reads as lost within 15 s,
resuming it measures no finished cell again, nothing that the job had started lives on, and there are never two
supervisors, nor two jobs on one device.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attn_core.jobs import ensure_worker
from attn_core.jobs.launch import ROOT, environment, module
from attn_core.store import Store
from benchmarks.kill import rehearsal
from benchmarks.kill.evidence import log, of_job, overlapping, workers
from benchmarks.kill.rehearsal import settings

VICTIMS = ("child", "supervisor", "page", "child and supervisor")
LOST_WITHIN = 15.0
# Until a run is done that somebody works on, imports included.
PATIENCE = 90.0


def worker(store: Store) -> list[str]:
    """The command of a supervisor that knows the jobs that are to be killed."""
    return module("benchmarks.kill", "--work", str(store.folder))


@dataclass
class Found:
    """What one trial showed; `moment` is when the victim died, `lost` how long until it was known."""

    victim: str
    moment: float = 0.0
    cells_then: int = 0
    lost: float | None = None
    faults: list[str] = field(default_factory=list)

    def check(self, holds: object, fault: str) -> None:
        if not holds:
            self.faults.append(fault)


class Trials:
    """Kills in one store, which is kept from trial to trial."""

    def __init__(self, folder: Path, real: bool = False, seed: int = 0) -> None:
        self.store = Store(folder)
        self.random = random.Random(seed)
        self.store.folder.mkdir(parents=True, exist_ok=True)
        self.kind = "sweep" if real else "pretended"
        self.settings = settings(self.kind)
        self.known: set[str] = set()

    def trial(self, victim: str) -> Found:
        """Submit, kill, look, resume, look again."""
        found = Found(victim)
        with self.watching(found):
            page = self.submit()
            run_id = self.wait(lambda: self.newest(), "nothing was submitted")
            found.moment = self.strike(victim, page, run_id)
            killed, before = time.monotonic(), self.store.finished(run_id)
            found.cells_then = len(before)
            found.check(self.sound(), "the database is damaged")
            self.settle(found, victim, run_id, killed)
            self.judge(found, run_id, before)
            page.kill()
            page.wait()
        return found

    def strike(self, victim: str, page: subprocess.Popen[bytes], run_id: str) -> float:
        """Kills at a random moment from the submission to the last cell; the import of torch is most of the start."""
        began = time.monotonic()
        if self.random.random() < 0.75:  # the rest of the time while it starts
            self.wait(lambda: self.store.run(run_id).cells or self.over(run_id), "nothing began")
        time.sleep(self.random.uniform(0.0, rehearsal.LENGTH[self.kind]))
        pids = {
            "page": [page.pid],
            "child": [self.child(run_id)],
            "supervisor": [self.supervisor()],
            "child and supervisor": [self.supervisor(), self.child(run_id)],
        }
        for pid in pids[victim]:
            if pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        return time.monotonic() - began

    def settle(self, found: Found, victim: str, run_id: str, killed: float) -> None:
        """A lost job is resumed, as a page would; a supervisor is asked for by whoever looks at a page."""
        if "child" in victim:
            with suppress(TimeoutError):
                self.wait(lambda: self.over(run_id), "", LOST_WITHIN + 5)
            if self.store.run(run_id).state == "lost":
                found.lost = time.monotonic() - killed
                found.check(found.lost <= LOST_WITHIN, f"lost only after {found.lost:.1f} s")
        end = time.monotonic() + PATIENCE
        while self.store.run(run_id).state != "done" and time.monotonic() < end:
            if self.store.run(run_id).state in ("lost", "failed"):
                self.store.submit(run_id, self.settings, "cpu")
            ensure_worker(self.store, worker(self.store))
            time.sleep(0.1)
        found.check(self.store.run(run_id).state == "done", "the run was not finished")

    def judge(self, found: Found, run_id: str, before: set[str]) -> None:
        found.check(before <= self.store.finished(run_id), "a committed row is gone")
        found.check(self.sound(), "the database is damaged")
        jobs = [job.id for job in self.store.jobs() if job.run_id == run_id]
        entries = [entry for entry in log(self.store.folder) if entry.job in jobs]
        again = [
            e.key for e in entries if e.job != jobs[0] and e.kind == "cell" and e.key in before
        ]
        found.check(not again, f"measured again: {', '.join(again)}")
        found.check(not overlapping(log(self.store.folder)), "two jobs had the device at once")
        with suppress(TimeoutError):
            self.wait(lambda: not any(of_job(self.store.folder, job) for job in jobs), "", 5)
        found.check(
            not any(of_job(self.store.folder, job) for job in jobs),
            "a process of the job lives on",
        )

    def submit(self) -> subprocess.Popen[bytes]:
        """A process that does what a page does: submits, sees to a supervisor, and polls."""
        command = module("benchmarks.kill", "--page", str(self.store.folder), "--kind", self.kind)
        self.known = {run.id for run in self.store.runs()}
        return subprocess.Popen(command, cwd=ROOT, env=environment(self.store))

    def newest(self) -> str:
        new = [run.id for run in self.store.runs() if run.id not in self.known]
        return new[0] if new and self.store.latest_job(new[0]) else ""

    def over(self, run_id: str) -> bool:
        return self.store.run(run_id).state not in ("queued", "running", "cancelling")

    def child(self, run_id: str) -> int | None:
        """While the job starts its process may not be noted yet."""
        with suppress(TimeoutError):
            self.wait(lambda: self.job_pid(run_id) or self.over(run_id), "", 10)
        return self.job_pid(run_id)

    def job_pid(self, run_id: str) -> int | None:
        job = self.store.latest_job(run_id)
        return job.pid if job is not None and job.state == "running" else None

    def supervisor(self) -> int | None:
        return next(iter(workers(self.store.folder)), None)

    def sound(self) -> bool:
        db = sqlite3.connect(self.store.path, timeout=10)
        answer = db.execute("PRAGMA integrity_check").fetchone()[0]
        db.close()
        return answer == "ok"

    def wait(self, true: Callable[[], Any], fault: str, seconds: float = PATIENCE) -> Any:
        end = time.monotonic() + seconds
        while not (value := true()):
            if time.monotonic() > end:
                raise TimeoutError(fault)
            time.sleep(0.02)
        return value

    @contextmanager
    def watching(self, found: Found) -> Iterator[None]:
        """Counts supervisors all the while, and asks for more of them."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(0.05):
                if len(workers(self.store.folder)) > 1:
                    found.check("two supervisors" in found.faults, "two supervisors")

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def close(self) -> None:
        """Ends the supervisor and whatever may still run."""
        for job in self.store.jobs(["queued", "running", "cancelling"]):
            self.store.cancel(job.id)
        with suppress(TimeoutError):
            self.wait(lambda: not self.store.jobs(["running", "cancelling"]), "", 10)
        for pid in workers(self.store.folder):
            os.kill(pid, signal.SIGKILL)
