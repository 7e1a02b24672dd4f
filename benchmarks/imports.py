"""How long `import attn_core` takes, and how much of it is torch, each in a fresh process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.clock import Budget, summarize
from benchmarks.results import Row, as_json

MODULES = ("attn_core", "torch")
AT_MOST_S = 2.5
ROOT = Path(__file__).resolve().parents[1]
PROGRAM = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


def seconds_to_import(module: str) -> float:
    command = [sys.executable, "-c", PROGRAM.format(module)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


def measure(budget: Budget) -> Iterator[Row]:
    samples: dict[str, list[float]] = {module: [] for module in MODULES}
    for _ in range(budget.warm_up):
        for module in MODULES:
            seconds_to_import(module)
    for _ in range(budget.turns):
        for module, mine in samples.items():
            mine.append(seconds_to_import(module))
    for module, mine in samples.items():
        summary = summarize(mine)
        limit = AT_MOST_S if module == "attn_core" else None
        met = None if limit is None else summary.median < limit
        row: Row = {"name": module, "at_most": limit, "outcome": "ok", "met": met}
        yield row | {"seconds": as_json(summary)}
