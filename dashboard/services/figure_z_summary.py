"""The cells of a Figure Z run put together over its seeds, and ratios between lengths. No streamlit here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from dashboard.figures.figure_z_metrics import GENERALIZATION, PUBLISHED, QUALITY
from dashboard.figures.figure_z_quality import Noise
from dashboard.figures.figure_z_series import method_of
from dashboard.figures.frames import column, records, where

CELL_COLUMNS = (
    "method", "student", "seed", "metric", "length", "value", "low", "high", "outcome", "message",
)  # fmt: skip
SUMMARY_COLUMNS = (
    "method", "student", "metric", "of", "length", "value", "low", "high", "seeds", "least", "most",
    "outcome", "message",
)  # fmt: skip
GROUP = ("method", "student", "metric", "of", "length")
OK = "ok"
DEFAULT_RATIO = "token_accuracy"
# Every way to draw the seeds again, while there are few; so many random ones where there are more.
FEW_SEEDS, DRAWS = 4, 2000


def summary(cells: pd.DataFrame) -> pd.DataFrame:
    """A line for every method, student, metric and length: the mean over its seeds with an interval, or the outcome
    that stands in its place. `of` is the metric that a ratio is made of."""
    table = []
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in records(cells.assign(of=_metric_of_ratio(cells))):
        groups.setdefault(tuple(row[name] for name in GROUP), []).append(row)
    for key, rows in groups.items():
        table.append(dict(zip(GROUP, key, strict=True)) | _together(rows))
    return _beside_ours(pd.DataFrame(table, columns=list(SUMMARY_COLUMNS)))


def _beside_ours(found: pd.DataFrame) -> pd.DataFrame:
    """What was published of a method stands in the row of ours, whatever parameters ours has, if there is one only."""
    is_published = column(found, "student") == "published"
    labels: dict[str, list[str]] = {}
    for label in dict.fromkeys(where(found, ~is_published)["method"]):
        labels.setdefault(method_of(label), []).append(label)
    names = [
        ours[0] if published and len(ours := labels.get(method_of(label), [])) == 1 else label
        for label, published in zip(found["method"], is_published, strict=True)
    ]
    return found.assign(method=names)


def _metric_of_ratio(cells: pd.DataFrame) -> list[str]:
    """A ratio's message names its metric, or it is of the published measure where there is one; a ratio that does not
    exist has a reason there instead, and stands for every metric."""
    usual = PUBLISHED if PUBLISHED in set(cells["metric"]) else DEFAULT_RATIO
    found = []
    for row in records(cells, "metric", "message", "outcome"):
        if row["metric"] != GENERALIZATION or row["outcome"] != OK:
            found.append("")
        else:
            found.append(next((name for name in QUALITY if name in str(row["message"])), usual))
    return found


def _together(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    known = [row for row in rows if row["outcome"] == OK and pd.notna(row["value"])]
    if not known:
        first = next((row for row in rows if row["outcome"] != OK), rows[0])
        outcome = first["outcome"] if first["outcome"] != OK else "error"
        return {
            "value": np.nan, "low": np.nan, "high": np.nan, "least": np.nan, "most": np.nan,
            "seeds": 0, "outcome": outcome, "message": first["message"] or "",
        }  # fmt: skip
    values = [float(row["value"]) for row in known]
    low, high = interval(known)
    failed = [row for row in rows if row not in known]
    notes = {str(row["message"]) for row in failed} - {"", "None", "nan"}
    missing = f"{len(failed)} of {len(rows)} seeds without a number: {'; '.join(sorted(notes))}"
    said = str(known[0]["message"] or "")
    return {
        "value": float(np.mean(values)), "low": low, "high": high, "least": min(values),
        "most": max(values), "seeds": len(known), "outcome": OK, "message": missing if failed else said,
    }  # fmt: skip


def interval(rows: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Around the mean of the seeds: from drawing the seeds again (95%), and never narrower than what each seed says
    of itself. Nothing where neither is known."""
    values = np.array([row["value"] for row in rows], dtype=float)
    own = [row for row in rows if pd.notna(row["low"]) and pd.notna(row["high"])]
    below = float(np.mean([row["value"] - row["low"] for row in own])) if own else 0.0
    above = float(np.mean([row["high"] - row["value"] for row in own])) if own else 0.0
    if len(values) == 1 and not own:
        return np.nan, np.nan
    mean = float(values.mean())
    low, high = np.percentile(_redrawn(values), (2.5, 97.5))
    return min(float(low), mean - below), max(float(high), mean + above)


def _redrawn(values: np.ndarray) -> np.ndarray:
    count = len(values)
    if count <= FEW_SEEDS:
        return np.array(
            [values[list(drawn)].mean() for drawn in product(range(count), repeat=count)]
        )
    drawn = np.random.default_rng(0).integers(0, count, (DRAWS, count))
    return values[drawn].mean(axis=1)


def of_metric(found: pd.DataFrame, metric: str, *students: str) -> pd.DataFrame:
    rows = where(found, column(found, "metric") == metric)
    return where(rows, column(rows, "student").isin(students)) if students else rows


def finite(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The lines with a number."""
    return records(where(rows, column(rows, "outcome").eq(OK) & column(rows, "value").notna()))


def at_length(rows: pd.DataFrame, length: int) -> pd.DataFrame:
    return where(rows, column(rows, "length") == length)


def generalization(found: pd.DataFrame, metric: str, base: int) -> tuple[str, pd.DataFrame]:
    """The metric a ratio is made of, and the ratios by length: `metric` where its ratios exist, else those that the
    run stored: of the published measure, or of token accuracy."""
    for one in dict.fromkeys((metric, PUBLISHED, DEFAULT_RATIO)):
        ratios = _ratios(found, one, base)
        if finite(where(ratios, column(ratios, "length") > base)):
            return one, ratios
    ratios = _ratios(found, metric, base)
    return metric, ratios if (column(ratios, "length") > base).any() else ratios.head(0)


def _ratios(found: pd.DataFrame, metric: str, base: int) -> pd.DataFrame:
    """Those stored for the metric; what was not stored is divided here, by the same rule."""
    stored = of_metric(found, GENERALIZATION)
    stored = where(stored, column(stored, "of").isin([metric, ""]))
    have = {(row["method"], row["student"], row["length"]) for row in records(stored)}
    divided = [
        row
        for row in _divided(found, metric, base)
        if (row["method"], row["student"], row["length"]) not in have
    ]
    parts = [stored, pd.DataFrame(divided, columns=list(SUMMARY_COLUMNS))]
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _divided(found: pd.DataFrame, metric: str, base: int) -> list[dict[str, Any]]:
    rows = records(of_metric(found, metric, "teacher", "distilled", "identity"))
    values = {(r["method"], r["student"], r["length"]): r["value"] for r in rows}
    teacher = {r["length"]: r["value"] for r in rows if r["student"] == "teacher"}
    ratios = []
    for row in rows:
        made = row | {"metric": GENERALIZATION, "of": metric, "low": np.nan, "high": np.nan}
        if row["outcome"] == OK:
            own_base = values.get((row["method"], row["student"], base), np.nan)
            norm = (teacher.get(row["length"]), teacher.get(base))
            if row["student"] == "teacher":
                norm = (1.0, 1.0)  # its own share is what the others are held against
            value = normalised(row["value"], own_base, *norm)
            if value is None:
                continue
            made |= {"value": value, "least": value, "most": value}
        ratios.append(made)
    return ratios


def normalised(
    value: float, at_base: float, teacher: float | None, teacher_at_base: float | None
) -> float | None:
    """How much more a method changes with length than its teacher does; None where that cannot be said."""
    parts = (value, at_base, teacher, teacher_at_base)
    if any(part is None or not np.isfinite(part) for part in parts):
        return None
    if not at_base or not teacher or not teacher_at_base:
        return None
    return (value / at_base) / (teacher / teacher_at_base)


def noise_floor(found: pd.DataFrame, metric: str, length: int, exact: set[str]) -> Noise | None:
    """How far apart exact attention comes out when it is trained again: over its seeds. One seed does not say that;
    there it is what other test rows would give, or the distance to the teacher, and is called so."""
    rows = at_length(of_metric(found, metric, "distilled", "teacher"), length)
    rows = where(rows, column(rows, "outcome") == OK)
    twice = where(
        rows, (column(rows, "student") == "distilled") & column(rows, "method").isin(exact)
    )
    if not len(twice):
        return None
    again = records(twice)
    seeds = max(int(row["seeds"]) for row in again)
    if seeds > 1:
        low, high = min(row["least"] for row in again), max(row["most"] for row in again)
        return Noise(low, high, f"exact attention trained again, over {seeds} seeds")
    known = [row for row in again if pd.notna(row["low"])]
    if known:
        low, high = min(row["low"] for row in known), max(row["high"] for row in known)
        return Noise(
            low, high, "exact attention trained again once: other test rows, not other trainings"
        )
    ends = [row["value"] for row in records(rows) if row["student"] == "teacher"]
    ends += [row["value"] for row in again]
    return Noise(min(ends), max(ends), "exact attention trained again once, and its teacher")
