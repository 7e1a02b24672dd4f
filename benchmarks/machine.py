"""What a result was measured on: the processor, the threads and the versions, and nothing else."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from attn_core.environment import cpu_name
from benchmarks.packages import pinned

THREADS = 2
STATISTICS = Path("/proc/stat")
LOOK_S, QUIET_CORES = 0.3, 0.1


def use_threads(threads: int = THREADS) -> None:
    torch.set_num_threads(threads)


def environment() -> dict[str, Any]:
    """Results are only kept side by side when this is equal."""
    return {
        "processor": cpu_name(),
        "cores": os.cpu_count(),
        "vector_instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": version("transformers"),
        "peers": pinned(),
    }


def busy_cores() -> float:
    """Cores in use by others just now: this process sleeps while it looks."""
    before = core_ticks()
    time.sleep(LOOK_S)
    busy, total = (after - first for after, first in zip(core_ticks(), before, strict=True))
    return round((os.cpu_count() or 1) * busy / max(total, 1), 2)


def core_ticks() -> tuple[int, int]:
    """(in use, all) ticks of all cores since the machine started."""
    ticks = [int(field) for field in STATISTICS.read_text().splitlines()[0].split()[1:9]]
    idle = ticks[3] + ticks[4]
    return sum(ticks) - idle, sum(ticks)


def settle(patience: float) -> float:
    """Wait, but no longer than this many seconds, until others leave the cores alone; what they use then.

    A method of many small parallel steps loses far more to a busy neighbour than one of few large steps.
    """
    given_up = time.monotonic() + patience
    while (busy := busy_cores()) > QUIET_CORES and time.monotonic() < given_up:
        time.sleep(LOOK_S)
    return busy
