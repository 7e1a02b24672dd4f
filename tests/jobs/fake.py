"""A kind of job that measures nothing, for tests: cells that take a moment, and ways to misbehave."""

import subprocess
import sys
import time
from pathlib import Path

from attn_core.jobs import work
from attn_core.jobs.context import Context
from attn_core.store import Store

HANDLERS = {"fake": "tests.jobs.fake:measure"}
SLEEP = [sys.executable, "-S", "-c", "import time; time.sleep(300)"]


def settings(cells: int = 3, seconds: float = 0.05, **more: object) -> dict[str, object]:
    """`fault` is one of: refuse, fail, stubborn, grandchild."""
    return {"device": "cpu", "cells": cells, "seconds": seconds, **more}


def measure(context: Context) -> bool:
    spec = context.job.spec
    fault = spec.get("fault", "")
    if fault == "refuse":
        raise ValueError("fake: cells must be pleasant")
    if fault == "grandchild":
        child = subprocess.Popen(SLEEP)
        (context.store.folder / "grandchild").write_text(str(child.pid))
    names = [f"cell {number}" for number in range(spec["cells"])]
    missing = [name for name in names if name not in context.finished]
    for name in missing:
        if context.stop() and fault != "stubborn":
            return False
        if fault == "fail" and name == names[-1]:
            raise RuntimeError("the last cell\nbroke")
        began = time.time()
        time.sleep(spec["seconds"])
        _log(context.store.folder / "measured", f"{context.job.id}|{name}|{began}|{time.time()}")
        context.keep("cell", name, {"outcome": "ok", "cell": name})
        context.report({"done": len(context.finished), "total": len(names), "cell": name})
        context.on_event(name)
    return True


def _log(path: Path, line: str) -> None:
    with path.open("a") as file:
        file.write(line + "\n")


def measured(folder: Path) -> list[str]:
    """The cells in the order in which they were measured, again and again if so."""
    path = folder / "measured"
    return [line.split("|")[1] for line in path.read_text().splitlines()] if path.exists() else []


if __name__ == "__main__":  # a supervisor that knows this kind
    work(Store(Path(sys.argv[1])), 1.0, handlers="tests.jobs.fake")
