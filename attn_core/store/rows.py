"""Rows: what was measured. A row is stored once and never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attn_core.store import plain
from attn_core.store.database import Database
from attn_core.store.runs import Runs, touch

if TYPE_CHECKING:
    from pandas import DataFrame

CELL = "cell"


class Rows(Runs, Database):
    """Rows of a run by kind and key, in the order in which they came."""

    def append(self, run_id: str, key: str, kind: str, row: Mapping[str, Any]) -> bool:
        """Whether the row is new: what a run has under this kind and key stays as it is."""
        text = plain.dump({**row, "run_id": run_id})
        with self.writing() as db:
            if not db.execute("SELECT 1 FROM runs WHERE id = ?", (run_id,)).fetchone():
                raise self.no_run(run_id)
            added = db.execute(
                "INSERT INTO rows (run_id, kind, key, data) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (run_id, kind, key) DO NOTHING",
                (run_id, kind, key, text),
            ).rowcount
            if added:
                touch(db, run_id)
        return bool(added)

    def rows(self, run_id: str, kind: str = CELL) -> list[dict[str, Any]]:
        with self.reading() as db:
            found = db.execute(
                "SELECT data FROM rows WHERE run_id = ? AND kind = ? ORDER BY number",
                (run_id, kind),
            ).fetchall()
        return plain.load_all(row["data"] for row in found)

    def finished(self, run_id: str) -> set[str]:
        """The keys of the cells that need not be measured again."""
        with self.reading() as db:
            found = db.execute(
                "SELECT key FROM rows WHERE run_id = ? AND kind = ?", (run_id, CELL)
            ).fetchall()
        return {row["key"] for row in found}

    def frame(self, run_ids: Sequence[str], kind: str = CELL) -> DataFrame:
        """The rows of several runs, one below the other."""
        import pandas as pd

        return pd.DataFrame([row for run_id in run_ids for row in self.rows(run_id, kind)])
