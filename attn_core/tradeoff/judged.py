"""Which choices have students whose quality is known: their errors say whether errors predict it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from pathlib import Path

from attn_core.store import Store
from attn_core.tradeoff.plan import Point
from attn_core.tradeoff.quality import by_label, lent
from attn_core.tradeoff.stored import StoredRun, of_document, of_store

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "studies"
KIND = "figure-z"


def judged(store: Store) -> Mapping[str, int]:
    """Labels, each with the length its student was judged at, by the Figure Z runs of a store and those that are
    shipped; the length is the same for all: where most of them were."""
    ids = [run.id for run in store.runs(kind=KIND)]
    return _at_one_length([*_shipped(), *of_store(store, ids)])


def of_grid(
    known: Mapping[str, int], points: Sequence[Point], seconds: float
) -> tuple[list[Point], list[Point]]:
    """Points of these choices at the lengths nearest to where they were judged, the quickest first: those that take no
    longer than `seconds` together, and the others."""
    found: dict[str, Point] = {}
    for point in points:
        label, held = point.choice.label, found.get(point.choice.label)
        if label not in known or not point.runs:
            continue
        if held is None or _apart(point, known[label]) < _apart(held, known[label]):
            found[label] = point
    rising = sorted(found.values(), key=lambda point: point.seconds)
    within = sum(total <= seconds for total in accumulate(point.seconds for point in rising))
    return rising[:within], rising[within:]


def _at_one_length(runs: Iterable[StoredRun]) -> dict[str, int]:
    models = lent(by_label(runs, "distilled"), 1)
    return {label: model.length for label, model in models.items()}


def _shipped() -> list[StoredRun]:
    documents = (json.loads(path.read_text()) for path in sorted(SHIPPED.glob(f"{KIND}*.json")))
    return [of_document(one) for one in documents]


def _apart(point: Point, length: int) -> float:
    return abs(math.log(point.length / length))
