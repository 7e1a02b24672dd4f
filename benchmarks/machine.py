"""What a result was measured on: the processor, the threads and the versions, and nothing else."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from typing import Any

import torch

from attn_core.environment import cpu_name
from benchmarks.packages import pinned

THREADS = 2


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


def load() -> float:
    """Runnable processes over the last minute: above the threads used, somebody else was busy."""
    return round(os.getloadavg()[0], 2)
