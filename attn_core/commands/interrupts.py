"""Ctrl-C during long work: the first one asks it to stop, the second one leaves at once."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType

STOPPING = "stopping after the current measurement; Ctrl-C once more leaves at once"


class Interrupts:
    """A context in which SIGINT and SIGTERM set `asked`; call it to learn whether to stop."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.asked = False
        self._before: dict[int, object] = {}

    def __call__(self) -> bool:
        return self.asked

    def __enter__(self) -> Interrupts:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # pyright: ignore[reportArgumentType]

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        self.say(STOPPING)
