"""How our own Python programs are started so that they live on without whoever started them."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from attn_core.store import Store, StoreError
from attn_core.store.paths import VARIABLE, WORKER_LOG

# The folder that holds attn_core: a relative store folder or the current folder mean nothing to a detached process.
ROOT = Path(__file__).resolve().parents[2]
LARGEST_LOG = 2**20
# Starts its arguments and ends at once: what it started belongs to the system, and leaves no zombie with us.
GO_BETWEEN = "import os, sys; os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)"


def module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]


def environment(store: Store, **more: str) -> dict[str, str]:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        VARIABLE: str(store.folder),
        **more,
    }


def log(store: Store) -> BinaryIO:
    """The detached programs' stderr; emptied when it has grown too long, which appending writers survive."""
    file = (store.folder / WORKER_LOG).open("ab")
    if file.tell() > LARGEST_LOG:
        file.truncate(0)
    return file


def complain(text: str) -> None:
    """On stderr, unbuffered: that may be the log, and its disk may be full."""
    with suppress(OSError):
        os.write(2, f"{text.rstrip()}\n".encode())


def detached(store: Store, command: list[str], descriptor: int, **more: str) -> None:
    """Starts the command in a session of its own, with the open file."""
    with log(store) as errors:
        started = subprocess.run(
            [sys.executable, "-I", "-S", "-c", GO_BETWEEN, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=ROOT,
            env=environment(store, **more),
            pass_fds=(descriptor,),
            start_new_session=True,
            check=False,
        )
    if started.returncode:
        raise StoreError(
            f"The worker could not be started: {store.folder / WORKER_LOG} says why; "
            "start it by hand with `python -m attn_core worker`."
        )
