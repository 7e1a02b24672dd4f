"""Which lines a chart of rows has, and how each is drawn. A line is a method with its parameters, of one run."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from attn_core import METHODS
from attn_core.naming import called
from dashboard.figures.frames import column, firsts, records
from dashboard.figures.palette import DASHES, mark

# The same method again, with other parameters or from another run: the same colour, ever quieter.
OPACITIES = (1.0, 0.62, 0.42)


@dataclass(frozen=True)
class Series:
    """One line: its name in the chart, where it comes from, and its look."""

    name: str
    label: str
    run: str
    method: str
    colour: str
    shape: str
    dash: tuple[int, ...]
    opacity: float


def named_by_series(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with a column `series`: the label, and the run where there are several."""
    runs = column(rows, "run") if "run" in rows else pd.Series("", index=rows.index)
    names = column(rows, "label").map(called).astype(str)
    if int(runs.nunique()) > 1:
        names = names + " · " + runs.astype(str)
    return rows.assign(series=names, run=runs)


def series_of(rows: pd.DataFrame, dark: bool = False) -> list[Series]:
    """One entry a line, in catalogue order; `rows` have the column `series`. Exact attention's own look is
    kept for its defaults: a variant differs in dash and strength, never in colour."""
    order = list(METHODS)
    known = records(firsts(rows, "series"), "series", "label", "run", "method")
    found: list[Series] = []
    seen: dict[str, int] = {}
    for row in sorted(known, key=lambda one: order.index(one["method"])):
        variant = seen.get(row["method"], 0)
        seen[row["method"]] = variant + 1
        look = mark(METHODS[row["method"]], dark)
        place = DASHES.index(look.dash) + variant
        found.append(
            Series(
                name=row["series"],
                label=row["label"],
                run=row["run"],
                method=row["method"],
                colour=look.colour,
                shape=look.shape,
                dash=DASHES[place % len(DASHES)],
                opacity=OPACITIES[min(variant, len(OPACITIES) - 1)],
            )
        )
    return found


def below_first(lines: list[Series]) -> list[str]:
    """Names in drawing order: exact attention goes below, so that what is held against it stays visible."""
    exact = [one for one in lines if METHODS[one.method].family == "exact"]
    return [one.name for one in exact] + [one.name for one in lines if one not in exact]
