"""The small tables that a sweep's chart draws beside its lines: floors, second measurings, crossovers, labels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from attn_core.naming import called
from dashboard.figures import axes
from dashboard.figures import sweep_layers as layer
from dashboard.figures.amounts import amount
from dashboard.figures.frames import column, firsts, numbers, records, where
from dashboard.figures.quantities import TIMED, values
from dashboard.figures.series import Series


def timed(rows: pd.DataFrame) -> pd.Series:
    """Which rows carry a measured time."""
    return column(rows, "outcome").isin(TIMED)


def described(found: pd.DataFrame, unit: str) -> pd.DataFrame:
    """The values as words, for tooltips."""
    words = []
    for low, high in zip(found["low"], found["high"], strict=True):
        words.append("" if low == high else f"{amount(unit, low)} – {amount(unit, high)}")
    samples = found["samples"] if "samples" in found else [None] * len(found)
    return found.assign(
        shown=[amount(unit, value) for value in found["value"]],
        spread=words,
        samples_count=[len(taken) if isinstance(taken, list) else 0 for taken in samples],
    )


def floors(rows: pd.DataFrame, per_token: bool) -> pd.DataFrame:
    """The least time this machine's own rates allow, where a row carries it."""
    found = where(rows, numbers(rows, "floor_s").notna() & timed(rows))
    value = numbers(found, "floor_s")
    return found.assign(value=value / (found["queries"] * found["batch"]) if per_token else value)


def second_measurings(nulls: pd.DataFrame, rows: pd.DataFrame, per_token: bool) -> pd.DataFrame:
    """What was measured twice, as lines under the names of the first measuring. Nothing for several runs: one
    run's noise says nothing about another's."""
    if not len(nulls) or not len(rows) or column(rows, "run").nunique() > 1:
        return pd.DataFrame(columns=["series", "queries", "value"])
    again = nulls.assign(series=column(nulls, "label").map(called), run=rows["run"].iloc[0])
    return values(again, "time", None, per_token)


def noise(nulls: pd.DataFrame) -> pd.DataFrame:
    """The ratios of the two measurings with their intervals."""
    if "ratio" not in nulls:
        return pd.DataFrame(columns=["queries", "value", "low", "high"])
    found = where(nulls, numbers(nulls, "ratio").notna())
    found = found.assign(value=found["ratio"], low=found["ratio_low"], high=found["ratio_high"])
    return found.sort_values("queries")


def crossings(crossovers: pd.DataFrame, lines: Sequence[Series]) -> pd.DataFrame:
    """Every crossover under its line's name; a bound that is not known is where the crossover is."""
    names = {one.label: one.name for one in lines}
    table = []
    for one in records(crossovers):
        length = one["length"]
        if one["label"] in names and pd.notna(length):
            low, high = (
                length if pd.isna(one[bound]) else one[bound] for bound in ("low", "high")
            )
            table.append((names[one["label"]], float(length), 1.0, float(low), float(high)))
    return pd.DataFrame(table, columns=["series", "queries", "value", "low", "high"])


def labels(
    canvas: layer.Canvas,
    rows: pd.DataFrame,
    drawn: pd.DataFrame,
    unit: str,
    slopes: Mapping[str, float] | None,
) -> pd.DataFrame:
    """One label a line, near its end, with the slope or the last value; where nothing was measured, below the
    others with the outcome."""
    ends = {
        one["series"]: one
        for one in records(drawn.sort_values("queries"), "series", "queries", "value")
    }
    outcomes = {one["series"]: one["outcome"] for one in records(firsts(rows, "series"))}
    table = []
    for line in canvas.lines:
        end = ends.get(line.name)
        if end is None:
            why = outcomes[line.name]
            note = "no number" if why in TIMED else why
            table.append((line.name, f"{line.name}  {note}", math.nan, math.nan))
        else:
            note = _note(line, end["value"], unit, slopes)
            table.append((line.name, line.name + note, float(end["queries"]), float(end["value"])))
    frame = pd.DataFrame(table, columns=["series", "text", "queries", "value"])
    wanted = [0.0 if math.isnan(v) else canvas.y.pixel(v) for v in frame["value"]]
    places = axes.spread(wanted, layer.LABEL_GAP, canvas.y.pixels)
    longest = max(map(float, rows["queries"]), default=0.0)
    return frame.assign(place=[canvas.y.at(place) for place in places], longest=longest)


def _note(line: Series, value: float, unit: str, slopes: Mapping[str, float] | None) -> str:
    if slopes is None:
        return f"  {amount(unit, value)}"
    return f"  N^{slopes[line.label]:.2f}" if line.label in slopes else ""
