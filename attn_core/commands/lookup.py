"""Runs as people name them on a command line: an id, the beginning of one, or `latest`."""

from __future__ import annotations

from attn_core.store import Run, Store

LATEST = "latest"


def find_run(store: Store, text: str) -> Run:
    """The run that `text` names; a ValueError says when none does, or several."""
    runs = store.runs()
    if not runs:
        what = "so none is the latest" if text == LATEST else f"so none is {text!r}"
        raise ValueError(f"the store is empty: there are no runs yet, {what}")
    if text == LATEST:
        return runs[0]
    exact = [run for run in runs if run.id == text]
    found = exact or [run for run in runs if text and run.id.startswith(text)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(run.id for run in found[:5])
        raise ValueError(f"run {text!r} is the beginning of several: {names}")
    known = ", ".join(run.id for run in runs[:5])
    raise ValueError(f"there is no run {text!r}; the newest are {known}, or say {LATEST!r}")
