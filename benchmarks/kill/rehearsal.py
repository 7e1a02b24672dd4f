"""The jobs that are killed: a real sweep, or a pretended one; both note which job measured what, and when."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

from attn_core.jobs import sweeps
from attn_core.jobs.context import Context
from attn_core.timing.spec import Choice, SweepSpec
from benchmarks.kill.evidence import LOG

HANDLERS = {
    "sweep": "benchmarks.kill.rehearsal:measure",
    "pretended": "benchmarks.kill.rehearsal:pretend",
}
# About as long as a run takes, in seconds, once it has begun.
LENGTH = {"sweep": 6.0, "pretended": 2.2}
GRANDCHILD = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
SWEEP = SweepSpec(
    (Choice("flash"), Choice("softmax"), Choice("longformer", {"window": 16})),
    (64, 128, 256, 512),
    heads=2,
    head_dim=16,
    seconds=0.1,
)


def settings(kind: str) -> dict[str, Any]:
    return SWEEP.to_json() if kind == "sweep" else {"device": "cpu", "cells": 20, "seconds": 0.12}


class Logged(Context):
    """Notes which job measured what, and when, before the row is stored."""

    def __init__(self, context: Context) -> None:
        super().__init__(**vars(context))
        object.__setattr__(self, "_since", time.time())

    def keep(self, kind: str, key: str, row: Mapping[str, Any]) -> bool:
        since, now = vars(self)["_since"], time.time()
        with (self.store.folder / LOG).open("a") as file:
            file.write(f"{self.job.id}|{kind}|{key}|{since}|{now}\n")
        kept = super().keep(kind, key, row)
        object.__setattr__(self, "_since", time.time())
        return kept


def measure(context: Context) -> bool:
    """A real sweep."""
    return sweeps.measure(Logged(context))


def pretend(context: Context) -> bool:
    """Cells that take a moment, and a process that would live on."""
    logged, spec = Logged(context), context.job.spec
    subprocess.Popen(GRANDCHILD)
    keys = [f"cell {number}" for number in range(spec["cells"])]
    for key in keys:
        if context.stop():
            return False
        if key not in context.finished:
            time.sleep(spec["seconds"])
            logged.keep("cell", key, {"outcome": "ok"})
            context.report({"done": len(context.finished), "total": len(keys), "cell": key})
    return True
