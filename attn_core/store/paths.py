"""Where a store lives, and the names of what is in its folder."""

from __future__ import annotations

import os
import re
from pathlib import Path

VARIABLE = "ATTN_CORE_HOME"
DATABASE = "store.sqlite"
ARTIFACTS = "artifacts"
CHECKPOINTS = "checkpoints"
WORKER_LOCK = "worker.lock"
MAPS_LOCK = "maps.lock"
WORKER_LOG = "worker.log"


def home() -> Path:
    """The store's folder: ATTN_CORE_HOME, or `runs` in the current folder."""
    return Path(os.environ.get(VARIABLE) or "runs")


def device_lock(folder: Path, device: str) -> Path:
    """The file whose lock is held while something runs on the device."""
    return folder / f"device-{re.sub(r'[^A-Za-z0-9]+', '-', device)}.lock"
