"""Work in a process of its own, made quickly, watched, and ended when asked.

A server that has imported torch forks each child in milliseconds; it runs no operation itself, because threads do
not survive a fork. A child dies with its parent, and is the first to go when memory runs out. It sends messages;
`Alive` says what it is doing and how long the next message may take.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import ModuleType
from typing import Any

from attn_core.timing.failures import outcome_of
from attn_core.timing.row import Outcome

POLL_S = 0.1
# Until the first message: importing torch on a busy machine included.
STARTUP_S = 120.0
PRELOADED = ("attn_core", "attn_core.timing.group", "attn_core.timing.memory")
PR_SET_PDEATHSIG = 1
OOM_SCORE, FIRST_TO_GO = Path("/proc/self/oom_score_adj"), "1000"
KILLED = "the system ended its process (SIGKILL), as it does when memory runs out"


@dataclass(frozen=True)
class Alive:
    """A child's sign of life."""

    doing: str
    allowed_s: float


@dataclass(frozen=True)
class End:
    """How a child ended; no outcome means that it did all its work."""

    outcome: Outcome | None = None
    message: str = ""


CANCELLED = End("cancelled", "cancelled")


def run_child(
    work: Callable[..., None],
    *arguments: Any,
    name: str,
    receive: Callable[[Any], None],
    stop: Callable[[], bool],
) -> End:
    """Call `work(send, *arguments)` in a fresh process; what it sends is handed to `receive` here."""
    context = _context()
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(
        target=_enter, args=(sender, work, arguments), name=name, daemon=True
    )
    try:
        with _without_main():
            process.start()
        sender.close()
        return _listen(process, receiver, receive, stop)
    finally:
        if process.pid is not None:
            process.kill()
            process.join()
        receiver.close()


def _listen(
    process: Any, receiver: Connection, receive: Callable[[Any], None], stop: Callable[[], bool]
) -> End:
    doing = Alive("starting", STARTUP_S)
    deadline = time.monotonic() + doing.allowed_s
    while not stop():
        wait([receiver, process.sentinel], POLL_S)
        try:
            while receiver.poll():
                message = receiver.recv()
                if isinstance(message, End):
                    return message
                if isinstance(message, Alive):
                    doing, deadline = message, time.monotonic() + message.allowed_s
                receive(message)
        except (EOFError, OSError):  # it went away, perhaps in the middle of a message
            return _ended(process, stop)
        if not process.is_alive() and not receiver.poll():
            return _ended(process, stop)
        if time.monotonic() > deadline:
            return End("timeout", f"{doing.doing}: not done after {doing.allowed_s:g} s")
    return CANCELLED


def _ended(process: Any, stop: Callable[[], bool]) -> End:
    process.join(1.0)
    # A signal that ends us all may have reached the child, or its server, first: that is no result of its work.
    time.sleep(POLL_S)
    if stop():
        return CANCELLED
    code = process.exitcode
    if code == -signal.SIGKILL:
        return End("oom", KILLED)
    if code is not None and code < 0:
        return End("error", f"its process was ended by {signal.Signals(-code).name}")
    return End("error", f"its process ended early, with exit code {code}")


def _context() -> Any:
    """Elsewhere than on Linux a fork is not safe with the system's own libraries."""
    if not sys.platform.startswith("linux"):
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    return context


@contextmanager
def _without_main() -> Iterator[None]:
    """A child would run the caller's main script again to find its functions; ours are all in modules."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _enter(sender: Connection, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """The child's first steps."""
    _die_with_parent()
    _go_first()
    # Ctrl-C and a polite end reach the whole group; the parent decides what becomes of us.
    for polite in (signal.SIGINT, signal.SIGTERM):
        signal.signal(polite, signal.SIG_IGN)
    with sender:
        try:
            work(sender.send, *arguments)
            end = End()
        except BrokenPipeError:  # nobody listens any more
            return
        except Exception as problem:  # whatever it is, it is this child's result
            end = End(*outcome_of(problem))
        sender.send(end)


def _die_with_parent() -> None:
    """By both its parents: the signal tells of the server's end, which itself waits for its children; a thread
    asleep on a pipe sees the end of who asked for the work."""
    threading.Thread(target=_outlive_nobody, daemon=True).start()
    if sys.platform.startswith("linux"):
        prctl = getattr(ctypes.CDLL(None), "prctl", None)
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _outlive_nobody() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _go_first() -> None:
    if OOM_SCORE.exists() and os.access(OOM_SCORE, os.W_OK):
        OOM_SCORE.write_text(FIRST_TO_GO)
