"""Jobs as those see them who ask for work: submit, look, cancel."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from attn_core.store import plain
from attn_core.store.database import Database
from attn_core.store.errors import StoreError
from attn_core.store.runs import Runs, touch
from attn_core.store.state import LIVE, STALE_SECONDS, JobState, job_state


@dataclass(frozen=True)
class Job:
    """One attempt at a run. Times are in UTC; `progress` has done, total, cell, seconds_left once it runs.
    `place` is "worker", or "here" for a job of the process that made it; `cancel` says that it was asked to stop."""

    id: int
    run_id: str
    spec: dict[str, Any]
    device: str
    place: str
    state: JobState
    progress: dict[str, Any]
    message: str
    cancel: bool
    created_at: str
    started_at: str | None
    heartbeat_at: str | None
    finished_at: str | None
    pid: int | None
    process: str | None


class Queue(Runs, Database):
    """The queue: first come, first served on each device."""

    def submit(
        self, run_id: str, spec: Mapping[str, Any], device: str, *, place: str = "worker"
    ) -> Job:
        """A run has one live job at most. A lost one is put aside: should it wake up, it is told to stop."""
        text, now = plain.strict(spec), self.now()
        with self.writing() as db:
            if not touch(db, run_id):
                raise self.no_run(run_id)
            last = self._latest(db, run_id)
            if last is not None and last.state in LIVE:
                raise StoreError(f"Run {run_id} is {last.state} already: cancel it, or wait.")
            if last is not None and last.state == "lost":
                end(db, last.id, "lost", last.message, now)
            added = db.execute(
                "INSERT INTO jobs (run_id, spec, device, place, state, created_at, heartbeat_at) "
                "VALUES (?, ?, ?, ?, 'queued', ?, ?)",
                (run_id, text, device, place, now, now if place == "here" else None),
            )
            found = db.execute("SELECT * FROM jobs WHERE id = ?", (added.lastrowid,)).fetchone()
        return self.as_job(found)

    def job(self, job_id: int) -> Job:
        with self.reading() as db:
            found = db.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
        if found is None:
            raise StoreError(f"There is no job {job_id} in {self.folder}: its run was deleted.")
        return self.as_job(found)

    def latest_job(self, run_id: str) -> Job | None:
        with self.reading() as db:
            return self._latest(db, run_id)

    def jobs(self, states: Collection[JobState] | None = None) -> list[Job]:
        """Oldest first; those in one of the states, if any are given."""
        # What may read as one of LIVE, or as lost for want of a heartbeat, is stored as queued or running.
        narrow = states is not None and set(states) <= set(LIVE)
        query = "SELECT * FROM jobs" + (" WHERE state IN ('queued', 'running')" if narrow else "")
        with self.reading() as db:
            found = [self.as_job(row) for row in db.execute(f"{query} ORDER BY id")]
        return [job for job in found if states is None or job.state in states]

    def position(self, job_id: int) -> int:
        """How many jobs of its device must end before this one has its turn, itself counted: 1 is the next one;
        0 of a job that runs or has ended."""
        job = self.job(job_id)
        if job.state != "queued":
            return 0
        ahead = (other for other in self.jobs(["queued"]) if other.device == job.device)
        return 1 + sum(other.id < job_id for other in ahead)

    def cancel(self, job_id: int) -> None:
        """At once for a job that waits; one that runs is asked to stop, and keeps what it measured."""
        with self.writing() as db:
            found = db.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
            if found is None:
                return
            job = self.as_job(found)
            if job.state == "queued" or (job.state == "lost" and found["state"] == "queued"):
                end(db, job_id, "cancelled", "Cancelled before it began.", self.now())
            elif found["state"] == "running":
                db.execute("UPDATE jobs SET cancel = 1 WHERE id = ?", (job_id,))
                touch(db, job.run_id)

    def delete(self, run_id: str) -> list[str]:
        """Removes a run with its rows and jobs; the files that it had, for whoever keeps them."""
        with self.writing() as db:
            last = self._latest(db, run_id)
            if last is not None and last.state in ("running", "cancelling"):
                raise StoreError(f"Run {run_id} is running: cancel it first.")
            had = db.execute("SELECT path FROM files WHERE run_id = ?", (run_id,)).fetchall()
            if not db.execute("DELETE FROM runs WHERE id = ?", (run_id,)).rowcount:
                raise self.no_run(run_id)
        return [row["path"] for row in had]

    def as_job(self, row: sqlite3.Row) -> Job:
        values = dict(row)
        values["cancel"] = bool(row["cancel"])
        oldest = self.now(-STALE_SECONDS)
        values["state"] = job_state(row["state"], row["cancel"], row["heartbeat_at"], oldest)
        values["spec"], values["progress"] = plain.load(row["spec"]), plain.load(row["progress"])
        if values["state"] == "lost" and not row["message"]:
            values["message"] = "The process that measured is gone; Resume goes on with the rest."
        return Job(**values)

    def _latest(self, db: sqlite3.Connection, run_id: str) -> Job | None:
        found = db.execute(
            "SELECT * FROM jobs WHERE run_id = ? ORDER BY id DESC LIMIT 1", (run_id,)
        ).fetchone()
        return None if found is None else self.as_job(found)


def end(db: sqlite3.Connection, job_id: int, state: JobState, message: str, now: str) -> bool:
    """Ends a job that has not ended; the first word counts."""
    changed = db.execute(
        "UPDATE jobs SET state = ?, message = ?, finished_at = ? WHERE id = ? AND state IN ('queued', 'running') "
        "RETURNING run_id",
        (state, message, now, job_id),
    ).fetchone()
    if changed is not None:
        touch(db, changed["run_id"])
    return changed is not None
