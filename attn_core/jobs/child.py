"""`python -m attn_core.jobs.child JOB`: the process of one job, started by the supervisor in a session of its own."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import traceback

from attn_core.jobs.launch import complain
from attn_core.jobs.perform import FAILED, NO_STORE, Way, perform
from attn_core.jobs.process import identity
from attn_core.jobs.pulse import Stop
from attn_core.store import Store, StoreError


def main() -> int:
    parser = argparse.ArgumentParser(prog="attn_core.jobs.child")
    parser.add_argument("job", type=int)
    parser.add_argument("--handlers", default="", help="a module with more kinds of jobs")
    options = parser.parse_args()
    store, stop = Store(), Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    way = Way(
        stop,
        overdue=lambda: _leave(store, options.job),
        process=identity(os.getpid()),
        handlers=options.handlers,
    )
    try:
        perform(store, store.job(options.job), way)
    except StoreError as problem:
        complain(str(problem))
        return NO_STORE
    except Exception:  # the job carries the sentence; the log says where it came from
        complain(traceback.format_exc())
        return FAILED
    return 0


def _leave(store: Store, job_id: int) -> None:
    """Ends this process and all that it started, when the work does not stop by itself."""
    try:
        store.abandon(job_id, "It did not stop when it was told to, and was ended.")
    except StoreError as problem:
        complain(str(problem))
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(FAILED)


if __name__ == "__main__":
    sys.exit(main())
