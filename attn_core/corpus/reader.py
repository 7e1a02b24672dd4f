"""The user's own English–French CSV, of any size, in constant memory, with an account of every row left out.

The first row names the columns; `en` and `fr` may stand anywhere among others. Surrounding spaces are removed, blank
lines are nothing, and cells are text whatever they look like. A row that cannot be used is counted and says why; a
file of which nothing can be used is a CsvError of one sentence.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from attn_core.corpus.document import Pair
from attn_core.corpus.encoding import CsvError, examine
from attn_core.corpus.lines import Lines
from attn_core.corpus.records import records

__all__ = ["CsvError", "PairFile", "Report", "Skipped"]

Progress = Callable[[int, int], None]
NEEDED = ("en", "fr")
EXAMPLES = 5
DELIMITERS = {"\t": "tabs", ";": "semicolons", "|": "vertical bars"}
DAMAGE = re.compile("(\0)|([\udc80-\udcff])|(\ufffd)")


@dataclass(frozen=True)
class Skipped:
    """A row that was left out."""

    line: int
    reason: str


@dataclass
class Report:
    """What became of the rows; it grows while the file is read."""

    read: int = 0
    skipped: int = 0
    first: list[Skipped] = field(default_factory=list)
    encoding: str = "utf-8"
    note: str = ""

    def skip(self, line: int, reason: str) -> None:
        self.skipped += 1
        if len(self.first) < EXAMPLES:
            self.first.append(Skipped(line, reason))

    def add_note(self, note: str) -> None:
        self.note = f"{self.note}; {note}" if self.note else note


@dataclass(frozen=True)
class _Columns:
    en: int
    fr: int
    width: int
    ignored: tuple[str, ...] = ()


class PairFile:
    """The pairs of a CSV file; every iteration reads it anew and fills `report`."""

    def __init__(
        self, path: str | Path, *, header: bool = True, on_progress: Progress | None = None
    ) -> None:
        """`on_progress` is told the bytes read and the bytes there are, once per block."""
        self.path = Path(path)
        self.header = header
        self._on_progress = on_progress
        self._text = examine(self.path)
        self._columns = self._look()
        self.report = self._blank()

    def __iter__(self) -> Iterator[Pair]:
        self.report = report = self._blank()
        lines = self._lines(self._on_progress)
        rows = records(lines, report.skip)
        found = self._columns
        repeated: list[int] = []
        for line, row in islice(rows, 1 if self.header else 0, None):
            if len(row) != found.width:
                report.skip(line, _width(len(row), found.width))
                continue
            en, fr = row[found.en].strip(), row[found.fr].strip()
            if not en or not fr:
                report.skip(line, f"{_empty(en, fr)} is empty")
            elif lines.spoilt and (damage := DAMAGE.search(en + fr)):
                report.skip(line, _damage(damage, self._text.encoding))
            elif self.header and (en.lower(), fr.lower()) == NEEDED:
                report.skip(line, "the header again")
                repeated.append(line)
            else:
                report.read += 1
                yield Pair(en, fr)
        if repeated:
            report.add_note(_repeated(repeated))
        if not report.read:
            raise CsvError(self._nothing(report))

    def _lines(self, on_progress: Progress | None) -> Lines:
        def told(read: int) -> None:
            if on_progress is not None:
                on_progress(read, self._text.size)

        return Lines(self.path, self._text, told)

    def _blank(self) -> Report:
        report = Report(encoding=self._text.encoding, note=self._text.note)
        if self._columns.ignored:
            report.add_note(f"columns not used: {_names(self._columns.ignored)}")
        return report

    def _look(self) -> _Columns:
        """Which columns hold the pairs, by the first row."""
        bad: list[Skipped] = []

        def skip(line: int, reason: str) -> None:
            bad.append(Skipped(line, reason))
            if self.header:
                raise CsvError(
                    f"Line {line} of {self.path} should name the columns en and fr, but {reason}."
                )

        found = next(records(self._lines(None), skip), None)
        if found is None:
            why = f"; line {bad[0].line}: {bad[0].reason}" if bad else ""
            raise CsvError(f"{self.path} holds no rows{why}.")
        row = [cell.strip() for cell in found[1]]
        self._check_delimiter(row)
        return self._named(row) if self.header else _Columns(0, 1, 2)

    def _check_delimiter(self, row: list[str]) -> None:
        line = ",".join(row)
        for sign, name in DELIMITERS.items():
            cells = [cell.strip().lower() for cell in line.split(sign)]
            if {*NEEDED} <= {*cells} if self.header else len(cells) == 2 != len(row):
                raise CsvError(f"{self.path} is separated by {name}; save it with commas.")

    def _named(self, row: list[str]) -> _Columns:
        names = [name.lower() for name in row]
        if any(names.count(needed) != 1 for needed in NEEDED):
            raise CsvError(
                f"The columns of {self.path} are {_names(row)}; it needs one named en and one named fr."
            )
        en, fr = (names.index(needed) for needed in NEEDED)
        rest = tuple(name for at, name in enumerate(row) if at not in (en, fr))
        return _Columns(en, fr, len(row), rest)

    def _nothing(self, report: Report) -> str:
        if not report.first:
            return f"{self.path} has a header and no rows."
        first = report.first[0]
        rows = "The only row" if report.skipped == 1 else f"None of the {report.skipped:,} rows"
        can = "cannot" if report.skipped == 1 else "can"
        return f"{rows} of {self.path} {can} be used; line {first.line:,}: {first.reason}."


def _width(found: int, needed: int) -> str:
    return f"{found} column{'s' * (found != 1)} where there should be {needed}"


def _empty(en: str, fr: str) -> str:
    return "en" if fr else "fr" if en else "en and fr"


def _damage(found: re.Match[str], encoding: str) -> str:
    reasons = (
        "a NUL byte",
        f"bytes that are not {encoding}",
        "a character that an earlier program could not read (U+FFFD)",
    )
    return f"it holds {reasons[(found.lastindex or 1) - 1]}"


def _repeated(lines: list[int]) -> str:
    more = f" and {len(lines) - 1:,} more" if len(lines) > 1 else ""
    return f"the header came again on line {lines[0]:,}{more}, and was left out"


def _names(columns: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(repr(name[:40]) for name in columns[:8])
    return shown + (f" and {len(columns) - 8:,} more" if len(columns) > 8 else "")
