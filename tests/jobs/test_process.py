"""A signal reaches the processes of its job, and never one that got an old number again."""

import os
import signal
import subprocess
import sys
import time

import pytest

from attn_core.jobs import process
from attn_core.jobs.process import MARK, Leader, identity
from tests.jobs.conftest import wait_until

pytestmark = pytest.mark.skipif(not process.PROC.is_dir(), reason="the system has no /proc")
FAMILY = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def family():
    """A leader of a session with one child, as a job has them."""
    leader = subprocess.Popen(
        [sys.executable, "-c", FAMILY],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, MARK: "home#7"},
    )
    assert leader.stdout is not None
    child = int(leader.stdout.readline())
    yield leader, child
    leader.stdout.close()
    for pid in (leader.pid, child):
        if gone(pid):
            continue
        os.kill(pid, signal.SIGKILL)
    leader.wait()


def gone(pid: int) -> bool:
    found = process._stat(pid)
    return found is None or found[process.STATE] == "Z"


def test_a_process_has_one_identity_and_others_have_another(family):
    leader, _ = family
    assert identity(leader.pid) == identity(leader.pid)
    time.sleep(0.02)
    later = subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE)
    assert len({identity(pid) for pid in (os.getpid(), leader.pid, later.pid)}) == 3
    later.communicate(b"\n")
    assert identity(later.pid) is None


def test_the_whole_session_is_signalled(family):
    leader, child = family
    known = Leader(leader.pid, identity(leader.pid), "home#7")
    assert known.alive
    known.signal(signal.SIGKILL)
    leader.wait()
    wait_until(lambda: gone(child))
    assert not known.alive


def test_orphans_of_a_dead_leader_are_found(family):
    leader, child = family
    known = Leader(leader.pid, identity(leader.pid), "home#7")
    leader.kill()
    leader.wait()
    assert not known.alive
    # For a moment after its start a program has no environment to be read.
    wait_until(lambda: list(known.orphans()) == [child])
    known.signal(signal.SIGKILL)
    wait_until(lambda: gone(child))


def test_a_number_that_was_given_to_another_process_is_not_signalled(family):
    leader, child = family
    recycled = Leader(leader.pid, "boot:1", "home#6")
    assert not recycled.alive
    recycled.signal(signal.SIGKILL)
    unknown = Leader(leader.pid, None, "home#7")
    unknown.signal(signal.SIGKILL)
    time.sleep(0.1)
    assert leader.poll() is None and not gone(child)


def test_a_dead_process_that_nobody_waited_for_does_not_count_as_alive(family):
    leader, _ = family
    known = Leader(leader.pid, identity(leader.pid), "home#7")
    leader.kill()
    wait_until(lambda: not known.alive)
    assert identity(leader.pid) == known.identity  # its number is still taken
