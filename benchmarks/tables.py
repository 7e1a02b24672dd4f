"""Words and numbers of the report: a Markdown table, sensible digits, a summary with its spread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.results import Row


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def verdict(met: bool | None) -> str:
    return {True: "yes", False: "**no**", None: "–"}[met]


def digits(number: float) -> str:
    """Three significant digits, without exponents where people do not expect them."""
    if number and abs(number) < 1e-3:
        return f"{number:.0e}".replace("e-0", "e-")
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def milliseconds(summary: Row) -> str:
    return digits(1000 * summary["median"])


def spread(summary: Row) -> str:
    return f"{digits(summary['median'])} ({digits(summary['p20'])}–{digits(summary['p80'])})"


def busy(rows: Iterable[Row]) -> str:
    """How much else the machine had to do."""
    cores = sorted(row["busy_cores"] for row in rows if "busy_cores" in row)
    if not cores:
        return ""
    return (
        f"Other processes used {cores[len(cores) // 2]:g} cores in the median when a row began, "
        f"{cores[-1]:g} at most: more than a tenth of a core is noise.\n\n"
    )


def failed(row: Row, columns: int) -> list[str] | None:
    """What stands in a row that has no numbers: its outcome and message, never an empty cell."""
    if row["outcome"] == "ok":
        return None
    return [f"{row['outcome']}: {row['message']}", *[""] * (columns - 1)]
