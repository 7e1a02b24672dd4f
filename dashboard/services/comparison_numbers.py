"""The numbers of Figure Z runs, of one or of several side by side. No streamlit here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from attn_core.naming import called
from attn_core.store import Run, Store
from dashboard.figures import figure_z_metrics as metrics
from dashboard.figures.frames import records
from dashboard.services import comparison
from dashboard.services.history import figure_z_results, names

PLACE = ("Metric", "N", "Model")


def numbers(store: Store, runs: Sequence[Run]) -> pd.DataFrame:
    """A line for every number of Figure Z runs, its seeds put together, and a column for each run."""
    named = names(runs)
    found: dict[tuple[str, int, str], dict[str, str]] = {}
    for run in runs:
        for row in records(figure_z_results(store, run).summary):
            student = "" if row["student"] == "distilled" else f", {row['student']}"
            place = (
                _metric(row["metric"]),
                int(row["length"]),
                f"{called(row['method'])}{student}",
            )
            line = found.setdefault(place, {})
            if named[run.id] not in line or row["outcome"] == "ok":
                line[named[run.id]] = _number(row)
    heads = [*PLACE, *named.values()]
    order = {name: place for place, name in enumerate(dict.fromkeys(one[0] for one in found))}
    places = sorted(found, key=lambda one: (order[one[0]], one[1]))
    table = [
        [*one, *(found[one].get(name, comparison.NONE) for name in named.values())]
        for one in places
    ]
    return pd.DataFrame(table, columns=heads)


def numbers_sentence(found: pd.DataFrame, table: pd.DataFrame) -> str:
    """What a comparison of Figure Z runs can and cannot say."""
    known = table.iloc[:, len(PLACE) :]
    shared = int((known != comparison.NONE).all(axis=1).sum())
    return comparison.differ(found, shared, "number")


def _metric(name: str) -> str:
    if name == metrics.GENERALIZATION:
        return "Ratio to the trained length"
    return metrics.METRICS[name].name if name in metrics.METRICS else name


def _number(row: Mapping[str, Any]) -> str:
    """The value with its interval, or what stands in its place."""
    if pd.isna(row["value"]):
        return str(row["outcome"])
    value, low, high = (
        "" if pd.isna(row[name]) else metrics.words(row["metric"], row[name])
        for name in ("value", "low", "high")
    )
    return f"{value} ({low} – {high})" if low and high else value
