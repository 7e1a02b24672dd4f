"""How far a sweep is, on stderr: a bar where a person watches a terminal, plain lines where a log is kept."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from typing import Any, TextIO

from attn_core.commands.text import result
from attn_core.timing.row import TIMED

BAR = 24
CLEAR = "\r\x1b[K"


class Display:
    """Told of every finished cell and of the progress in between."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.live = self.stream.isatty()
        self.done, self.total = 0, 0

    def say(self, sentence: str) -> None:
        """A line that stays."""
        self.stream.write(f"{CLEAR if self.live else ''}{sentence}\n")
        self.stream.flush()

    def progress(self, done: int, total: int, cell: str, seconds_left: float | None) -> None:
        self.done, self.total = done, total
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            self.stream.write(CLEAR + bar(done, total, cell, seconds_left)[:width])
            self.stream.flush()

    def finished(self, row: Mapping[str, Any]) -> None:
        """A cell that is measured, or was found to have no time; on a terminal only the latter stays."""
        if not self.live or row["outcome"] not in TIMED:
            why = f": {row['message']}" if row["message"] else ""
            self.say(f"{row['label']} @ {row['queries']:,}  {result(row)}{why}")

    def told(self, row: Mapping[str, Any]) -> None:
        """A number of a translator; a terminal's table has them all at the end."""
        if not self.live or row["value"] is None:
            value = row["outcome"] if row["value"] is None else f"{row['value']:.4g}"
            self.say(f"{row['method']} {row['student']} seed {row['seed']} @ {row['length']:,}  "
                     f"{row['metric']} {value}")  # fmt: skip

    def close(self) -> None:
        if self.live:
            self.stream.write(CLEAR)
            self.stream.flush()


def bar(done: int, total: int, cell: str, seconds_left: float | None) -> str:
    """[######------] 3/24 · longformer @ 1024 · 12 s left"""
    filled = BAR * done // max(total, 1)
    left = "" if seconds_left is None else f" · {clock(seconds_left)} left"
    return f"[{'#' * filled}{'-' * (BAR - filled)}] {done}/{total} · {cell}{left}"


def clock(seconds: float) -> str:
    """12 s, 3 min 20 s, 2 h 5 min."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
