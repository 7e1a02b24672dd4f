"""What trials look at: the log of what was measured, and the processes that live."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from attn_core.jobs.process import MARK

PROC = Path("/proc")
LOG = "measured"


@dataclass(frozen=True)
class Entry:
    """One line of the log."""

    job: int
    kind: str
    key: str
    began: float
    ended: float


def log(folder: Path) -> list[Entry]:
    path = folder / LOG
    lines = path.read_text().splitlines() if path.exists() else []
    parts = (line.split("|") for line in lines if line.count("|") == 4)
    return [Entry(int(a), b, c, float(d), float(e)) for a, b, c, d, e in parts]


def overlapping(entries: list[Entry]) -> bool:
    """Whether two jobs measured at the same time."""
    ordered = sorted(entries, key=lambda entry: entry.began)
    return any(one.job != two.job and two.began < one.ended for one, two in pairwise(ordered))


def workers(folder: Path) -> list[int]:
    """Living supervisors of the store, by their command lines. A child of one has its command line for a moment."""
    found = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                words = (entry / "cmdline").read_bytes().decode().split("\0")
                if words[1:2] == ["-m"] and words[-3:-1] == ["--work", str(folder)]:
                    found[int(entry.name)] = parent(int(entry.name))
    return [pid for pid, above in found.items() if above not in found]


def alive(pid: int) -> bool:
    try:
        return status(pid)[0] != "Z"
    except OSError:
        return False


def variables(entry: Path) -> list[bytes]:
    """A process's environment, if it is ours to read."""
    try:
        return (entry / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def parent(pid: int) -> int:
    return int(status(pid)[1])


def status(pid: int) -> list[str]:
    """What follows the name: state, parent, …"""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def of_job(folder: Path, job_id: int) -> list[int]:
    """Whatever the job has started and is still there."""
    mark = f"{MARK}={folder}#{job_id}".encode()
    return [
        int(entry.name)
        for entry in PROC.iterdir()
        if entry.name.isdigit() and mark in variables(entry) and alive(int(entry.name))
    ]
