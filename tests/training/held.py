"""Figure Z jobs that stay where they are at a chosen moment, for a test to kill them there.

Each is a process and a session of its own, as always; it is forked from a supervisor that has loaded torch already,
so that many can be killed in a minute.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any

from attn_core.jobs import child, supervisor
from attn_core.jobs.context import Context
from attn_core.jobs.executor import LocalProcesses, Running
from attn_core.jobs.process import MARK, Leader, identity
from attn_core.store import Job, Store

HANDLERS = {"figure-z": "tests.training.held:train"}
# Steps from one checkpoint to the next.
EVERY = {"controlled": 3, "article": 4}


@dataclass(frozen=True)
class Hold:
    """The moment: in a stage, after so many of what it does there. `what` is one of: step, save (a checkpoint half
    written), move (a file has its name), row (stored), stop (asked whether to stop), file (a model kept)."""

    stage: str
    what: str
    count: int

    def write(self, store: Store, run_id: str) -> None:
        hold_of(store, run_id).write_text(json.dumps(astuple(self)))


def hold_of(store: Store, run_id: str) -> Path:
    return store.folder / f"{run_id} hold"


def steps_of(store: Store, run_id: str) -> Path:
    """A byte for every step that was taken."""
    return store.folder / f"{run_id} steps"


class Watch:
    """Counts what a job does, notes its steps, and holds it when its moment has come."""

    def __init__(self, context: Context) -> None:
        self.context = context
        path = hold_of(context.store, context.job.run_id)
        self.hold = Hold(*json.loads(path.read_text())) if path.exists() else None
        self.told: dict[str, Any] = {"stage": ""}
        self.count = 0

    def report(self, told: Any) -> None:
        self.told = told
        self.context.report(told)

    def due(self, what: str) -> bool:
        """Whether the moment is now."""
        if self.hold is None or (self.hold.stage, self.hold.what) != (self.told["stage"], what):
            return False
        self.count += 1
        return self.count == self.hold.count

    def stay(self) -> None:
        """Until it is killed. The store says so, and heartbeats go on."""
        self.report({**self.told, "held": True})
        self.context.store.heartbeat(self.context.job.id, self.told)
        while True:
            signal.pause()

    def after(self, what: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, counted where it did something."""

        def counted(*given: Any, **named: Any) -> Any:
            found = function(*given, **named)
            if what == "step":
                with steps_of(self.context.store, self.context.job.run_id).open("a") as file:
                    file.write(".")
            if found is not False and self.due(what):
                self.stay()
            return found

        return counted

    def saving(self, save_file: Callable[..., None]) -> Callable[..., None]:
        def save(tensors: Any, path: Path, **named: Any) -> None:
            save_file(tensors, path, **named)
            if self.due("save"):
                os.truncate(path, path.stat().st_size // 2)
                self.stay()

        return save

    def stop(self) -> bool:
        if self.due("stop"):
            self.stay()
        return self.context.stop()


def train(context: Context) -> bool:
    """The job's own handler, with little of everything and watched."""
    import pytest

    from attn_core.jobs import figure_z
    from attn_core.training import checkpoint
    from attn_core.training.article import speed as article_speed
    from attn_core.training.article import train as article
    from attn_core.training.controlled import fit, speed
    from tests.training.test_controlled import make_small

    patch, watch = pytest.MonkeyPatch(), Watch(context)
    times, decoding = speed.times, speed.decoding
    make_small(patch)
    patch.setattr(speed, "times", times)
    patch.setattr(speed, "decoding", decoding)
    patch.setattr(fit, "LOG_EVERY", EVERY["controlled"])
    for module in (speed, article_speed):
        patch.setattr(module, "SECONDS", 0.01)
    patch.setattr(article, "READ_EVERY", EVERY["article"])
    patch.setattr(article, "SAVE_EVERY_S", 0.0)
    patch.setattr(article, "SAVING_SHARE", float("inf"))
    patch.setattr(article, "_update", watch.after("step", article._update))
    patch.setattr(fit.Optimiser, "step", watch.after("step", fit.Optimiser.step))
    patch.setattr(checkpoint, "save_file", watch.saving(checkpoint.save_file))
    patch.setattr(Path, "replace", watch.after("move", Path.replace))
    patch.setattr(context.store, "append", watch.after("row", context.store.append))
    patch.setattr(context.store, "keep_file", watch.after("file", context.store.keep_file))
    return figure_z.train(replace(context, stop=watch.stop, report=watch.report))


class Forks(LocalProcesses):
    """Jobs as forks of this process."""

    def submit(self, job: Job) -> None:
        mark, pid = self._mark(job), os.fork()
        if not pid:
            os.setsid()
            os.environ[MARK] = mark
            sys.argv = ["child", str(job.id), "--handlers", self.handlers]
            os._exit(child.main())
        leader = Leader(pid, identity(pid), mark)
        self._running[job.id] = Running(leader)
        self.store.started(job.id, pid, leader.identity)


if __name__ == "__main__":  # the supervisor
    import torch._dynamo  # noqa: F401 - the first step of an optimiser loads it

    from tests.training.test_controlled import few_documents

    few_documents()  # so that no fork reads them again
    gc.freeze()  # a clock collects before it measures: in a fork that would copy everything
    supervisor.LocalProcesses, supervisor.POLL_SECONDS = Forks, 0.05
    supervisor.work(Store(Path(sys.argv[1])), 60.0, handlers="tests.training.held")
