"""The whole chain with real processes: a page, a supervisor, a child; killed at random, nothing is lost."""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from attn_core.jobs import ensure_worker
from attn_core.jobs.launch import module
from attn_core.jobs.perform import NO_STORE
from attn_core.jobs.process import PROC
from benchmarks.kill.evidence import Entry, alive, overlapping
from benchmarks.kill.rehearsal import LENGTH
from benchmarks.kill.trials import Trials
from tests.jobs import fake
from tests.jobs.conftest import wait_until

pytestmark = pytest.mark.skipif(not PROC.is_dir(), reason="the system has no /proc")


@pytest.fixture
def trials(tmp_path):
    made = Trials(tmp_path / "home", seed=0)
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["child", "supervisor", "page"])
def test_a_kill_loses_nothing_and_the_run_is_finished(trials, victim, monkeypatch):
    monkeypatch.setitem(LENGTH, "pretended", 0.8)
    found = trials.trial(victim)
    assert found.faults == []
    assert trials.store.runs()[0].cells == trials.settings["cells"]


@pytest.mark.slow
def test_two_jobs_of_one_device_and_a_cancel_through_a_real_supervisor(store, make_run):
    command = module("tests.jobs.fake", str(store.folder))
    first, second = make_run(cells=3), make_run(cells=1000, fault="grandchild")
    jobs = [store.submit(run_id, store.run(run_id).settings, "cpu") for run_id in (first, second)]
    ensure_worker(store, command)
    wait_until(lambda: store.run(second).cells > 1)
    assert store.run(first).state == "done"
    store.cancel(jobs[1].id)
    wait_until(lambda: store.run(second).state == "cancelled", 5)
    grandchild = int((store.folder / "grandchild").read_text())
    wait_until(lambda: not alive(grandchild), 5)
    assert store.run(second).cells < 1000
    lines = [line.split("|") for line in (store.folder / "measured").read_text().splitlines()]
    entries = [Entry(int(job), "cell", key, float(a), float(b)) for job, key, a, b in lines]
    assert {entry.job for entry in entries} == {job.id for job in jobs}
    assert not overlapping(entries)
    assert fake.measured(store.folder)[:3] == ["cell 0", "cell 1", "cell 2"]


@pytest.mark.slow
def test_a_child_without_its_store_says_so_by_its_exit_code_even_with_a_full_log(store):
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(module("attn_core.jobs.child", "7"), stderr=full, check=False)
    assert ended.returncode == NO_STORE


@pytest.mark.slow
def test_the_command_line_starts_the_supervisor_and_it_leaves_when_idle(store):
    ended = subprocess.run(
        module("attn_core", "worker", "--idle", "0"), capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    ensure_worker(store)
    wait_until(lambda: _supervisors(store), 10)
    for pid in _supervisors(store):
        os.kill(pid, signal.SIGKILL)


def _supervisors(store) -> list[int]:
    """Processes that have this store's lock open."""
    lock, found = (store.folder / "worker.lock").resolve(), []
    for entry in PROC.iterdir():
        with suppress(OSError):
            if any(file.readlink() == lock for file in (entry / "fd").iterdir()):
                found.append(int(entry.name))
    return found


def test_the_trials_see_what_must_not_be():
    apart = [Entry(1, "cell", "a", 0.0, 1.0), Entry(2, "cell", "a", 1.0, 2.0)]
    assert not overlapping(apart)
    assert overlapping([*apart, Entry(3, "cell", "b", 1.5, 1.8)])
