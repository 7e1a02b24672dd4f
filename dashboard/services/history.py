"""The stored runs as a table, and the few words in which one is described. No streamlit here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from attn_core.exchange.document import ORIGIN_FILE, TRADEOFF
from attn_core.jobs import maps
from attn_core.naming import called
from attn_core.store import Run, Store
from dashboard.services import figure_z, sweeps
from dashboard.services.recorded_runs import RECORDED, recorded_runs

FEW_METHODS = 2


def listed(store: Store, search: str = "") -> list[Run]:
    """The runs of the store, newest first, and below them the studies that are shipped with the code."""
    words = search.lower().split()
    studies = []
    for run, _ in recorded_runs():
        text = f"{run.id} {run.name} {json.dumps(run.settings)}".lower()
        if all(word in text for word in words):
            studies.append(run)
    # Overviews of matrices are pictures that can be made again, not measurements.
    measured = [run for run in store.runs(search=search) if run.kind != maps.KIND]
    return measured + studies


def environments(store: Store, runs: Sequence[Run]) -> dict[str, Mapping[str, Any]]:
    """The facts behind the runs, by id."""
    ids = {run.environment_id for run in runs if run.environment_id and not is_recorded(run)}
    found: dict[str, Mapping[str, Any]] = dict(store.environments(ids)) if ids else {}
    for run, environment in recorded_runs():
        found.setdefault(run.environment_id, environment)
    return found


def results(store: Store, run: Run) -> sweeps.Results:
    """A sweep's rows and what follows from them, stored or recorded."""
    return sweeps.recorded()[run.id] if is_recorded(run) else sweeps.results(store, run, None)


def is_figure_z(run: Run) -> bool:
    return run.kind == figure_z.KIND


def is_tradeoff(run: Run) -> bool:
    return run.kind == TRADEOFF


def figure_z_results(store: Store, run: Run) -> figure_z.Results:
    """The same of a Figure Z."""
    return figure_z.recorded()[run.id] if is_recorded(run) else figure_z.results(store, run)


def is_recorded(run: Run) -> bool:
    """Whether the run is shipped with the code: it can be read, not changed."""
    return run.origin == RECORDED


def recorded_document(run: Run) -> bytes:
    """The file of a recorded study, as it can be imported."""
    stem = run.id.removeprefix(sweeps.RECORDED_PREFIX)
    return (sweeps.STUDIES / f"{stem}.json").read_bytes()


def _state_words(run: Run) -> str:
    if is_recorded(run):
        return RECORDED
    return f"{run.state}, imported" if run.origin == "imported" else run.state


def table(runs: Sequence[Run], environments: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """A line a run, newest first, as the history shows it."""
    return pd.DataFrame(
        {
            "Run": told_apart(runs),
            "Notes": [run.notes for run in runs],
            "State": [_state_words(run) for run in runs],
            "Kind": [run.kind for run in runs],
            "Methods": [methods(run) for run in runs],
            "Lengths": [lengths(run) for run in runs],
            "Cells": [run.cells for run in runs],
            "Measured on": [machine(environments.get(run.environment_id, {})) for run in runs],
            "Created (UTC)": [when(run) for run in runs],
        }
    )


def display_name(run: Run) -> str:
    return run.name or run.id


def told_apart(runs: Sequence[Run]) -> list[str]:
    """What each run is called, with the end of its id where others are called the same."""
    given = Counter(display_name(run) for run in runs)
    return [
        display_name(run) if given[display_name(run)] == 1 else f"{run.name} · {run.id[-5:]}"
        for run in runs
    ]


def names(runs: Sequence[Run]) -> dict[str, str]:
    """A name for each run that no other of them has, short enough for a legend."""
    given = [run.name or run.id[-5:] for run in runs]
    return {
        run.id: name if given.count(name) == 1 else f"{name} {run.id[-5:]}"
        for run, name in zip(runs, given, strict=True)
    }


def methods(run: Run) -> str:
    """The first few methods, and how many more there are."""
    found = [
        one["method"] if isinstance(one, Mapping) else str(one)
        for one in run.settings.get("methods", [])
    ]
    listed = list(dict.fromkeys(found))
    more = len(listed) - FEW_METHODS
    return ", ".join(map(called, listed[:FEW_METHODS])) + (f" and {more} more" if more > 0 else "")


def lengths(run: Run) -> str:
    found = run.settings.get("lengths", [])
    if not found:
        return "–"
    return f"{min(found):,}" + (f" … {max(found):,}" if len(found) > 1 else "")


def machine(environment: Mapping[str, Any]) -> str:
    """The part of an environment that tells machines apart at a glance."""
    gpus = ", ".join(gpu["name"] for gpu in environment.get("gpus", []))
    return gpus or str(environment.get("cpu", "–"))


def when(run: Run) -> str:
    return run.created_at[:16].replace("T", " ")


def facts_line(store: Store, run: Run) -> str:
    """State, size and origin of one run in a line."""
    cells = f"{run.cells} {'cell' if run.cells == 1 else 'cells'}"
    if is_recorded(run):
        made = f" · created {when(run)} UTC" if run.created_at else ""
        return f"{RECORDED} · {cells}{made}"
    parts = [run.state, cells, *_asked(run), f"created {when(run)} UTC", run.id]
    if run.origin == "imported":
        parts.append(source_line(store, run))
    return " · ".join(parts)


def _asked(run: Run) -> list[str]:
    """What a Figure Z is called by those who start one."""
    known = run.settings
    named = [str(known[name]) for name in ("protocol", "preset") if known.get(name)]
    small = ["small"] if known.get("scale") == "small" else []
    return [" ".join(dict.fromkeys(named + small))] if is_figure_z(run) and named else []


def source_line(store: Store, run: Run) -> str:
    """Which run an imported one was where it was measured."""
    path = store.files(run.id).get(ORIGIN_FILE)
    if path is None or not path.is_file():
        return "imported"
    source = json.loads(path.read_text())
    return f"imported: there it was {source['run_id']} of {source['created_at'][:10]}"
