"""Large results as files named by what is in them: the same bytes are kept once, and never overwritten."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Collection
from pathlib import Path

from attn_core.store.database import Database
from attn_core.store.errors import explained
from attn_core.store.paths import ARTIFACTS
from attn_core.store.runs import Runs, touch

SUFFIX = re.compile(r"(\.[a-z0-9]{1,12})?")


class Files(Runs, Database):
    """A run's artifacts, under the store's folder."""

    def keep_file(self, run_id: str, name: str, data: bytes, suffix: str) -> Path:
        """Where the bytes now are; a file of this name that the run had before is let go."""
        if not SUFFIX.fullmatch(suffix):
            raise ValueError(f"a suffix must look like .npy, got {suffix!r}")
        digest = hashlib.sha256(data).hexdigest()
        place = f"{ARTIFACTS}/{digest[:2]}/{digest}{suffix}"
        with self.writing() as db:
            if not touch(db, run_id):
                raise self.no_run(run_id)
            old = db.execute(
                "SELECT path FROM files WHERE run_id = ? AND name = ?", (run_id, name)
            ).fetchone()
            if not (self.folder / place).exists():
                _write(self.folder / place, data)
            db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", (run_id, name, place))
        if old and old["path"] != place:
            self.let_go({old["path"]})
        return self.folder / place

    def files(self, run_id: str) -> dict[str, Path]:
        with self.reading() as db:
            found = db.execute(
                "SELECT name, path FROM files WHERE run_id = ? ORDER BY name", (run_id,)
            ).fetchall()
        return {row["name"]: self.folder / row["path"] for row in found}

    def let_go(self, places: Collection[str]) -> None:
        """Removes those files that no run has any more, under the write lock: nobody can take them up meanwhile."""
        with self.writing() as db:
            for place in places:
                if not db.execute("SELECT 1 FROM files WHERE path = ?", (place,)).fetchone():
                    (self.folder / place).unlink(missing_ok=True)


def _write(path: Path, data: bytes) -> None:
    """All of it under its name, or nothing."""
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
