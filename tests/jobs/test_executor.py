"""Jobs as processes: their whole session ends with them, whoever does not leave is made to, no zombie stays."""

import os
import signal
import sys

import pytest

from attn_core.jobs import executor, process
from attn_core.jobs.executor import Ended, LocalProcesses
from tests.jobs.conftest import wait_until
from tests.jobs.test_process import gone

pytestmark = pytest.mark.skipif(not process.PROC.is_dir(), reason="the system has no /proc")
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
FAMILY = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
open(os.environ["ATTN_CORE_HOME"] + "/pids", "w").write(f"{os.getpid()} {child.pid} .")
time.sleep(60)
"""


class Children:
    """The executor with a child of a few lines instead of the real one, and time that a test sets."""

    def __init__(self, store, monkeypatch) -> None:
        self.store, self.monkeypatch, self.seconds = store, monkeypatch, 0.0
        self.executor = LocalProcesses(store, now=lambda: self.seconds)

    def start(self, code: str):
        command = [sys.executable, "-c", code]
        self.monkeypatch.setattr(executor, "module", lambda *_: command)
        job = self.store.submit(self.store.create_run("fake", {}), {}, "cpu")
        self.store.claim(job.id)
        self.executor.submit(job)
        return self.store.job(job.id)

    def pids(self) -> tuple[int, int]:
        path = self.store.folder / "pids"
        wait_until(lambda: path.exists() and path.read_text().endswith("."))
        leader, child, _ = path.read_text().split()
        return int(leader), int(child)

    def end(self) -> list[Ended]:
        found: list[Ended] = []
        wait_until(lambda: found.extend(self.executor.events()) or found)
        return found


@pytest.fixture
def children(store, monkeypatch):
    made = Children(store, monkeypatch)
    yield made
    for running in made.executor._running.values():
        running.signal(signal.SIGKILL)
        assert running.child is not None
        running.child.wait()


def test_a_child_gets_its_store_and_a_session_of_its_own_and_is_reaped(children):
    code = "import os; open(os.environ['ATTN_CORE_HOME'] + '/sid', 'w').write(str(os.getsid(0)))"
    job = children.start(code)
    assert children.end() == [Ended(job.id, 0)]
    assert (children.store.folder / "sid").read_text() == str(job.pid)
    assert process.identity(job.pid) is None  # no zombie
    assert children.executor.events() == [] and children.executor.running() == set()


def test_exit_codes_and_signals_are_told(children):
    job = children.start("raise SystemExit(3)")
    assert children.end() == [Ended(job.id, 3)]
    job = children.start("import os; os.kill(os.getpid(), 9)")
    assert children.end() == [Ended(job.id, -9)]


def test_what_a_killed_child_had_started_ends_with_it(children):
    children.start(FAMILY)
    leader, child = children.pids()
    os.kill(leader, signal.SIGKILL)
    children.end()
    wait_until(lambda: gone(child))


def test_a_cancel_asks_the_whole_session(children):
    job = children.start(FAMILY)
    _, child = children.pids()
    children.executor.cancel(job.id)
    assert children.end() == [Ended(job.id, -signal.SIGTERM)]
    wait_until(lambda: gone(child))


def test_who_does_not_leave_within_the_grace_is_killed(children):
    job = children.start(STUBBORN + FAMILY)
    children.pids()
    children.executor.cancel(job.id)
    for seconds in (0.0, 1.0, 2.9):
        children.seconds = seconds
        children.executor.cancel(job.id)  # asking again gives no more time
        assert children.executor.events() == []
    children.seconds = 3.1
    assert children.end() == [Ended(job.id, -signal.SIGKILL)]


def test_a_living_job_is_adopted_and_its_end_is_told(children):
    children.start(FAMILY)
    leader, child = children.pids()
    job = children.store.jobs()[0]
    other = LocalProcesses(children.store)
    assert other.adopt(job) and other.adopt(job) and other.running() == {job.id}
    assert other.events() == []
    os.kill(leader, signal.SIGKILL)
    wait_until(lambda: other.events() == [Ended(job.id, None)])
    wait_until(lambda: gone(child))


def test_orphans_of_a_job_that_died_unseen_are_ended(children):
    children.start(FAMILY)
    leader, child = children.pids()
    job = children.store.jobs()[0]
    os.kill(leader, signal.SIGKILL)
    children.executor._running[job.id].child.wait()
    other = LocalProcesses(children.store)
    assert not other.adopt(job) and not gone(child)
    other.end_orphans(job)
    wait_until(lambda: gone(child))


def test_closing_lets_the_jobs_go_on(children):
    job = children.start(FAMILY)
    leader, _ = children.pids()
    other = LocalProcesses(children.store)
    other.adopt(children.store.job(job.id))
    other.close()
    assert other.running() == set() and not gone(leader)


def test_complaints_of_children_go_to_the_log_and_the_log_stays_small(children):
    log = children.store.folder / "worker.log"
    log.write_bytes(b"x" * (2**20 + 1))
    children.start("import sys; sys.exit('what went wrong')")
    children.end()
    assert log.read_text() == "what went wrong\n"
