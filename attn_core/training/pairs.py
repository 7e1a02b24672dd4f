"""The sentence pairs that a run reads from the user's file, by one rule for each protocol: pages and commands ask it
before there is a run, and the run itself reads by it."""

from __future__ import annotations

from itertools import islice

from attn_core.corpus.document import Pair
from attn_core.corpus.reader import PairFile, Report


def pair_file(data: str, protocol: str) -> PairFile:
    """The article's recipe knows no header: its first row is data, whatever it says."""
    return PairFile(data, header=protocol == "controlled")


def read_pairs(data: str, protocol: str, most: int) -> tuple[list[Pair], str]:
    """At most so many pairs from the beginning of the file, and a note of what became of its rows."""
    file = pair_file(data, protocol)
    return list(islice(file, most)), account(file.report)


def account(report: Report) -> str:
    """For the messages of the numbers that come of these pairs."""
    why = "; ".join(f"line {one.line:,}: {one.reason}" for one in report.first)
    return f"{report.read:,} rows read, {report.skipped:,} skipped" + (f" ({why})" if why else "")
