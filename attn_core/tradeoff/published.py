"""What papers published beside what was measured here: the same ratios, never the same rows.

Papers measure in different units on different hardware. Each figure is kept as printed, normalised the way its own
paper does it, and as its ratio to the same paper's exact attention, which is all that can stand beside a measurement.
A ratio is a cost over exact attention's cost: below 1 is cheaper. Where papers disagree, all of them are one range.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from attn_core.methods import METHODS
from attn_core.tradeoff.front import SETTING
from attn_core.training.published import FILE, Figure, figures

if TYPE_CHECKING:
    from pandas import DataFrame

EXACT = "softmax"
Quantity = Literal["time", "memory"]


@dataclass(frozen=True)
class Norm:
    """How a metric becomes a cost ratio: `inverse` where more is better, `own` where it already is a ratio to exact
    attention. `words` is the normalisation that its papers use."""

    quantity: Quantity
    words: str
    inverse: bool = False
    own: bool = False


NORMS: Mapping[str, Norm] = {
    "time": Norm("time", "time of one call"),
    "steps_per_s": Norm("time", "steps per second, relative to the Transformer", inverse=True),
    "speed_up": Norm("time", "speed-up over the Transformer", inverse=True, own=True),
    "training_time": Norm("time", "hours of the whole training"),
    "time_per_iteration": Norm("time", "time of one iteration, relative to dense"),
    "memory": Norm("memory", "peak memory"),
    "memory_ratio": Norm(
        "memory", "largest batch, relative to the Transformer", inverse=True, own=True
    ),
}
# Beside the printed unit some papers say a figure as a factor over exact attention, in this direction.
FACTOR = {
    "steps_per_s": "over",
    "speed_up": "over",
    "memory_ratio": "over",
    "time_per_iteration": "under",
}
COLUMNS = (
    "source", "year", "hardware", "dtype", "pass", "length", "method", "known", "quantity", "metric", "value", "unit",
    "normalised", "normalised_as", "exact", "ratio", "definition",
)  # fmt: skip
BESIDE = (
    "id", "label", "method", "params", "budget_value", "length", "machine", *SETTING, "quantity", "value", "exact",
    "ratio", "ratio_low", "ratio_high", "exact_id",
)  # fmt: skip
AXIS_OF: Mapping[Quantity, str] = {"time": "time_s", "memory": "memory_bytes"}


@dataclass(frozen=True)
class Range:
    """One number that several papers give differently; `by_source` says who gives which."""

    method: str
    metric: str
    low: float
    high: float
    unit: str
    by_source: Mapping[str, float]
    definition: str


def published(file: Path = FILE) -> DataFrame:
    """A row for each published cost. `exact` is the paper's own exact attention in the same unit, NaN where it ran out
    of memory or only a ratio is printed; then `ratio` is NaN, or what is printed. `known` says whether the catalogue
    has the method."""
    import pandas as pd

    found = [one for one in figures(file=file) if one.metric in NORMS]
    exact = {_place(one): one.value for one in found if one.method == EXACT}
    rows = [_row(one, exact.get(_place(one))) for one in found]
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))


def ranges(file: Path = FILE) -> list[Range]:
    """The qualities that more than one paper reports of the same method and task."""
    groups: dict[tuple[str, str], list[Figure]] = {}
    for one in figures(file=file):
        if one.metric.endswith("_accuracy") and one.value is not None:
            groups.setdefault((one.method, one.metric), []).append(one)
    found = []
    for (method, metric), several in groups.items():
        values = {one.source: one.value for one in several if one.value is not None}
        if len(values) > 1:
            low, high = min(values.values()), max(values.values())
            found.append(
                Range(method, metric, low, high, several[0].unit, values, several[0].note)
            )
    return found


def noise_floor(file: Path = FILE) -> Range | None:
    """Two exact methods of one paper on one task: their distance is noise of training alone."""
    exact = [
        one
        for one in figures(file=file)
        if METHODS.get(one.method)
        and METHODS[one.method].family == "exact"
        and one.metric == "listops_accuracy"
    ]
    values = {one.method: one.value for one in exact if one.value is not None}
    if len(values) < 2:
        return None
    one = exact[0]
    return Range(
        "exact", one.metric, min(values.values()), max(values.values()), one.unit, values, one.note
    )


def beside(frame: DataFrame, reference: str = EXACT) -> DataFrame:
    """A row for each measured point and quantity: its ratio to the reference at the same length, machine and setting,
    of the same run where that has one, else of the newest. Points without a reference have none."""
    import pandas as pd

    if not len(frame):
        return pd.DataFrame(columns=pd.Index(BESIDE))
    parts = [_ratios(frame, quantity, name, reference) for quantity, name in AXIS_OF.items()]
    return pd.concat(parts, ignore_index=True).reindex(columns=pd.Index(BESIDE))


def _ratios(frame: DataFrame, quantity: Quantity, name: str, reference: str) -> DataFrame:
    known: Any = frame[frame[name].notna()]
    place = known.groupby([*SETTING, "length", "keys"], sort=False, dropna=False).ngroup().tolist()
    runs, labels = known["run_id"].tolist(), known["label"].tolist()
    own: dict[tuple[int, str], int] = {}
    newest: dict[int, int] = {}
    for row, (where, run, label) in enumerate(zip(place, runs, labels, strict=True)):
        if label == reference:
            own[where, run] = newest[where] = row
    against = np.array(
        [
            own.get((where, run), newest.get(where, -1))
            for where, run in zip(place, runs, strict=True)
        ],
        dtype=np.intp,
    )
    rows = np.flatnonzero(against >= 0)
    against = against[rows]
    value, low, high = (known[f"{name}{end}"].to_numpy(float) for end in ("", "_low", "_high"))
    # A reference beside itself is exactly 1, however noisy it is.
    itself = rows == against
    chosen: Any = known.iloc[rows]
    return chosen.assign(
        quantity=quantity,
        value=value[rows],
        exact=value[against],
        ratio=value[rows] / value[against],
        ratio_low=np.where(itself, 1.0, low[rows] / high[against]),
        ratio_high=np.where(itself, 1.0, high[rows] / low[against]),
        exact_id=known["id"].to_numpy()[against],
    )


def _row(one: Figure, exact: float | None) -> dict[str, Any]:
    norm, fact = NORMS[one.metric], asdict(one)
    value = math.nan if one.value is None else float(one.value)
    base = math.nan if exact is None else float(exact)
    ratio = 1 / value if norm.own else base / value if norm.inverse else value / base
    factor = FACTOR.get(one.metric)
    normalised = value if factor is None else ratio if factor == "under" else 1 / ratio
    return {
        **{
            name: fact[name]
            for name in ("source", "year", "hardware", "dtype", "method", "metric", "unit")
        },
        "pass": one.which,
        "length": math.nan if one.n is None else float(one.n),
        "known": one.method in METHODS,
        "quantity": norm.quantity,
        "value": value,
        "normalised": normalised,
        "normalised_as": f"{norm.words}, {'×' if factor else one.unit}",
        "exact": base,
        "ratio": ratio,
        "definition": one.note,
    }


def _place(one: Figure) -> tuple[Any, ...]:
    """Where a paper's exact attention is the one to divide by. Its task is the first word of the note where one source
    has several at different lengths, which the length tells apart already."""
    return one.source, one.metric, one.which, one.n
