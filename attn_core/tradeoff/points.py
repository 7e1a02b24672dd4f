"""Stored rows of several runs as one table of points: what a choice costs, how far it is from exact attention, and how
well a translator made of it does, each with its interval.

Points of several runs stay points of their runs. A fidelity row belongs to the point of its own run, choice and
length; of several sources one is taken. The quality of a Figure Z is lent to points of the same method and
parameters, and `quality_from` says which student of which run, and its length, it is of.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_core.methods import METHODS
from attn_core.timing.row import TIMED, Row
from attn_core.timing.spec import Choice
from attn_core.tradeoff.axes import AXES, OPERATOR, QUALITY
from attn_core.tradeoff.budgets import is_exact
from attn_core.tradeoff.quality import Model, Student, by_label, lent, models
from attn_core.tradeoff.stored import StoredRun

if TYPE_CHECKING:
    from pandas import DataFrame

# What a Figure Z times is a whole translator: it never stands beside one operator.
WHOLE_MODEL = "model"
MODEL_BATCH = 1
TEXTS = (
    "id", "run_id", "run_name", "kind", "environment_id", "machine", "device", "dtype", "role", "pass", "method",
    "family", "label", "budget", "outcome", "message", "source_key", "quality_from", "worst_source",
)  # fmt: skip
COUNTS = ("batch", "heads", "head_dim", "length", "keys", "sources")
OTHERS = ("params", "budget_value", "exact", "quality_length")
COLUMNS = (
    "id", "run_id", "run_name", "kind", "environment_id", "machine", "device", "dtype", "role", "pass", "batch",
    "heads", "head_dim", "method", "family", "label", "params", "budget", "budget_value", "exact", "length", "keys",
    "outcome", "message", "source_key", "quality_from", "quality_length",
    *(f"{name}{end}" for name in AXES for end in ("", "_low", "_high")), "worst_error", "worst_source",
    "sources",
)  # fmt: skip
# No type of numbers rounds more than this away, not even bfloat16 with its three digits.
ROUNDING = 0.05
Rows = Sequence[Mapping[str, Any]]


def source_keys(runs: Iterable[StoredRun]) -> dict[str, int]:
    """What fidelity was measured on, with the number of its rows, most first."""
    return dict(Counter(row["source_key"] for run in runs for row in run.fidelity).most_common())


def points(
    runs: Iterable[StoredRun], source_key: str | None = None, student: Student = "distilled"
) -> DataFrame:
    """A row a point, in the order of the runs. `source_key` is the source with most rows where none is named; `student`
    is whose quality of a Figure Z counts."""
    import pandas as pd

    runs = list(runs)
    sources = source_keys(runs)
    if source_key is None:
        source_key = next(iter(sources), "")
    elif source_key not in sources:
        allowed = ", ".join(sources) or "none: no run has fidelity"
        raise ValueError(f"tradeoff: source must be one of {allowed}, got {source_key!r}")
    known = by_label(runs, student)
    parts = [
        _whole_models(run, models(run, student))
        if run.kind == "figure-z"
        else _operators(run, source_key, known)
        for run in runs
    ]
    joined = {name: [part[name] for part in parts] for name in COLUMNS}
    return pd.DataFrame({name: _column(name, blocks) for name, blocks in joined.items()})


def _operators(
    run: StoredRun, source_key: str, known: Mapping[str, Sequence[Model]]
) -> dict[str, Any]:
    """Points of a sweep or a study: a row a cell, and one for fidelity whose cell was not timed."""
    fidelity = {
        (row["label"], row["queries"]): row
        for row in run.fidelity
        if row["source_key"] == source_key
    }
    timed = {(row["label"], row["queries"]) for row in run.cells}
    rows: list[Row] = [*run.cells]
    rows += [_untimed(run, row) for place, row in fidelity.items() if place not in timed]
    found = _heads(run, rows)
    _measure(found, rows)
    _join_fidelity(found, [fidelity.get((row["label"], row["queries"])) for row in rows])
    found["exact"] = [
        _exact(row, error) for row, error in zip(rows, found["output_error"], strict=True)
    ]
    _join_worst(found, run.fidelity, rows)
    lenders = {length: lent(known, length) for length in {row["queries"] for row in rows}}
    _lend(found, QUALITY, [lenders[row["queries"]].get(row["label"]) for row in rows])
    return found


def _untimed(run: StoredRun, row: Row) -> Row:
    """The head that the cell of a fidelity row would have."""
    said = {name: run.settings.get(name, "") for name in ("pass", "dtype", "device")}
    outcome = row["outcome"] if row["outcome"] != "ok" else "cancelled"
    message = row["message"] or "fidelity was measured, time was not"
    batch = run.settings.get("batch", 1)
    return {**said, **row, "batch": batch, "outcome": outcome, "message": message}


def _whole_models(run: StoredRun, found: Sequence[Model]) -> dict[str, Any]:
    """Points of a Figure Z: a translator at a length."""
    heads = int(run.settings.get("heads", 1))
    rows: list[Row] = [
        {
            "method": one.choice.method if one.choice else one.label.split(" ")[0],
            "label": one.label,
            "params": one.choice.to_json()["params"] if one.choice else {},
            "role": WHOLE_MODEL,
            "pass": "forward",
            "batch": MODEL_BATCH,
            "heads": heads,
            "queries": one.length,
            "keys": one.length,
            "head_dim": int(run.settings.get("width", 0)) // heads,
            "dtype": "float32",
            "device": run.settings.get("device", ""),
            "outcome": one.outcome,
            "message": one.message,
        }
        for one in found
    ]
    table = _heads(run, rows)
    table["exact"] = [family == "exact" for family in table["family"]]
    table |= {"source_key": [""] * len(rows), "worst_source": [""] * len(rows)}
    table |= {"worst_error": np.full(len(rows), np.nan), "sources": [0] * len(rows)}
    _lend(table, tuple(AXES), found)
    return table


def _heads(run: StoredRun, rows: Sequence[Row]) -> dict[str, Any]:
    """What identifies a point, column by column."""
    count = len(rows)
    names = [row["method"] for row in rows]
    facts = {name: _facts(name) for name in dict.fromkeys(names)}
    where = [row.get("environment_id") or run.environment_id for row in rows]
    told = {one: run.machines.get(one, one) for one in dict.fromkeys(where)}
    found: dict[str, Any] = {
        "id": [f"{run.run_id}/{row['label']} @ {row['queries']}" for row in rows],
        "run_id": [run.run_id] * count,
        "run_name": [run.name] * count,
        "kind": [run.kind] * count,
        "environment_id": where,
        "machine": [told[one] for one in where],
        "family": [facts[name][0] for name in names],
        "budget": [facts[name][1] for name in names],
        "budget_value": [_number(row["params"].get(facts[row["method"]][1])) for row in rows],
        "length": [row["queries"] for row in rows],
    }
    for name in (
        "device",
        "dtype",
        "role",
        "pass",
        "batch",
        "heads",
        "head_dim",
        "keys",
        "method",
    ):
        found[name] = [row[name] for row in rows]
    for name in ("label", "params", "outcome", "message"):
        found[name] = [row[name] for row in rows]
    return found


def _measure(found: dict[str, Any], rows: Rows) -> None:
    """Axes of timing rows. Few samples leave an interval open: then the fifths around the median stand for it. What did
    not run has none, not even the work that was counted for it."""
    median, floor = _floats(rows, "median_s"), _floats(rows, "floor_s")
    low, high = (
        np.where(np.isnan(bound), _floats(rows, spare), bound)
        for bound, spare in ((_floats(rows, "ci_low_s"), "p20_s"), (_floats(rows, "ci_high_s"), "p80_s"))
    )  # fmt: skip
    _interval(found, "time_s", median, low, high)
    ran = np.array([row["outcome"] in TIMED for row in rows], dtype=bool)
    for name, column in (("memory_bytes", "peak_bytes"), ("flops", "flops")):
        _interval(found, name, *[np.where(ran, _floats(rows, column), np.nan)] * 3)
    with np.errstate(divide="ignore", invalid="ignore"):
        _interval(found, "floor_share", floor / median, floor / high, floor / low)


def _interval(
    found: dict[str, Any], name: str, value: np.ndarray, low: np.ndarray, high: np.ndarray
) -> None:
    """The ends are the value itself where they are not known, and never on its wrong side."""
    found[name] = value
    found[f"{name}_low"] = np.where(np.isnan(value), np.nan, np.fmin(low, value))
    found[f"{name}_high"] = np.where(np.isnan(value), np.nan, np.fmax(high, value))


def _join_fidelity(found: dict[str, Any], beside: Sequence[Row | None]) -> None:
    """Of each point the fidelity row that belongs to it, or None."""
    rows = [row for row in beside if row is not None]
    places = np.flatnonzero([row is not None for row in beside])
    found["source_key"] = [row["source_key"] if row else "" for row in beside]
    for name in OPERATOR:
        columns = np.full((3, len(beside)), np.nan)
        for column, end in zip(columns, ("", "_low", "_high"), strict=True):
            column[places] = _floats(rows, f"{name}{end}")
        _interval(found, name, *columns)


def _join_worst(found: dict[str, Any], fidelity: Rows, rows: Rows) -> None:
    """Of each point the largest output error on any source, which that is, and on how many there is one: one source
    alone may flatter."""
    worst: dict[tuple[str, int], tuple[float, str]] = {}
    many: Counter[tuple[str, int]] = Counter()
    for row in fidelity:
        place, error = (row["label"], row["queries"]), row.get("output_error")
        if error is not None and math.isfinite(error):
            many[place] += 1
            worst[place] = max(worst.get(place, (-1.0, "")), (error, row["source_key"]))
    beside = [worst.get((row["label"], row["queries"]), (math.nan, "")) for row in rows]
    found["worst_error"] = np.array([error for error, _ in beside], dtype=float)
    found["worst_source"] = [source for _, source in beside]
    found["sources"] = [many[row["label"], row["queries"]] for row in rows]


def _lend(found: dict[str, Any], names: Sequence[str], lenders: Sequence[Model | None]) -> None:
    """Of each point the values of the model that belongs to it, or of none. Many points share one model."""
    own = {id(one): one for one in lenders if one is not None}
    order = {key: place for place, key in enumerate(own)}
    places = np.array([order.get(id(one), -1) for one in lenders], dtype=np.intp)
    origins = [*(one.origin for one in own.values()), ""]
    lengths = [*(float(one.length) if one.student else math.nan for one in own.values()), math.nan]
    found["quality_from"] = [origins[place] for place in places.tolist()]
    found["quality_length"] = np.array(lengths)[places]
    nothing = (math.nan, math.nan, math.nan)
    for name in names:
        table = np.array([*(one.values.get(name, nothing) for one in own.values()), nothing])
        _interval(found, name, *table[places].T)


def _exact(row: Row, error: float) -> bool:
    """Whether its error is of rounding alone. A pattern is not asked where the error says that it is not."""
    method, causal = METHODS.get(row["method"]), row["role"] == "decoder"
    if method is None or method.draw_pattern is None:
        return method is not None and method.family == "exact"
    if error >= ROUNDING:
        return False
    try:
        return is_exact(Choice(method.name, row["params"]), row["queries"], row["keys"], causal)
    except ValueError:  # parameters or a role of another version
        return False


def _floats(rows: Rows, name: str) -> np.ndarray:
    return np.array([row.get(name) for row in rows], dtype=float)


def _facts(name: str) -> tuple[str, str]:
    """Family and budget of a method; of one that the catalogue no longer has, nothing."""
    if name not in METHODS:
        return "", ""
    budget = METHODS[name].budget
    return METHODS[name].family, budget.name if budget else ""


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def _column(name: str, blocks: Sequence[Any]) -> Any:
    """The blocks of all runs, one below the other, of the kind that this column always has."""
    if name in TEXTS or name == "params":
        return _objects([value for block in blocks for value in block])
    kind: Callable[..., Any] | str = (
        "int64" if name in COUNTS else bool if name == "exact" else float
    )
    return np.concatenate(
        [np.asarray(block, dtype=kind) for block in blocks] or [np.array([], kind)]
    )


def _objects(values: list[Any]) -> Any:
    """As they are: pandas would look at each of them."""
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found
