"""From what the draws of one source said of one choice to its row: the median of each metric, and its range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from attn_core.timing.row import Outcome, Row
from attn_core.timing.spec import Choice
from attn_core.tradeoff.sampled import METRICS, Values
from attn_core.tradeoff.sources import source_spec
from attn_core.tradeoff.spec import StudySpec


@dataclass(frozen=True)
class Drawn:
    """What one draw said of one choice, or why it said nothing."""

    source: str
    label: str
    spec: dict[str, Any]
    title: str
    heads: int
    head_dim: int
    keys: int
    rows: int
    values: Values
    message: str
    outcome: Outcome = "ok"


def fidelity_key(label: str, length: int, source: str) -> str:
    return f"{label} @ {length} on {source}"


def row_of(spec: StudySpec, length: int, choice: Choice, draws: Sequence[Drawn]) -> Row:
    """A row from all its draws, or from the one that failed."""
    failed = next((one for one in draws if one.outcome != "ok"), None)
    first = draws[0]
    row = _head(spec, length, choice, first.source) | {
        "source": first.spec,
        "source_title": first.title,
        "heads": first.heads,
        "head_dim": first.head_dim,
        "keys": first.keys,
        "rows": first.rows,
    }
    if failed is not None:
        return row | {"outcome": failed.outcome, "message": failed.message}
    emptiest = max(draws, key=lambda one: list(one.values.values()).count(None))
    row |= {"outcome": "ok", "message": emptiest.message}
    for metric in METRICS:
        values = [value for one in draws if (value := one.values[metric]) is not None]
        if len(values) == len(draws):
            row |= {metric: median(values)}
            row |= {f"{metric}_low": min(values), f"{metric}_high": max(values)}
    return row


def lost_row(
    spec: StudySpec, length: int, choice: Choice, source: str, outcome: Outcome, message: str
) -> Row:
    """A row without numbers."""
    row = _head(spec, length, choice, source)
    return row | {"outcome": outcome, "message": message}


def _head(spec: StudySpec, length: int, choice: Choice, source: str) -> Row:
    try:
        first = source_spec(source, length, spec.role, spec.heads, spec.head_dim, spec.seed, 0)
    except ValueError:
        first = None
    row: Row = {
        "run_id": "",
        "method": choice.method,
        "label": choice.label,
        "params": choice.to_json()["params"],
        "role": spec.role,
        "queries": length,
        "keys": length,
        "heads": spec.heads,
        "head_dim": spec.head_dim,
        "source": {} if first is None else first.to_json(),
        "source_title": source,
        "source_key": source,
        "draws": spec.draws,
        "rows": spec.rows,
        "outcome": "",
        "message": "",
    }
    for metric in METRICS:
        row |= {metric: None, f"{metric}_low": None, f"{metric}_high": None}
    return row
