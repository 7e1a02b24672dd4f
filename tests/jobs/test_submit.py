"""What pages and the command line ask for, and the start of one supervisor for all of them."""

import os
import sys
import time

import pytest

from attn_core.jobs import cancel, ensure_worker, resume, submit, submit_sweep
from attn_core.jobs.locks import FileLock
from attn_core.store import Store, StoreError
from attn_core.store.paths import WORKER_LOCK
from attn_core.timing.spec import Choice, SweepSpec
from tests.jobs import fake
from tests.jobs.conftest import wait_until

SPEC = SweepSpec((Choice("flash"), Choice("longformer", {"window": 16})), (64, 128))
# A supervisor that does nothing but say who it is, and live on.
IDLE = """
import os, sys, time
home = os.environ["ATTN_CORE_HOME"]
with open(home + "/workers", "a") as file:
    print(os.getpid(), os.getppid(), os.getsid(0), file=file)
print("complaint", file=sys.stderr, flush=True)
time.sleep(60)
"""


@pytest.fixture
def asked(monkeypatch) -> list[Store]:
    stores: list[Store] = []
    monkeypatch.setattr(submit, "ensure_worker", stores.append)
    return stores


def test_a_sweep_is_kept_queued_and_worked_on(store, asked):
    run = submit_sweep(store, SPEC, name="mine", command="python -m attn_core sweep …")
    assert (run.kind, run.name, run.state) == ("sweep", "mine", "queued")
    assert run.command == "python -m attn_core sweep …"
    assert SweepSpec.from_json(run.settings) == SPEC
    job = store.latest_job(run.id)
    assert SweepSpec.from_json(job.spec) == SPEC and job.device == "cpu"
    assert asked == [store]


def test_cancel_and_resume(store, asked):
    run = submit_sweep(store, SPEC)
    cancel(store, run.id)
    cancel(store, run.id)
    assert store.run(run.id).state == "cancelled"
    job = resume(store, run.id)
    assert (job.run_id, job.state) == (run.id, "queued") and len(asked) == 2
    assert SweepSpec.from_json(job.spec) == SPEC
    with pytest.raises(StoreError, match="queued already"):
        resume(store, run.id)
    cancel(store, store.create_run("sweep", {}))  # one that has no job


def test_only_what_was_measured_here_is_resumed(store, asked):
    run_id = store.create_run("fake", fake.settings(), origin="recorded")
    with pytest.raises(ValueError, match="recorded"):
        resume(store, run_id)
    assert store.latest_job(run_id) is None and asked == []


def workers(store) -> list[list[int]]:
    path = store.folder / "workers"
    lines = path.read_text().splitlines() if path.exists() else []
    return [[int(word) for word in line.split()] for line in lines]


def test_one_supervisor_is_started_however_often_it_is_asked_for(store):
    command = [sys.executable, "-S", "-c", IDLE]
    for _ in range(5):
        ensure_worker(store, command)
    wait_until(lambda: workers(store))
    for _ in range(5):
        ensure_worker(store, command)
    time.sleep(0.1)
    (pid, parent, session), *others = workers(store)
    assert others == []
    assert parent != os.getpid() and session not in (os.getsid(0), 0)
    assert (store.folder / "worker.log").read_text() == "complaint\n"
    os.kill(pid, 9)
    lock = FileLock(store.folder / WORKER_LOCK)
    wait_until(lock.try_acquire)
    lock.release()
    ensure_worker(store, command)
    wait_until(lambda: len(workers(store)) == 2)
    os.kill(workers(store)[1][0], 9)


def test_a_supervisor_that_cannot_be_started_is_said(store):
    with pytest.raises(StoreError, match="could not be started"):
        ensure_worker(store, ["/no/such/program"])
    lock = FileLock(store.folder / WORKER_LOCK)
    assert lock.try_acquire()
    lock.release()
