"""Whatever goes wrong with a store, in one sentence that names the file and says what to do."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attn_core.store.paths import VARIABLE

# The low byte of SQLite's extended codes (https://sqlite.org/rescode.html) is the kind of failure.
PRIMARY_CODE = 0xFF
OF_SQLITE = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_CANTOPEN: "closed",
    sqlite3.SQLITE_PERM: "closed",
}
OF_SYSTEM = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EROFS: "read-only",
    errno.EACCES: "closed",
    errno.EPERM: "closed",
    errno.ENOTDIR: "no folder",
    errno.EEXIST: "no folder",
}
ELSEWHERE = f"set {VARIABLE} to another folder"
SENTENCES = {
    "full": "The disk that holds {path} is full: free some space and try again; what was stored before is kept.",
    "read-only": "{path} cannot be written, it is read-only: make it and its folder writable, or {elsewhere}; "
    "what is stored can still be read.",
    "damaged": "{path} is damaged or not a store of attn_core: move it away, restore a copy, or {elsewhere}; "
    "it was left as it is.",
    "busy": "{path} is held by another process that does not let go: stop that process, or try again.",
    "closed": "{path} cannot be opened: allow this user to read and write it and its folder, or {elsewhere}.",
    "no folder": "{path} is in the way, a store needs a folder there: move it away, or {elsewhere}.",
}
OTHER = "{path} cannot be used ({problem}): check its disk, or {elsewhere}."


class StoreError(Exception):
    """Its text is one sentence for people. What the store holds was not harmed."""


def newer(path: Path, found: int, known: int) -> StoreError:
    return StoreError(
        f"{path} was written by a newer attn_core (format {found}, this one knows {known}): "
        f"update attn_core, or {ELSEWHERE}; it was left as it is."
    )


def damaged(path: Path) -> StoreError:
    return StoreError(SENTENCES["damaged"].format(path=path, elsewhere=ELSEWHERE))


def explain(problem: sqlite3.Error | OSError, path: Path) -> StoreError:
    """The sentence for a failure of SQLite or of the file system."""
    if isinstance(problem, OSError):
        kind = OF_SYSTEM.get(problem.errno or 0, "")
        path = Path(problem.filename) if isinstance(problem.filename, str | Path) else path
    else:
        kind = OF_SQLITE.get(getattr(problem, "sqlite_errorcode", 0) & PRIMARY_CODE, "")
    if kind == "closed" and _only_readable(path):
        kind = "read-only"
    sentence = SENTENCES.get(kind, OTHER)
    return StoreError(sentence.format(path=path, elsewhere=ELSEWHERE, problem=problem))


def _only_readable(path: Path) -> bool:
    """Whether the file can be read, but no journal can be made beside it."""
    return os.access(path, os.R_OK) and not os.access(path.parent, os.W_OK)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns what SQLite and the system raise in the block into a StoreError."""
    try:
        yield
    except (sqlite3.Error, OSError) as problem:
        raise explain(problem, path) from problem
