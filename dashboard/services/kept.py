"""Answers that took a while, kept by key: as many as fit, the longest unused go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import nullcontext
from functools import wraps
from threading import Lock
from typing import Concatenate, Generic, ParamSpec, TypeVar

Answer = TypeVar("Answer")
Owner = TypeVar("Owner")
Asked = ParamSpec("Asked")


class Kept(Generic[Answer]):
    """Shared by every session. Two that ask for the same at once may both work it out, unless answers are found
    `one_by_one`, for those that are large or share something.

    `weigh` gives an answer's size in bytes, of which all together may have `heaviest`; the newest stays whatever
    it weighs.
    """

    def __init__(
        self,
        most: int,
        weigh: Callable[[Answer], int] = lambda _answer: 0,
        heaviest: int = 2**63,
        *,
        one_by_one: bool = False,
    ) -> None:
        self.most, self.lock = most, Lock()
        self.weigh, self.heaviest = weigh, heaviest
        self.turn = Lock() if one_by_one else nullcontext()
        self.known: OrderedDict[Hashable, Answer] = OrderedDict()

    def get(self, key: Hashable, find: Callable[[], Answer]) -> Answer:
        for known in self.at_hand(key):
            return known
        with self.turn:
            for known in self.at_hand(key):  # another one's turn found it
                return known
            return self._keep(key, find())

    def put(self, key: Hashable, answer: Answer) -> None:
        """A better answer than the one that is kept, if any is."""
        self._keep(key, answer)

    def at_hand(self, key: Hashable) -> list[Answer]:
        """One answer or none."""
        with self.lock:
            if key not in self.known:
                return []
            self.known.move_to_end(key)
            return [self.known[key]]

    def _keep(self, key: Hashable, found: Answer) -> Answer:
        with self.lock:
            self.known[key] = found
            while len(self.known) > 1 and self._full():
                self.known.popitem(last=False)
        return found

    def _full(self) -> bool:
        weight = sum(map(self.weigh, self.known.values()))
        return len(self.known) > self.most or weight > self.heaviest


def kept_with_first(
    most: int = 16,
) -> Callable[
    [Callable[Concatenate[Owner, Asked], Answer]], Callable[Concatenate[Owner, Asked], Answer]
]:
    """Answers about the first argument are kept by it and go with it: of what changes while a study runs, no state
    but the last is held on to."""

    def keeping(
        find: Callable[Concatenate[Owner, Asked], Answer],
    ) -> Callable[Concatenate[Owner, Asked], Answer]:
        @wraps(find)
        def ask(owner: Owner, /, *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
            answers: Kept[Answer] = vars(owner).setdefault(
                f"_kept_{find.__qualname__}", Kept(most)
            )
            key = args, tuple(sorted(kwargs.items()))
            return answers.get(key, lambda: find(owner, *args, **kwargs))

        return ask

    return keeping
