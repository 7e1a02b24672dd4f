"""Runs with their rows, read once: from a store, or from the files that runs travel in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from attn_core.store import Store
from attn_core.timing.row import Row

KINDS = ("tradeoff", "sweep", "figure-z")


@dataclass(frozen=True)
class StoredRun:
    """`cells` and `fidelity` are its rows of those kinds, `machines` the lines of the environments they name, `command`
    what repeats it."""

    run_id: str
    name: str
    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    environment_id: str = ""
    machines: Mapping[str, str] = field(default_factory=dict)
    cells: Sequence[Row] = ()
    fidelity: Sequence[Row] = ()
    command: str = ""
    imported: bool = False


def of_store(store: Store, run_ids: Iterable[str] | None = None) -> list[StoredRun]:
    """The runs of these ids, or all that have points, oldest first."""
    # The store has the newest first, those made at the same instant too.
    runs = store.runs()[::-1] if run_ids is None else [store.run(one) for one in run_ids]
    runs = sorted((run for run in runs if run.kind in KINDS), key=lambda run: run.created_at)
    found = []
    for run in runs:
        cells, fidelity = store.rows(run.id), store.rows(run.id, "fidelity")
        ids = dict.fromkeys([run.environment_id, *(row.get("environment_id") for row in cells)])
        known = store.environments([one for one in ids if one])
        lines = {one: str(facts.get("line", one)) for one, facts in known.items()}
        found.append(
            StoredRun(
                run.id,
                run.name,
                run.kind,
                run.settings,
                run.environment_id,
                lines,
                cells,
                fidelity,
                run.command,
                run.origin != "here",
            )
        )
    return found


def of_document(document: Mapping[str, Any]) -> StoredRun:
    """A run as `exchange.export_json` writes it."""
    environments = [document.get("environment"), *document.get("other_environments", [])]
    known = [one for one in environments if one]
    return StoredRun(
        document["run_id"],
        document["name"],
        document["kind"],
        document["settings"],
        known[0]["id"] if known else "",
        {one["id"]: one["line"] for one in known},
        document["rows"],
        document.get("fidelity", []),
        document.get("command", ""),
    )
