"""Locks between processes that the system lets go of when their holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from attn_core.store.errors import explained


class FileLock:
    """An exclusive lock on a file. It belongs to the open file: a process that is given the descriptor has the
    lock too, and it is free again when the last of them has closed it."""

    def __init__(self, path: Path, descriptor: int | None = None) -> None:
        self.path = path
        self.descriptor = descriptor

    def try_acquire(self) -> bool:
        """Whether the lock is now held; never waits."""
        with explained(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Not inheritable, as all that Python opens: a child that outlives its parent must not keep the lock.
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return False
        self.descriptor = descriptor
        if not self.in_place():  # removed or replaced between the two calls
            self.release()
            return self.try_acquire()
        return True

    def in_place(self) -> bool:
        """Whether the lock is held on the file that others find under this path."""
        if self.descriptor is None:
            return False
        try:
            mine, theirs = os.fstat(self.descriptor), self.path.stat()
        except OSError:
            return False
        return (mine.st_dev, mine.st_ino) == (theirs.st_dev, theirs.st_ino)

    def release(self) -> None:
        """Closes and does not unlock: whoever was given the descriptor keeps the lock."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None
