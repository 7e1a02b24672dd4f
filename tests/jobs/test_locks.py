"""A lock has one holder, is handed on with its descriptor, and is free when the last holder dies."""

import os
import subprocess
import sys

import pytest

from attn_core.jobs.locks import FileLock
from attn_core.store import StoreError
from tests.jobs.conftest import wait_until


def test_one_holds_it_and_the_next_one_gets_it(tmp_path):
    first, second = FileLock(tmp_path / "a.lock"), FileLock(tmp_path / "a.lock")
    assert first.try_acquire() and first.in_place()
    assert not second.try_acquire() and not second.in_place()
    first.release()
    assert second.try_acquire()
    second.release()


def test_who_was_given_the_descriptor_keeps_the_lock_until_it_dies(tmp_path):
    lock, other = FileLock(tmp_path / "a.lock"), FileLock(tmp_path / "a.lock")
    assert lock.try_acquire()
    command = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]
    child = subprocess.Popen(command, pass_fds=(lock.descriptor,))
    lock.release()
    assert not other.try_acquire()
    child.kill()
    child.wait()
    assert other.try_acquire()
    other.release()


def test_a_child_that_was_given_nothing_does_not_keep_the_lock(tmp_path):
    lock, other = FileLock(tmp_path / "a.lock"), FileLock(tmp_path / "a.lock")
    assert lock.try_acquire()
    command = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]
    child = subprocess.Popen(command, close_fds=False)
    lock.release()
    wait_until(
        other.try_acquire
    )  # a moment passes until the child has closed what it was not given
    other.release()
    child.kill()
    child.wait()


def test_a_lock_on_a_file_that_was_removed_is_no_lock(tmp_path):
    lock, other = FileLock(tmp_path / "a.lock"), FileLock(tmp_path / "a.lock")
    assert lock.try_acquire()
    lock.path.unlink()
    assert not lock.in_place()
    assert other.try_acquire() and other.in_place() and not lock.in_place()
    lock.release()
    other.release()


def test_a_place_that_takes_no_file_is_named(tmp_path):
    (tmp_path / "home").write_text("")
    with pytest.raises(StoreError, match="needs a folder"):
        FileLock(tmp_path / "home" / "a.lock").try_acquire()


def test_a_descriptor_of_something_else_is_not_the_lock(tmp_path):
    (tmp_path / "a.lock").touch()
    descriptor = os.open(tmp_path / "other", os.O_RDWR | os.O_CREAT)
    lock = FileLock(tmp_path / "a.lock", descriptor)
    assert not lock.in_place()
    lock.release()
    assert not FileLock(tmp_path / "a.lock", descriptor).in_place()  # closed by now
