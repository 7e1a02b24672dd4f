"""What a report consists of. Plain data: a page and a paper are made of the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dashboard.figures.export import Figure


@dataclass(frozen=True)
class Table:
    """Words in rows; numbers have their units already. Of a long one `left_out` says how many rows are not here."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    left_out: int = 0

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(
                    f"report: table {self.title!r} has {len(self.columns)} columns, got a row of {len(row)}"
                )

    @property
    def remark(self) -> str:
        more = f"{self.left_out:,} more rows are left out." if self.left_out else ""
        return " ".join(part for part in (self.note, more) if part)


@dataclass(frozen=True)
class Section:
    title: str
    paragraphs: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()


@dataclass(frozen=True)
class Report:
    """`facts` are pairs of a name and what it is here; `commands` repeat the measurements."""

    title: str
    question: str
    made: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    commands: Sequence[str] = field(default=())
