"""Jobs as those see them who do the work: the supervisor, its children, and a process that measures by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attn_core.store import plain
from attn_core.store.queue import Job, Queue, end
from attn_core.store.runs import touch
from attn_core.store.state import JobState


class Claims(Queue):
    """Each step is one statement that changes nothing unless the job is still where it is thought to be."""

    def open_jobs(self) -> list[Job]:
        """Jobs that nobody has ended, oldest first; those whose process is silent read as lost."""
        with self.reading() as db:
            found = db.execute(
                "SELECT * FROM jobs WHERE state IN ('queued', 'running') ORDER BY id"
            )
            return [self.as_job(row) for row in found]

    def claim(self, job_id: int) -> bool:
        """Whether the job was taken from the queue: a cancelled one cannot be."""
        return self._change(
            "UPDATE jobs SET state = 'running', heartbeat_at = ? WHERE id = ? AND state = 'queued' "
            "RETURNING run_id",
            (self.now(), job_id),
        )

    def started(self, job_id: int, pid: int, process: str | None) -> None:
        """Notes the leader of the job's session, so that any supervisor can end it."""
        self._change(
            "UPDATE jobs SET pid = ?, process = ? WHERE id = ? RETURNING run_id",
            (pid, process, job_id),
        )

    def begin(self, job_id: int, pid: int, process: str | None = None) -> bool:
        """Whether the job may start: it is nobody else's, and it was not ended meanwhile."""
        now = self.now()
        return self._change(
            "UPDATE jobs SET state = 'running', pid = ?, process = ?, started_at = ?, heartbeat_at = ? "
            "WHERE id = ? AND state IN ('queued', 'running') AND started_at IS NULL RETURNING run_id",
            (pid, process, now, now, job_id),
        )

    def heartbeat(self, job_id: int, progress: Mapping[str, Any] | None = None) -> bool:
        """Whether to go on: not when the job was cancelled, given up as lost, or deleted."""
        with self.writing() as db:
            found = db.execute(
                "UPDATE jobs SET heartbeat_at = ? WHERE id = ? AND state IN ('queued', 'running') "
                "RETURNING run_id, cancel, progress",
                (self.now(), job_id),
            ).fetchone()
            text = None if progress is None else plain.dump(progress)
            if found is not None and text is not None and text != found["progress"]:
                db.execute("UPDATE jobs SET progress = ? WHERE id = ?", (text, job_id))
                touch(db, found["run_id"])
        return found is not None and not found["cancel"]

    def finish(self, job_id: int, state: JobState, message: str = "") -> bool:
        with self.writing() as db:
            return end(db, job_id, state, message, self.now())

    def abandon(self, job_id: int, message: str) -> bool:
        """Ends a job whose process is gone: as cancelled if that was asked for, else as lost."""
        with self.writing() as db:
            found = db.execute("SELECT cancel FROM jobs WHERE id = ?", (job_id,)).fetchone()
            if found is None:
                return False
            state, said = ("cancelled", "") if found["cancel"] else ("lost", message)
            return end(db, job_id, state, said, self.now())

    def leftovers(self) -> list[Job]:
        """Ended jobs whose processes may not have ended with them."""
        with self.reading() as db:
            found = db.execute(
                "SELECT * FROM jobs WHERE process IS NOT NULL AND state NOT IN ('queued', 'running')"
            )
            return [self.as_job(row) for row in found]

    def forget(self, job_id: int) -> None:
        """Nothing is left of the job's processes."""
        with self.writing() as db:
            db.execute("UPDATE jobs SET process = NULL WHERE id = ?", (job_id,))

    def _change(self, statement: str, values: tuple[Any, ...]) -> bool:
        with self.writing() as db:
            changed = db.execute(statement, values).fetchone()
            if changed is not None:
                touch(db, changed["run_id"])
        return changed is not None
