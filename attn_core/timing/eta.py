"""How long a sweep still takes: the forecast of what is left, at the pace of what is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping


class Eta:
    """`planned` holds the forecast seconds of every cell still to do; `total` counts those done before too."""

    def __init__(
        self,
        planned: Mapping[str, float],
        total: int,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.left, self.total, self.now = dict(planned), total, now
        self.began, self.behind = now(), 0.0

    @property
    def finished(self) -> int:
        return self.total - len(self.left)

    def done(self, key: str) -> None:
        self.behind += self.left.pop(key, 0.0)

    def seconds_left(self) -> float | None:
        ahead = sum(self.left.values())
        if not self.behind:
            return ahead
        return ahead * (self.now() - self.began) / self.behind
