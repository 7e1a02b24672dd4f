"""The SQLite file: its schema and migrations, and one short-lived connection for each operation.

Several processes write: pages, the supervisor, its children. The journal is therefore TRUNCATE, not WAL, which
loses commits of several writers in the SQLite of many distributions. A writer killed at any moment leaves a
journal that the next one rolls back.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from attn_core.store.errors import damaged, explained, newer
from attn_core.store.paths import DATABASE, home

BUSY_SECONDS = 10.0
APPLICATION = 0x4154544E  # "ATTN": tells our files from those of other programs
RUNS = """CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    notes TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL,
    settings TEXT NOT NULL CHECK (json_valid(settings)),
    environment_id TEXT NOT NULL DEFAULT '',
    command TEXT NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('here', 'imported', 'recorded')),
    revision INTEGER NOT NULL DEFAULT 0
) STRICT"""
ROWS = """CREATE TABLE rows (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    data TEXT NOT NULL,
    UNIQUE (run_id, kind, key)
) STRICT"""
# `place` is where the job runs: in a child of the supervisor, or in the process that made it. `process` names
# the leader of a session that may still be alive, whatever the state says.
JOBS = """CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    spec TEXT NOT NULL CHECK (json_valid(spec)),
    device TEXT NOT NULL,
    place TEXT NOT NULL CHECK (place IN ('worker', 'here')),
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'cancelled', 'failed', 'lost')),
    cancel INTEGER NOT NULL DEFAULT 0,
    progress TEXT NOT NULL DEFAULT '{}',
    message TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL,
    started_at TEXT,
    heartbeat_at TEXT,
    finished_at TEXT,
    pid INTEGER,
    process TEXT
) STRICT"""
# Each entry takes a file one version on. Only ever append: files of every older version are out there.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE environments (id TEXT PRIMARY KEY, facts TEXT NOT NULL) STRICT",
        RUNS,
        ROWS,
        JOBS,
        "CREATE INDEX jobs_by_run ON jobs (run_id)",
        "CREATE INDEX jobs_by_state ON jobs (state)",
        "CREATE INDEX jobs_by_process ON jobs (process) WHERE process IS NOT NULL",
        """CREATE TABLE files (
            run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            path TEXT NOT NULL,
            PRIMARY KEY (run_id, name)
        ) STRICT""",
        f"PRAGMA application_id = {APPLICATION}",
    ),
)


class Database:
    """A folder with a SQLite file, made by the first write. Each block has a connection of its own, so
    any thread may use the object."""

    def __init__(
        self, folder: Path | None = None, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.folder = (folder or home()).absolute()
        self.path = self.folder / DATABASE
        self.clock = clock

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A consistent look at the store. One that does not exist yet is empty, and is not made."""
        with explained(self.path):
            found = self._exists()
            # Not mode=ro: after a crash the first reader is the one who rolls the journal back.
            with closing(_connect(f"{self.path.as_uri()}?mode=rw" if found else None)) as db:
                if _version(db, self.path) < len(MIGRATIONS):
                    _migrate(db, self.path)
                db.execute("BEGIN")
                yield db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of the block is stored, or nothing."""
        with explained(self.path):
            self.folder.mkdir(parents=True, exist_ok=True)
            with closing(_connect(f"{self.path.as_uri()}?mode=rwc")) as db:
                if _version(db, self.path) < len(MIGRATIONS):
                    _migrate(db, self.path)
                db.execute("PRAGMA journal_mode = TRUNCATE")
                with transaction(db):
                    yield db

    def now(self, offset: float = 0.0) -> str:
        """UTC, in ISO's form and of one width: the order of the texts is the order of the times."""
        moment = datetime.fromtimestamp(self.clock() + offset, UTC)
        return moment.isoformat(timespec="milliseconds")

    def _exists(self) -> bool:
        try:
            self.path.stat()
        except FileNotFoundError:
            return False
        return True


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """The write lock is taken at the start: two writers wait for each other instead of failing midway."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # SQLite ends it itself when the disk is full
            db.execute("ROLLBACK")
        raise


def _connect(uri: str | None) -> sqlite3.Connection:
    """Without a file an empty store in memory."""
    db = sqlite3.connect(
        uri or ":memory:", uri=uri is not None, timeout=BUSY_SECONDS, isolation_level=None
    )
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA foreign_keys = ON")
    return db


def _version(db: sqlite3.Connection, path: Path) -> int:
    """Zero of an empty file. Asked in this order, another process may make the tables in between."""
    if not db.execute("PRAGMA schema_version").fetchone()[0]:
        return 0
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        raise damaged(path)
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise newer(path, version, len(MIGRATIONS))
    return version


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    with transaction(db):
        # Asked under the lock: another process may have been faster.
        for steps in MIGRATIONS[_version(db, path) :]:
            for step in steps:
                db.execute(step)
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
