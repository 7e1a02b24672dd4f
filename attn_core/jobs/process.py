"""Which process is which, so that a signal never reaches one that merely got an old number again.

A process is known by its number and the moment it started. Processes that outlive the leader of their session are
known by the mark that each of them inherited in its environment. Without /proc nothing is known, and nobody is
signalled but living children of our own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROC = Path("/proc")
MARK = "ATTN_CORE_JOB"
# Fields of /proc/PID/stat after the name in brackets: state, ppid, pgrp, session, …, starttime (man 5 proc).
STATE, SESSION, STARTED = 0, 3, 19


@dataclass(frozen=True)
class Leader:
    """The first process of a session, whether it lives or not."""

    pid: int
    identity: str | None
    mark: str

    @property
    def alive(self) -> bool:
        if self.identity is None or identity(self.pid) != self.identity:
            return False
        found = _stat(self.pid)
        return found is not None and found[STATE] != "Z"

    def signal(self, number: int) -> None:
        """To every process of the session: to its group at once, or one by one when the leader is gone."""
        if self.identity is not None and identity(self.pid) == self.identity:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)
        for pid in self.orphans():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    def orphans(self) -> Iterator[int]:
        """Living processes of the session other than its leader."""
        if self.identity is None or not PROC.is_dir():
            return
        wanted = f"{MARK}={self.mark}".encode()
        for entry in PROC.iterdir():
            if not entry.name.isdigit() or entry.name == str(self.pid):
                continue
            found = _stat(int(entry.name))
            if found is None or found[SESSION] != str(self.pid) or found[STATE] == "Z":
                continue
            if wanted in _environment(entry):
                yield int(entry.name)


def identity(pid: int) -> str | None:
    """The same for one process for as long as it lives, and never for another; None when there is none."""
    found = _stat(pid)
    return f"{_boot()}:{found[STARTED]}" if found is not None else None


def _stat(pid: int) -> list[str] | None:
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    return text.rpartition(")")[2].split()  # the name may hold blanks and brackets


def _environment(entry: Path) -> list[bytes]:
    try:
        return (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


@cache
def _boot() -> str:
    try:
        return (PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
