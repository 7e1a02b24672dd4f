"""What the children of the process tests do; a module of its own, so that a child can import it."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attn_core.timing.process import Alive

Send = Callable[[Any], None]


def count(send: Send, upto: int) -> None:
    for number in range(upto):
        send(number)


def refuse(send: Send, problem: Exception) -> None:
    send("before")
    raise problem


def end_by_signal(send: Send, number: int) -> None:
    send("before")
    os.kill(os.getpid(), number)


def leave(send: Send) -> None:
    sys.stdout.flush()
    os._exit(3)


def hang(send: Send, allowed_s: float = 600.0) -> None:
    send(Alive("hanging", allowed_s))
    time.sleep(600)


def tell_about_itself(send: Send) -> None:
    main = sys.modules["__main__"]
    send(
        {
            "pid": os.getpid(),
            "oom_score": Path("/proc/self/oom_score_adj").read_text().strip(),
            "ignores_interrupts": signal.getsignal(signal.SIGINT) is signal.SIG_IGN,
            "main": getattr(main, "__file__", ""),
        }
    )
