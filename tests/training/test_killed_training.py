"""Figure Z killed with kill -9 in each of its stages and resumed: the very numbers of a run that was left alone."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache

import pytest

from attn_core.jobs import resume
from attn_core.jobs.launch import ROOT, environment, module
from attn_core.jobs.process import PROC
from attn_core.store import Store
from attn_core.store.paths import CHECKPOINTS
from attn_core.store.state import LIVE
from attn_core.training.spec import FigureZSpec
from tests.jobs.conftest import wait_until
from tests.training.compared import assert_same, rows
from tests.training.held import EVERY, Hold, hold_of, steps_of
from tests.training.test_article import SPEC
from tests.training.test_controlled import TINY

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PROC.is_dir(), reason="the system has no /proc"),
]
PATIENCE_S = 60.0
MOMENTS = {
    "controlled": (
        Hold("teacher", "step", 8),
        Hold("teacher", "save", 2),
        Hold("transfer", "step", 5),
        Hold("logits", "step", 8),
        Hold("logits", "move", 5),  # the finished model, beside the checkpoint of its training
        Hold("judging", "row", 3),
        Hold("translating", "stop", 5),
        Hold("speed", "row", 2),
        Hold("memory", "file", 2),
    ),
    "article": (
        Hold("teacher", "step", 7),
        Hold("teacher", "save", 2),
        Hold("logits", "step", 10),
        Hold("speed", "stop", 3),
        Hold("speed", "row", 12),  # all but one
    ),
}
EACH = [(protocol, moment) for protocol, moments in MOMENTS.items() for moment in moments]
NAMES = [f"{protocol}-{one.stage}-{one.what}" for protocol, one in EACH]
SPECS = {
    "controlled": TINY.changed(length=32, lengths=(32, 64)),
    "article": FigureZSpec.from_json(SPEC),
}
SMALL = (
    "--preset", "article", "--scale", "small", "--methods", "softmax,linformer",
    "--params", "linformer.rank=4", "--width", "16", "--length", "32",
    "--teacher-steps", "40", "--student-steps", "300", "--patience", "1000",
)  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One with a supervisor of held jobs."""
    store = Store(tmp_path_factory.mktemp("home"))
    command = module("tests.training.held", str(store.folder))
    supervisor = subprocess.Popen(command, cwd=ROOT, env=environment(store))
    yield store
    supervisor.kill()
    supervisor.wait()
    for job in store.jobs(LIVE):
        with suppress(ProcessLookupError):
            os.killpg(job.pid or supervisor.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def undisturbed(store: Store) -> Callable[[str], str]:
    """The run of a protocol that is left alone."""

    @cache
    def run_of(protocol: str) -> str:
        run_id = submitted(store, SPECS[protocol])
        finish(store, run_id)
        return run_id

    return run_of


def submitted(store: Store, spec: FigureZSpec, moment: Hold | None = None) -> str:
    run_id = store.create_run("figure-z", spec.to_json())
    if moment is not None:
        moment.write(store, run_id)
    store.submit(run_id, spec.to_json(), spec.device)
    return run_id


def finish(store: Store, run_id: str) -> None:
    wait_until(lambda: store.run(run_id).state not in LIVE, PATIENCE_S)
    assert store.run(run_id).state == "done", store.latest_job(run_id)


def kill(store: Store, run_id: str, moment: Hold) -> None:
    """Waits until the job is there, kills all of its session, and waits until that is known."""
    wait_until(lambda: held(store, run_id), PATIENCE_S)
    job = store.latest_job(run_id)
    assert job is not None and job.pid and job.progress["stage"] == moment.stage
    halves = list((store.folder / CHECKPOINTS / run_id).glob("*.partial"))
    assert bool(halves) == (moment.what == "save")
    os.killpg(job.pid, signal.SIGKILL)
    wait_until(lambda: store.run(run_id).state == "lost")
    hold_of(store, run_id).unlink()


def held(store: Store, run_id: str) -> bool:
    job = store.latest_job(run_id)
    assert job is not None and job.state in LIVE, job
    return job.progress.get("held", False)


@pytest.mark.parametrize(("protocol", "moment"), EACH, ids=NAMES)
def test_a_run_killed_in_any_stage_reaches_the_numbers_of_one_left_alone(
    protocol, moment, store, undisturbed
):
    whole = undisturbed(protocol)
    run_id = submitted(store, SPECS[protocol], moment)
    kill(store, run_id, moment)
    kept = rows(store, run_id)
    resume(store, run_id)
    finish(store, run_id)
    assert kept.items() <= rows(store, run_id).items(), "a stored row was lost or replaced"
    assert_same(store, run_id, whole)
    # Only what came after a checkpoint is done again.
    again = steps_of(store, run_id).stat().st_size - steps_of(store, whole).stat().st_size
    lost = 2 * EVERY[protocol] if moment.what in ("step", "save") else 0
    assert bool(lost) <= again <= lost


def test_the_command_line_killed_and_resumed_reaches_the_numbers_of_one_left_alone(tmp_path):
    """At whatever step it is, and in a fresh process."""
    killed, whole = Store(tmp_path / "killed"), Store(tmp_path / "whole")
    victim = command(killed, *SMALL)
    other = command(whole, *SMALL)
    wait_until(lambda: any(key.startswith("curve logits") for key in curves(killed)), PATIENCE_S)
    victim.kill()
    assert victim.wait() == -signal.SIGKILL
    assert other.wait() == 0
    run_id = killed.runs()[0].id
    wait_until(lambda: killed.run(run_id).state == "lost", PATIENCE_S)
    kept = rows(killed, run_id)
    assert command(killed, "--resume", run_id).wait() == 0
    assert kept.items() <= rows(killed, run_id).items(), "a stored row was lost or replaced"
    assert_same(killed, run_id, whole.runs()[0].id, whole)


def command(store: Store, *words: str) -> subprocess.Popen[bytes]:
    started = module("attn_core", "figure-z", *words)
    quiet = subprocess.DEVNULL
    return subprocess.Popen(started, cwd=ROOT, env=environment(store), stdout=quiet, stderr=quiet)


def curves(store: Store) -> list[str]:
    return [key for run in store.runs() for kind, key in rows(store, run.id) if kind == "curve"]
