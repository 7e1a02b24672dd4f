"""The supervisor's decisions, with a fake executor and a clock that only moves when a test says so."""

import pytest

from attn_core.jobs.executor import Ended
from attn_core.jobs.locks import FileLock
from attn_core.jobs.supervisor import HUNG_SECONDS, Supervisor, obituary, work
from attn_core.store import Job, Store, StoreError
from attn_core.store.paths import WORKER_LOCK


class Fake:
    """Remembers what it was asked; a test says what ends."""

    def __init__(self) -> None:
        self.submitted: list[int] = []
        self.cancelled: list[int] = []
        self.swept: list[int] = []
        self.alive: set[int] = set()
        self.tracked: set[int] = set()
        self.ended: list[Ended] = []
        self.fails = False

    def submit(self, job: Job) -> None:
        if self.fails:
            raise OSError("no more processes")
        self.submitted.append(job.id)
        self.tracked.add(job.id)

    def adopt(self, job: Job) -> bool:
        if job.id in self.alive:
            self.tracked.add(job.id)
        return job.id in self.alive

    def end_orphans(self, job: Job) -> None:
        self.swept.append(job.id)

    def events(self) -> list[Ended]:
        ended, self.ended = self.ended, []
        self.tracked -= {one.job_id for one in ended}
        return ended

    def cancel(self, job_id: int) -> None:
        if job_id not in self.cancelled:
            self.cancelled.append(job_id)

    def running(self) -> set[int]:
        return set(self.tracked)

    def close(self) -> None: ...


class World:
    """One time for the store and the supervisor."""

    def __init__(self, folder) -> None:
        self.seconds = 1_795_249_000.0
        self.store = Store(folder, clock=self.now)
        self.executor = Fake()
        self.supervisor = self.another()

    def now(self) -> float:
        return self.seconds

    def another(self) -> Supervisor:
        return Supervisor(self.store, self.executor, self.now)

    def submit(self, device: str = "cpu", **more) -> Job:
        return self.store.submit(self.store.create_run("fake", {}), {}, device, **more)

    def state(self, job: Job) -> str:
        return self.store.job(job.id).state

    def left_behind(self, job: Job) -> None:
        """A job of a supervisor that was killed."""
        self.store.claim(job.id)
        self.store.started(job.id, 7, "boot:1")
        self.store.begin(job.id, 7, "boot:1")

    def pass_by(self, seconds: float, *beating: Job) -> None:
        for _ in range(int(seconds)):
            self.seconds += 1
            for job in beating:
                self.store.heartbeat(job.id)
            self.supervisor.step()


@pytest.fixture
def world(tmp_path) -> World:
    return World(tmp_path / "home")


def test_jobs_of_one_device_run_one_after_the_other(world):
    first, second = world.submit(), world.submit()
    assert world.supervisor.step()
    world.supervisor.step()
    assert world.executor.submitted == [first.id]
    world.store.finish(first.id, "done")
    world.executor.ended = [Ended(first.id, 0)]
    world.supervisor.step()
    assert world.executor.submitted == [first.id, second.id]
    assert (world.state(first), world.state(second)) == ("done", "running")


def test_devices_work_at_the_same_time(world):
    jobs = [world.submit("cpu"), world.submit("cpu"), world.submit("cuda")]
    world.supervisor.step()
    assert world.executor.submitted == [jobs[0].id, jobs[2].id]


def test_a_job_that_waits_in_its_own_process_has_its_turn(world):
    here, later = world.submit(place="here"), world.submit()
    world.supervisor.step()
    assert world.executor.submitted == []
    world.store.begin(here.id, 1)
    world.supervisor.step()
    assert world.executor.submitted == []
    world.store.finish(here.id, "done")
    world.supervisor.step()
    assert world.executor.submitted == [later.id]


@pytest.mark.parametrize(
    ("code", "word"), [(-9, "signal 9"), (1, "worker.log"), (74, "disk"), (None, "worker.log")]
)
def test_a_child_that_died_is_marked_at_once(world, code, word):
    job, after = world.submit(), world.submit()
    world.supervisor.step()
    world.executor.ended = [Ended(job.id, code)]
    world.supervisor.step()
    assert world.state(job) == "lost" and word in world.store.job(job.id).message
    assert word in obituary(code) and "Resume" in obituary(code)
    assert world.executor.submitted == [job.id, after.id]


def test_a_child_that_was_killed_to_cancel_it_is_cancelled(world):
    job = world.submit()
    world.supervisor.step()
    world.store.cancel(job.id)
    world.supervisor.step()
    world.supervisor.step()
    assert world.executor.cancelled == [job.id]
    world.executor.ended = [Ended(job.id, -9)]
    world.supervisor.step()
    assert world.state(job) == "cancelled"


def test_a_job_of_a_dead_supervisor_is_left_alone_while_it_lives(world):
    job, after = world.submit(), world.submit()
    world.left_behind(job)
    world.executor.alive = {job.id}
    world.pass_by(30, job)
    assert world.state(job) == "running" and world.executor.submitted == []
    assert world.executor.running() == {job.id} and world.executor.cancelled == []
    world.store.finish(job.id, "done")
    world.executor.ended = [Ended(job.id, None)]
    world.supervisor.step()
    assert (world.state(job), world.executor.submitted) == ("done", [after.id])


def test_an_adopted_job_can_be_cancelled(world):
    job = world.submit()
    world.left_behind(job)
    world.executor.alive = {job.id}
    world.supervisor.step()
    world.store.cancel(job.id)
    world.supervisor.step()
    assert world.executor.cancelled == [job.id]


def test_a_job_that_died_unseen_is_lost_when_it_has_been_silent_and_frees_its_device(world):
    job, after = world.submit(), world.submit()
    world.left_behind(job)
    world.pass_by(10)
    assert world.executor.submitted == [] and world.state(job) == "running"
    world.pass_by(3)
    assert world.state(job) == "lost" and world.store.leftovers() == []
    assert world.executor.swept == [job.id]
    assert world.executor.submitted == [after.id]


def test_a_job_whose_supervisor_died_before_it_started_is_lost(world):
    job = world.submit()
    world.store.claim(job.id)
    world.pass_by(12)
    assert world.state(job) == "lost"


def test_a_child_that_is_slow_to_start_is_not_lost(world):
    job = world.submit()
    world.supervisor.step()
    world.pass_by(HUNG_SECONDS - 5)
    assert world.state(job) == "running"
    world.pass_by(2 * HUNG_SECONDS)
    assert world.executor.cancelled == [job.id]  # but not for ever


def test_a_job_that_hangs_is_ended(world):
    job = world.submit()
    world.supervisor.step()
    world.store.begin(job.id, 7, "boot:1")
    world.pass_by(100, job)
    assert world.executor.cancelled == []
    world.pass_by(HUNG_SECONDS - 5)
    assert world.executor.cancelled == [] and world.state(job) == "lost"
    world.pass_by(10)
    assert world.executor.cancelled == [job.id]


def test_a_process_whose_job_is_over_is_ended(world):
    job, deleted = world.submit(), world.submit("cuda")
    world.supervisor.step()
    world.store.finish(job.id, "lost")
    world.store.finish(deleted.id, "lost")
    world.store.delete(deleted.run_id)
    world.supervisor.step()
    assert sorted(world.executor.cancelled) == [job.id, deleted.id]


def test_what_a_lost_job_left_behind_is_ended_though_it_was_resumed_before_anyone_saw(world):
    job = world.submit()
    world.left_behind(job)
    world.supervisor.step()
    world.seconds += 11
    world.store.submit(job.run_id, {}, "cpu")
    world.supervisor.step()
    assert world.executor.swept == [job.id] and world.store.leftovers() == []


def test_what_earlier_jobs_left_behind_is_ended(world):
    dead, alive = world.submit(), world.submit("cuda")
    for job in (dead, alive):
        world.left_behind(job)
        world.store.finish(job.id, "lost")
    world.executor.alive = {alive.id}
    world.supervisor.step()
    assert world.executor.swept == [dead.id]
    world.supervisor.step()
    assert world.executor.cancelled == [alive.id]
    world.executor.ended = [Ended(alive.id, None)]
    world.supervisor.step()
    assert world.store.leftovers() == []


def test_a_child_that_cannot_be_started_fails_and_the_queue_goes_on(world):
    job, after = world.submit(), world.submit()
    world.executor.fails = True
    world.supervisor.step()
    assert world.state(job) == "failed" and "no more processes" in world.store.job(job.id).message
    world.executor.fails = False
    world.supervisor.step()
    assert world.executor.submitted == [after.id]


def test_an_end_that_could_not_be_stored_is_stored_later(world, monkeypatch):
    job = world.submit()
    world.supervisor.step()
    world.executor.ended = [Ended(job.id, -9)]

    def full(*_: object) -> bool:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "abandon", full)
        with pytest.raises(StoreError):
            world.supervisor.step()
    world.supervisor.step()
    assert world.state(job) == "lost"


def test_a_supervisor_without_work_leaves_and_a_second_one_does_not_stay(tmp_path, capfd):
    store = Store(tmp_path / "home")
    work(store, 0)
    assert capfd.readouterr().err == ""
    lock = FileLock(store.folder / WORKER_LOCK)
    assert lock.try_acquire()
    work(store, 3600)
    assert "another worker" in capfd.readouterr().err
    lock.release()


def test_a_supervisor_leaves_when_its_folder_is_gone(tmp_path, monkeypatch):
    store = Store(tmp_path / "home")
    monkeypatch.setattr("attn_core.jobs.supervisor.POLL_SECONDS", 0.0)
    monkeypatch.setattr(
        Supervisor, "step", lambda _self: (store.folder / WORKER_LOCK).unlink(missing_ok=True)
    )
    work(store, 3600)
