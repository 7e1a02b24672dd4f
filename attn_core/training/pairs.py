"""The sentence pairs that a run reads from the user's file, by one rule for each protocol: pages and commands ask it
before there is a run, and the run itself reads by it."""

from __future__ import annotations

from itertools import islice

from attn_core.corpus.document import Pair
from attn_core.corpus.reader import CsvError, PairFile, Report
from attn_core.corpus.splits import DOCUMENT_PAIRS, LEAST_DOCUMENTS

# The fewest pairs of which there are documents for three uses.
LEAST_CONTROLLED = (LEAST_DOCUMENTS - 1) * DOCUMENT_PAIRS + 1


def pair_file(data: str, protocol: str) -> PairFile:
    """The article's recipe knows no header: its first row is data, whatever it says."""
    return PairFile(data, header=protocol == "controlled")


def read_pairs(data: str, protocol: str, most: int) -> tuple[list[Pair], str]:
    """At most so many pairs from the beginning of the file, and a note of what became of its rows."""
    file = pair_file(data, protocol)
    found = list(islice(file, most))
    check_enough(data, protocol, len(found))
    return found, account(file.report, most)


def check_data(data: str, protocol: str) -> None:
    """Refuse a file that the protocol cannot use; no more of it is read than that takes."""
    enough = LEAST_CONTROLLED if protocol == "controlled" else 1
    check_enough(data, protocol, sum(1 for _ in islice(pair_file(data, protocol), enough)))


def check_enough(data: str, protocol: str, found: int) -> None:
    """Refuse a file of so few usable pairs; one without any is refused by its reader."""
    if protocol == "controlled" and found < LEAST_CONTROLLED:
        raise CsvError(
            f"{data} has {found:,} usable {'pair' if found == 1 else 'pairs'}, and the controlled protocol needs at "
            f"least {LEAST_CONTROLLED}: three documents of up to {DOCUMENT_PAIRS} pairs, to train on, to choose by "
            "and to judge by."
        )


def account(report: Report, most: int) -> str:
    """For the messages of the numbers that come of these pairs."""
    why = "; ".join(f"line {one.line:,}: {one.reason}" for one in report.first)
    said = f"{report.read:,} rows read, {report.skipped:,} skipped" + (f" ({why})" if why else "")
    if report.read < most:
        return said
    return f"{said}; reading stopped after {most:,} pairs, as many as this run uses"
