"""Jobs: first come, first served; one live job for a run; a silent one is lost, and told so if it wakes up."""

import pytest

from attn_core.store import Store, StoreError


@pytest.fixture
def submit(store):
    def make(device: str = "cpu", **more):
        return store.submit(store.create_run("sweep", {}), {"device": device}, device, **more)

    return make


def test_a_job_comes_back_as_it_was_submitted(store, run_id):
    job = store.submit(run_id, {"lengths": [64]}, "cuda")
    assert (job.run_id, job.spec, job.device, job.state) == (
        run_id,
        {"lengths": [64]},
        "cuda",
        "queued",
    )
    assert (job.progress, job.message, job.pid, job.started_at) == ({}, "", None, None)
    assert store.job(job.id) == job == store.latest_job(run_id)
    assert store.latest_job("gone") is None


def test_positions_are_counted_for_each_device(store, submit):
    first, gpu, second, third = submit(), submit("cuda"), submit(), submit()
    assert [store.position(job.id) for job in (first, gpu, second, third)] == [1, 1, 2, 3]
    store.claim(first.id)
    assert [store.position(job.id) for job in (first, second, third)] == [0, 1, 2]
    store.cancel(second.id)
    assert [store.position(job.id) for job in (second, third)] == [0, 1]


def test_jobs_are_listed_by_state(store, submit):
    waiting, running, ended = submit(), submit(), submit()
    store.claim(running.id)
    store.cancel(ended.id)
    assert [job.id for job in store.jobs()] == [waiting.id, running.id, ended.id]
    assert [job.id for job in store.jobs(["queued"])] == [waiting.id]
    assert [job.id for job in store.jobs(["running", "cancelled"])] == [running.id, ended.id]


def test_a_waiting_job_is_cancelled_at_once_and_can_no_longer_be_claimed(store, submit):
    job = submit()
    store.cancel(job.id)
    assert store.job(job.id).state == "cancelled"
    assert not store.claim(job.id) and not store.begin(job.id, 1)


def test_a_running_job_is_asked_to_stop(store, submit):
    job = submit()
    store.claim(job.id)
    assert store.heartbeat(job.id)
    store.cancel(job.id)
    assert store.job(job.id).state == "cancelling"
    assert not store.heartbeat(job.id)


def test_cancelling_what_has_ended_or_is_gone_changes_nothing(store, submit):
    job = submit()
    store.claim(job.id)
    store.finish(job.id, "done")
    store.cancel(job.id)
    store.cancel(job.id + 1)
    assert store.job(job.id).state == "done"


def test_a_job_is_claimed_once_and_begun_once(store, submit):
    job, other = submit(), Store(store.folder)
    assert [store.claim(job.id), other.claim(job.id)] == [True, False]
    assert [store.begin(job.id, 1, "a"), other.begin(job.id, 2, "b")] == [True, False]
    assert (store.job(job.id).pid, store.job(job.id).process) == (1, "a")


def test_the_first_word_on_how_a_job_ended_counts(store, submit):
    job = submit()
    store.claim(job.id)
    assert store.finish(job.id, "failed", "so it is")
    assert not store.finish(job.id, "done") and not store.abandon(job.id, "gone")
    assert (store.job(job.id).state, store.job(job.id).message) == ("failed", "so it is")


def test_a_run_has_one_live_job(store, run_id):
    job = store.submit(run_id, {}, "cpu")
    with pytest.raises(StoreError, match="is queued already"):
        store.submit(run_id, {}, "cpu")
    store.claim(job.id)
    with pytest.raises(StoreError, match="is running already"):
        store.submit(run_id, {}, "cpu")
    store.finish(job.id, "done")
    assert store.submit(run_id, {}, "cpu").id > job.id


def test_a_silent_job_reads_as_lost_after_ten_seconds(store, submit, clock):
    job = submit()
    clock.pass_by(3600)
    assert store.job(job.id).state == "queued"  # waiting is not silence
    store.claim(job.id)
    clock.pass_by(9.9)
    assert store.job(job.id).state == "running"
    clock.pass_by(0.2)
    assert store.job(job.id).state == store.run(job.run_id).state == "lost"
    assert "Resume" in store.job(job.id).message
    assert [lost.id for lost in store.jobs(["lost"])] == [job.id]
    assert store.heartbeat(job.id)  # it was only asleep, and nobody gave it up
    assert store.job(job.id).state == "running"


def test_a_lost_job_that_was_replaced_is_told_to_stop_when_it_wakes_up(store, run_id, clock):
    old = store.submit(run_id, {}, "cpu")
    store.claim(old.id)
    clock.pass_by(11)
    new = store.submit(run_id, {}, "cpu")
    assert store.job(old.id).state == "lost"
    assert not store.heartbeat(old.id)
    assert not store.finish(old.id, "done")
    assert store.latest_job(run_id) == new and store.run(run_id).state == "queued"


def test_a_job_that_waits_in_a_process_of_its_own_is_lost_with_it(store, submit, clock):
    job = submit(place="here")
    assert store.position(job.id) == 1
    clock.pass_by(11)
    assert store.job(job.id).state == "lost"
    assert store.position(job.id) == 0
    store.cancel(job.id)
    assert store.job(job.id).state == "cancelled"


def test_abandoning_a_job_says_what_was_asked_for(store, submit):
    lost, cancelled = submit(), submit()
    for job in (lost, cancelled):
        store.claim(job.id)
    store.cancel(cancelled.id)
    assert store.abandon(lost.id, "killed") and store.abandon(cancelled.id, "killed")
    assert (store.job(lost.id).state, store.job(lost.id).message) == ("lost", "killed")
    assert (store.job(cancelled.id).state, store.job(cancelled.id).message) == ("cancelled", "")
    assert not store.abandon(99, "killed")


def test_progress_comes_with_the_heartbeat(store, submit):
    job = submit()
    store.claim(job.id)
    store.heartbeat(job.id, {"done": 1, "total": 3, "cell": "flash @ 64", "seconds_left": 2.5})
    store.heartbeat(job.id)
    assert store.job(job.id).progress["cell"] == "flash @ 64"


def test_a_running_run_is_not_deleted(store, submit, clock):
    job = submit()
    store.claim(job.id)
    with pytest.raises(StoreError, match="cancel it first"):
        store.delete(job.run_id)
    clock.pass_by(11)
    store.delete(job.run_id)
    assert not store.heartbeat(job.id)


def test_what_an_ended_job_may_have_left_behind_is_remembered(store, submit):
    job = submit()
    store.claim(job.id)
    store.started(job.id, 7, "boot:1")
    assert store.leftovers() == []
    store.finish(job.id, "lost")
    assert [left.id for left in store.leftovers()] == [job.id]
    store.forget(job.id)
    assert store.leftovers() == []
