"""CSV rows with the lines that they stand on; one bad quotation mark costs one line, not the rest of the file."""

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from attn_core.corpus.lines import LONGEST

Skip = Callable[[int, str], None]
TOO_LONG_REASON = f"the line is longer than {LONGEST:,} characters"
QUOTES_REASON = "its quotation marks do not match"


class _RunOn(Exception):
    """The row that is being read has outgrown the longest there may be."""


class _Feed:
    """Hands lines to csv and remembers those of the row in hand, to take them back."""

    def __init__(self, lines: Iterable[str | None]) -> None:
        self._lines = iter(lines)
        self._again: deque[str | None] = deque()
        self.line = 1  # where the row in hand begins
        self.taken: list[str] = []
        self.held = 0

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        if line is None or self.held + len(line) > LONGEST:
            self._again.appendleft(line)
            raise _RunOn
        self.taken.append(line)
        self.held += len(line)
        return line

    def accept(self) -> int:
        """The row in hand is complete; the line on which it began."""
        began = self.line
        self.line += len(self.taken)
        self.taken.clear()
        self.held = 0
        return began

    def give_up(self) -> str:
        """Drops the first line of the row in hand, to go on with the next; why."""
        reason = QUOTES_REASON
        if self.taken:
            self._again.extendleft(reversed(self.taken[1:]))
        else:
            self._again.popleft()
            reason = TOO_LONG_REASON
        self.taken.clear()
        self.held = 0
        self.line += 1
        return reason


def records(lines: Iterable[str | None], skip: Skip) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not blank, with its first line; `skip` hears of lines that are no row."""
    feed = _Feed(lines)
    rows = csv.reader(feed, strict=True)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except (csv.Error, _RunOn):
            line = feed.line
            skip(line, feed.give_up())
            continue
        line = feed.accept()
        if row:
            yield line, row
