"""Runs: what was asked for, where it was measured, what people call it."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from attn_core.store import plain
from attn_core.store.database import Database
from attn_core.store.errors import StoreError
from attn_core.store.state import STALE_SECONDS, RunState, job_state

# Without letters and digits that read alike.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
SELECT = """SELECT runs.*,
    (SELECT COUNT(*) FROM rows WHERE rows.run_id = runs.id AND rows.kind = 'cell') AS cells,
    jobs.state AS job_state, jobs.cancel AS job_cancel, jobs.heartbeat_at AS job_heartbeat
    FROM runs LEFT JOIN jobs ON jobs.id = (SELECT MAX(id) FROM jobs WHERE run_id = runs.id)"""


@dataclass(frozen=True)
class Run:
    """One run as it is now; `created_at` in UTC, `cells` the number of its rows of kind cell."""

    id: str
    kind: str
    name: str
    notes: str
    created_at: str
    settings: dict[str, Any]
    environment_id: str
    command: str
    origin: str
    state: RunState
    cells: int


class Runs(Database):
    """Environments and runs."""

    def environment(self, facts: Mapping[str, Any]) -> str:
        """Keeps the facts under their `id`; the same machine and software is kept once."""
        text = plain.dump(facts)
        with self.writing() as db:
            db.execute("INSERT OR IGNORE INTO environments VALUES (?, ?)", (facts["id"], text))
        return facts["id"]

    def environments(self, ids: Collection[str]) -> dict[str, dict[str, Any]]:
        wanted = list(ids)
        with self.reading() as db:
            found = db.execute(
                f"SELECT id, facts FROM environments WHERE id IN ({_marks(wanted)})", wanted
            ).fetchall()
        return {row["id"]: plain.load(row["facts"]) for row in found}

    def create_run(
        self,
        kind: str,
        settings: Mapping[str, Any],
        *,
        name: str = "",
        command: str = "",
        origin: str = "here",
    ) -> str:
        """The id of a new run, sortable by its time."""
        text = plain.strict(settings)
        stamp = datetime.fromtimestamp(self.clock(), UTC).strftime("%Y%m%d-%H%M%S")
        run_id = f"{stamp}-{''.join(secrets.choice(LETTERS) for _ in range(5))}"
        with self.writing() as db:
            db.execute(
                "INSERT INTO runs (id, kind, name, created_at, settings, command, origin) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (run_id, kind, name, self.now(), text, command, origin),
            )
        return run_id

    def run(self, run_id: str) -> Run:
        with self.reading() as db:
            found = db.execute(f"{SELECT} WHERE runs.id = ?", (run_id,)).fetchone()
        if found is None:
            raise self.no_run(run_id)
        return self._run(found)

    def runs(self, kind: str | None = None, search: str = "") -> list[Run]:
        """Newest first. Each word of `search` must be in the id, name, notes or settings."""
        where, values = ("", ()) if kind is None else (" WHERE runs.kind = ?", (kind,))
        order = "ORDER BY runs.created_at DESC, runs.rowid DESC"
        words = search.casefold().split()
        with self.reading() as db:
            found = db.execute(f"{SELECT}{where} {order}", values).fetchall()
        return [self._run(row) for row in found if all(word in _text(row) for word in words)]

    def rename(self, run_id: str, name: str) -> None:
        self._set(run_id, "name", name)

    def annotate(self, run_id: str, notes: str) -> None:
        self._set(run_id, "notes", notes)

    def set_environment(self, run_id: str, environment_id: str) -> None:
        self._set(run_id, "environment_id", environment_id)

    def stamp(self, run_id: str) -> str:
        """A text that changes whenever anything of the run does, for polls; empty when there is no such run."""
        with self.reading() as db:
            found = db.execute(f"{SELECT} WHERE runs.id = ?", (run_id,)).fetchone()
        return f"{found['revision']} {self._state(found)}" if found else ""

    def no_run(self, run_id: str) -> StoreError:
        return StoreError(
            f"There is no run {run_id!r} in {self.folder}: it was deleted or never made."
        )

    def _set(self, run_id: str, column: str, value: str) -> None:
        with self.writing() as db:
            db.execute(f"UPDATE runs SET {column} = ? WHERE id = ?", (value, run_id))
            if not touch(db, run_id):
                raise self.no_run(run_id)

    def _run(self, row: sqlite3.Row) -> Run:
        names = (
            "id",
            "kind",
            "name",
            "notes",
            "created_at",
            "environment_id",
            "command",
            "origin",
        )
        return Run(
            **{name: row[name] for name in names},
            settings=plain.load(row["settings"]),
            state=self._state(row),
            cells=row["cells"],
        )

    def _state(self, row: sqlite3.Row) -> RunState:
        if row["job_state"] is None:
            return "done" if row["cells"] else "empty"
        oldest = self.now(-STALE_SECONDS)
        return job_state(row["job_state"], row["job_cancel"], row["job_heartbeat"], oldest)


def touch(db: sqlite3.Connection, run_id: str) -> bool:
    """Notes that something of the run changed; False if there is no such run."""
    return bool(
        db.execute("UPDATE runs SET revision = revision + 1 WHERE id = ?", (run_id,)).rowcount
    )


def _text(row: sqlite3.Row) -> str:
    return " ".join(row[name] for name in ("id", "name", "notes", "settings")).casefold()


def _marks(values: Collection[Any]) -> str:
    return ", ".join("?" * len(values))
