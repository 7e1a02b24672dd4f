"""Rows of a trade-off study from strangers: those of its sweeps, and how close each point is to exact attention."""

from __future__ import annotations

from typing import Any, get_args

from attn_core.exchange.document import Document
from attn_core.exchange.plain import between, count, fields, listed, number, one_of, short, text
from attn_core.exchange.rows import check_cells, check_nulls, check_rates
from attn_core.sources.spec import SourceSpec
from attn_core.timing.row import Outcome, Row
from attn_core.timing.spec import CHECKS, Choice, SweepSpec
from attn_core.tradeoff.fidelity_rows import fidelity_key, lost_row
from attn_core.tradeoff.sampled import METRICS
from attn_core.tradeoff.spec import StudySpec

SHARES = ("top_k_recall", "lost_mass")
# Shares are sums of many small numbers.
ROUNDING = 1e-6


def check_tradeoff(document: Document, spec: StudySpec) -> dict[tuple[str, str], Row]:
    """The rows of a run by kind and key."""
    sweep = _sweep(document, spec)
    cells = check_cells(document["rows"], sweep)
    rows = {("cell", key): row for key, row in cells.items()}
    rows |= {("null", key): row for key, row in check_nulls(document["nulls"], sweep).items()}
    rows |= check_rates(document["rates"], sweep)
    choices = {choice.label: choice for choice in sweep.methods}
    for place, row in enumerate(listed(document["fidelity"], "fidelity"), start=1):
        key = _check(row, f"fidelity {place}", spec, choices)
        if ("fidelity", key) in rows:
            raise ValueError(f"import: the fidelity of {key} is there twice")
        rows["fidelity", key] = row
    return rows


def _sweep(document: Document, spec: StudySpec) -> SweepSpec:
    """The study as one sweep over the choices that its rows name: which budgets a study tries is its own affair."""
    found: dict[str, Choice] = {}
    for place, row in enumerate(
        [*listed(document["rows"], "rows"), *_first(document, spec)], start=1
    ):
        try:
            entry = {"method": row["method"], "params": row["params"]}
            choice = Choice.read(entry, CHECKS)
        except (KeyError, TypeError, AttributeError):
            raise ValueError(f"import: row {place} names no method with its params") from None
        except ValueError as problem:
            raise ValueError(f"import: the method of row {place} is refused: {problem}") from None
        if choice.method not in spec.methods:
            raise ValueError(
                f"import: row {place} is of {choice.method}, which the settings do not name"
            )
        found[choice.label] = choice
    return spec.sweeping(tuple(found.values()))


def _first(document: Document, spec: StudySpec) -> list[dict[str, Any]]:
    """A source that cannot be so long is told of the first method, whether or not that has a time."""
    return (
        [spec.ladder(spec.methods[0], length)[0].to_json() for length in spec.lengths]
        if document["rows"]
        else []
    )


def _check(row: Any, where: str, spec: StudySpec, choices: dict[str, Choice]) -> str:
    first = next(iter(choices.values()))
    form = lost_row(spec, spec.lengths[0], first, spec.sources[0], "ok", "")
    fields(row, where, form)
    label = text(row["label"], f"label of {where}")
    if label not in choices or row["queries"] not in spec.lengths:
        named = f"{label} @ {row['queries']}"
        raise ValueError(f"import: {where} is of {short(named)}, which no other row has")
    source = one_of(row["source_key"], f"source_key of {where}", spec.sources)
    expected = lost_row(spec, row["queries"], choices[label], source, "ok", "")
    for name in ("method", "params", "role", "draws"):
        if row[name] != expected[name] or type(row[name]) is not type(expected[name]):
            raise ValueError(
                f"import: {where} has {name} {short(row[name])}, the settings say {short(expected[name])}"
            )
    for name in ("run_id", "source_title", "message"):
        text(row[name], f"{name} of {where}")
    for name in ("queries", "keys", "heads", "head_dim", "rows"):
        count(row[name], f"{name} of {where}", low=1)
    if row["source"]:
        try:
            SourceSpec.from_json(row["source"])
        except (ValueError, TypeError) as problem:
            raise ValueError(f"import: the source of {where} is refused: {problem}") from None
    outcome = one_of(row["outcome"], f"the outcome of {where}", get_args(Outcome))
    for metric in METRICS:
        _check_metric(row, metric, outcome, where)
    return fidelity_key(label, row["queries"], source)


def _check_metric(row: Row, metric: str, outcome: str, where: str) -> None:
    """A number within its interval, or none at all."""
    names = (f"{metric}_low", metric, f"{metric}_high")
    values = [row[name] for name in names]
    if all(value is None for value in values):
        return
    if outcome != "ok":
        raise ValueError(f"import: {where} is {outcome} and yet has {metric}")
    for name, value in zip(names, values, strict=True):
        if metric in SHARES:
            between(value, f"{name} of {where}", -ROUNDING, 1 + ROUNDING)
        else:
            number(value, f"{name} of {where}")
    if not values[0] <= values[1] <= values[2]:
        raise ValueError(f"import: {where} has {metric} outside its range")
