"""Answers that took a while, kept by key: as many as fit, the longest unused go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Kept(Generic[Answer]):
    """Shared by every session. Two that ask for the same at once may both work it out."""

    def __init__(self, most: int) -> None:
        self.most, self.lock = most, Lock()
        self.known: OrderedDict[Hashable, Answer] = OrderedDict()

    def get(self, key: Hashable, find: Callable[[], Answer]) -> Answer:
        with self.lock:
            if key in self.known:
                self.known.move_to_end(key)
                return self.known[key]
        found = find()
        with self.lock:
            self.known[key] = found
            while len(self.known) > self.most:
                self.known.popitem(last=False)
        return found
