"""One job in this process: it holds the device, stores what it finds, and says how it ended."""

import threading
import time

import pytest

from attn_core.jobs import Waiting, run_here
from attn_core.jobs.locks import FileLock
from attn_core.jobs.perform import Way, perform
from attn_core.jobs.pulse import Pulse, Stop
from attn_core.store import StoreError
from attn_core.store.paths import device_lock
from tests.jobs import fake
from tests.jobs.conftest import wait_until

FAKE = "tests.jobs.fake"


def never() -> bool:
    return False


def test_a_run_is_done_and_tells_what_it_does(store, make_run):
    run_id, events = make_run(), []
    run_here(store, run_id, events.append, never, handlers=FAKE)
    run, job = store.run(run_id), store.latest_job(run_id)
    assert events == ["cell 0", "cell 1", "cell 2"]
    assert (run.state, run.cells, job.state, job.message) == ("done", 3, "done", "")
    assert job.progress == {"done": 3, "total": 3, "cell": "cell 2"}
    assert job.created_at <= job.started_at <= job.finished_at


def test_a_run_that_was_stopped_goes_on_with_what_it_lacks(store, make_run):
    run_id, seen = make_run(cells=5), []
    run_here(store, run_id, seen.append, lambda: len(seen) == 2, handlers=FAKE)
    assert store.run(run_id).state == "cancelled" and "Resume" in store.latest_job(run_id).message
    run_here(store, run_id, seen.append, never, handlers=FAKE)
    assert fake.measured(store.folder) == [f"cell {number}" for number in range(5)]
    assert store.run(run_id).state == "done"


def test_a_cancel_reaches_a_run_of_another_process(store, make_run):
    run_id = make_run(cells=500)

    def cancel(cell: str) -> None:
        if cell == "cell 1":
            store.cancel(store.latest_job(run_id).id)

    run_here(store, run_id, cancel, never, handlers=FAKE)
    assert store.run(run_id).state == "cancelled"
    assert 2 <= store.run(run_id).cells < 60


@pytest.mark.parametrize(
    ("fault", "sentence", "cells"),
    [
        ("refuse", "fake: cells must be pleasant", 0),
        ("fail", "RuntimeError: the last cell broke", 2),
    ],
)
def test_a_failure_is_one_sentence_and_keeps_what_was_measured(
    store, make_run, fault, sentence, cells
):
    run_id = make_run(fault=fault)
    with pytest.raises((ValueError, RuntimeError)):
        run_here(store, run_id, print, never, handlers=FAKE)
    run = store.run(run_id)
    assert (run.state, run.cells) == ("failed", cells)
    assert store.latest_job(run_id).message == sentence


def test_an_interrupt_ends_the_run_as_cancelled(store, make_run):
    run_id = make_run()

    def interrupt(_event: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_here(store, run_id, interrupt, never, handlers=FAKE)
    assert (store.run(run_id).state, store.run(run_id).cells) == ("cancelled", 1)


def test_a_kind_that_nobody_knows_is_named(store):
    run_id = store.create_run("dance", {"device": "cpu"})
    with pytest.raises(ValueError, match="'dance'; known kinds: sweep"):
        run_here(store, run_id, print, never)
    assert store.run(run_id).state == "failed"


def test_a_run_waits_for_its_device_and_says_so(store, make_run):
    run_id, events = make_run(), []
    lock = FileLock(device_lock(store.folder, "cpu"))
    assert lock.try_acquire()
    arguments = (store, run_id, events.append, never)
    thread = threading.Thread(target=run_here, args=arguments, kwargs={"handlers": FAKE})
    thread.start()
    wait_until(lambda: events == [Waiting("cpu")])
    time.sleep(0.3)
    assert events == [Waiting("cpu")] and fake.measured(store.folder) == []
    assert store.run(run_id).state == "queued" and "cpu" in str(events[0])
    lock.release()
    thread.join()
    assert store.run(run_id).state == "done"


def test_another_device_is_not_waited_for(store, make_run):
    lock = FileLock(device_lock(store.folder, "cuda"))
    assert lock.try_acquire()
    events = []
    run_here(store, make_run(), events.append, never, handlers=FAKE)
    assert Waiting("cpu") not in events
    lock.release()


def test_whoever_waits_can_be_stopped(store, make_run):
    lock = FileLock(device_lock(store.folder, "cpu"))
    assert lock.try_acquire()
    run_id = make_run()
    run_here(store, run_id, print, lambda: True, handlers=FAKE)
    lock.release()
    assert store.run(run_id).state == "cancelled" and fake.measured(store.folder) == []


def test_the_device_is_free_again_after_a_failure(store, make_run):
    with pytest.raises(ValueError):
        run_here(store, make_run(fault="refuse"), print, never, handlers=FAKE)
    lock = FileLock(device_lock(store.folder, "cpu"))
    assert lock.try_acquire()
    lock.release()


def test_a_job_that_another_process_has_begun_is_left_to_it(store, make_run):
    run_id = make_run()
    job = store.submit(run_id, store.run(run_id).settings, "cpu")
    store.claim(job.id)
    store.begin(job.id, 1)
    perform(store, job, Way(Stop(), handlers=FAKE))
    assert fake.measured(store.folder) == [] and store.job(job.id).state == "running"


def test_a_run_measured_elsewhere_cannot_go_on_here(store):
    run_id = store.create_run("fake", fake.settings(), origin="imported")
    with pytest.raises(ValueError, match="is imported"):
        run_here(store, run_id, print, never, handlers=FAKE)


def test_a_job_that_does_not_stop_is_overdue_after_the_grace(store, make_run, monkeypatch):
    monkeypatch.setattr("attn_core.jobs.pulse.GRACE_SECONDS", 0.05)
    job = store.submit(make_run(), {}, "cpu")
    store.claim(job.id)
    calls: list[float] = []
    with Pulse(store, job.id, stop := Stop(), lambda: calls.append(1), seconds=0.01):
        time.sleep(0.1)
        assert not calls
        store.cancel(job.id)
        wait_until(lambda: calls)
    assert stop.asked


def test_a_heartbeat_outlives_a_store_that_fails_for_a_while(store, make_run, monkeypatch):
    job = store.submit(make_run(), {}, "cpu")
    store.claim(job.id)

    def full(*_: object) -> bool:
        raise StoreError("the disk is full")

    with Pulse(store, job.id, stop := Stop(), seconds=0.01):
        with monkeypatch.context() as patched:
            patched.setattr(type(store), "heartbeat", full)
            time.sleep(0.05)
        before = store.job(job.id).heartbeat_at
        wait_until(lambda: store.job(job.id).heartbeat_at > before)
    assert not stop.asked


def test_what_breaks_because_everything_was_told_to_stop_is_no_failure(store, make_run):
    run_id, seen, late = make_run(cells=3, fault="fail"), [], []

    def stop_late() -> bool:
        """Told to stop just when the last cell breaks, too late to leave before it."""
        if len(seen) == 2:
            late.append(True)
        return len(late) > 1

    run_here(store, run_id, seen.append, stop_late, handlers=FAKE)
    run = store.run(run_id)
    assert (run.state, run.cells) == ("cancelled", 2)
