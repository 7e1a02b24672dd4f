"""What a job and a run are said to be, derived when they are read: a dead process cannot say it is dead."""

from __future__ import annotations

from typing import Literal, get_args

JobState = Literal["queued", "running", "cancelling", "done", "cancelled", "failed", "lost"]
RunState = Literal["empty"] | JobState
JOB_STATES: tuple[JobState, ...] = get_args(JobState)
# States in which a job holds its place in the queue or its device.
LIVE: tuple[JobState, ...] = ("queued", "running", "cancelling")
# A living job says so every second; without a word for this long it reads as lost.
HEARTBEAT_SECONDS = 1.0
STALE_SECONDS = 10.0


def job_state(stored: JobState, cancel: bool, heartbeat: str | None, oldest: str) -> JobState:
    """`heartbeat` and `oldest`, the oldest one that counts, are times; a job that waits in the queue has none."""
    if stored not in LIVE:
        return stored
    if heartbeat is not None and heartbeat < oldest:
        return "lost"
    return "cancelling" if stored == "running" and cancel else stored
