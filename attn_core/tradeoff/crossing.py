"""From which length a choice beats an exact method: in time with the noise of the samples, in memory as counted.

Times are those of the stored samples, held against each other by `timing.scaling`. Memory has no noise: where it
crosses is read from straight lines in logarithms between the two lengths around it, and nowhere beyond them. Machines
and settings are never mixed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from attn_core.naming import called
from attn_core.timing.row import TIMED, Row
from attn_core.timing.scaling import Crossover, crossover
from attn_core.tradeoff.front import SETTING
from attn_core.tradeoff.newest import last_of_each
from attn_core.tradeoff.settings import Setting
from attn_core.tradeoff.stored import StoredRun

if TYPE_CHECKING:
    from pandas import DataFrame

REFERENCES = ("flash", "softmax")
COLUMNS = (
    "environment_id", "machine", "setting", "run_id", "method", "label", "params", "against", "axis", "state", "length",
    "low", "high", "after", "by", "first", "up_to", "note",
)  # fmt: skip
Cells = Sequence[Row]


def crossings(runs: Iterable[StoredRun], references: Sequence[str] = REFERENCES) -> DataFrame:
    """A row for each choice, reference and axis of every run that timed operators. A choice and its reference are of
    one run, so that one state of the machine stands behind both. `length` is where the choice begins to win and keeps
    winning: between `low` and `high` as far as the noise is concerned, and anywhere between the measured lengths
    `after` and `by`. `first` and `up_to` are the ends of what both were measured at."""
    import pandas as pd

    found = []
    for run in runs:
        if run.kind == "figure-z":
            continue
        for setting, rows in _by_setting(run):
            found += _table(run.run_id, setting, rows, references)
    return pd.DataFrame(found, columns=pd.Index(COLUMNS))


def newest(table: DataFrame) -> DataFrame:
    """One row for each choice, reference, axis, machine and setting: that of the newest run which measured both at
    several lengths, or of the newest at all. Runs come oldest first."""
    several = (table["first"] != table["up_to"]).to_numpy()
    same = ("environment_id", "setting", "label", "against", "axis")
    kept: Any = table[last_of_each(table, same, several)]
    return kept


def memory_crossover(rows: Iterable[Row], label: str, reference: str) -> Crossover:
    """Where a choice begins to need less memory than the reference, and then keeps needing less."""
    rows = list(rows)
    mine, theirs = _memory(rows, label), _memory(rows, reference)
    lengths = sorted(set(mine) & set(theirs))
    name, other = called(label), called(reference)
    if not lengths:
        note = f"the memory of {name} and {other} was not measured at any common length"
        return Crossover(None, None, None, "not measured", note=note)
    gaps = [math.log(mine[n] / theirs[n]) for n in lengths]
    last, less = lengths[-1], [n for n, gap in zip(lengths, gaps, strict=True) if gap < 0]
    if len(less) == len(lengths):
        note = f"{name} needs less memory than {other} at every length measured"
        return Crossover(None, None, None, "always faster", last, note)
    if gaps[-1] >= 0 and less:
        note = (
            f"{name} needs less memory than {other} at N = {less[-1]:,}, and no longer at {last:,}"
        )
        return Crossover(float(less[-1]), None, None, "only shorter", last, note)
    if gaps[-1] >= 0:
        note = f"{name} does not need less memory than {other} up to N = {last:,}"
        return Crossover(None, None, None, "never up to N", last, note)
    places = zip(pairwise(lengths), pairwise(gaps), strict=True)
    (low, high), (before, after) = [one for one in places if one[1][0] >= 0 > one[1][1]][-1]
    at = math.exp(math.log(low) + math.log(high / low) * before / (before - after))
    note = f"{name} needs less memory than {other} from about N = {at:,.0f}, between {low:,} and {high:,}"
    return Crossover(at, float(low), float(high), "crosses", last, note, low, high)


def _table(
    run_id: str, setting: Setting, rows: Cells, references: Sequence[str]
) -> list[dict[str, Any]]:
    choices: dict[str, list[Row]] = {}
    for row in rows:
        choices.setdefault(row["label"], []).append(row)
    found = []
    for against in (one for one in references if one in choices):
        rival = choices[against]
        for label, own in choices.items():
            if label == against:
                continue
            head, both = own[-1], rival + own
            lengths = sorted(_timed(rival) & _timed(own))
            for axis, one in (
                ("time_s", crossover(both, label, against)),
                ("memory_bytes", memory_crossover(both, label, against)),
            ):
                found.append(
                    {
                        "environment_id": setting.filter["environment_id"],
                        "machine": setting.machine,
                        "setting": setting.work,
                        "run_id": run_id,
                        "method": head["method"],
                        "label": label,
                        "params": head["params"],
                        "against": against,
                        "axis": axis,
                        "state": one.state,
                        "length": one.length,
                        "low": one.low,
                        "high": one.high,
                        "after": one.after,
                        "by": one.by,
                        "first": lengths[0] if lengths else None,
                        "up_to": one.up_to,
                        "note": one.note,
                    }
                )
    return found


def _timed(rows: Cells) -> set[int]:
    return {row["queries"] for row in rows if row["outcome"] in TIMED}


def _by_setting(run: StoredRun) -> list[tuple[Setting, Cells]]:
    """A run that was resumed after an update has rows of several environments."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in run.cells:
        known: Mapping[str, Any] = {
            **row,
            "environment_id": row.get("environment_id") or run.environment_id,
        }
        groups.setdefault(tuple(known[name] for name in SETTING), []).append(row)
    return [
        (Setting(values, run.machines.get(values[0], values[0])), rows)
        for values, rows in groups.items()
    ]


def _memory(rows: Cells, label: str) -> dict[int, int]:
    return {
        row["queries"]: row["peak_bytes"]
        for row in rows
        if row["label"] == label and row["outcome"] in TIMED and row["peak_bytes"]
    }
