"""The store: runs, their rows, jobs and files, in one folder that several processes share."""

from __future__ import annotations

import shutil

from attn_core.store.claims import Claims
from attn_core.store.errors import StoreError, explained
from attn_core.store.files import Files
from attn_core.store.paths import CHECKPOINTS, home
from attn_core.store.queue import Job
from attn_core.store.rows import Rows
from attn_core.store.runs import Run

__all__ = ["Job", "Run", "Store", "StoreError", "home"]


class Store(Rows, Files, Claims):
    """Everything that is kept, in `folder` or in `home()`. Any thread and any process may use it at once;
    whatever the disk does to it is said in a StoreError."""

    def delete(self, run_id: str) -> list[str]:
        """Removes a run that is not running, with its rows, its jobs and the files that only it had."""
        places = super().delete(run_id)
        self.let_go(places)
        with explained(self.folder):
            if (rest := self.folder / CHECKPOINTS / run_id).is_dir():
                shutil.rmtree(rest)
        return places
