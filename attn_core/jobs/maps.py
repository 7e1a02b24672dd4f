"""The handler of maps: overviews of matrices that are too large to be pooled while a reader waits, head by head."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from attn_core import environment
from attn_core.jobs.context import Context
from attn_core.jobs.models import find_model
from attn_core.matrix import ScoreView
from attn_core.sources import load_source
from attn_core.sources.sides import Sides, build_sides
from attn_core.sources.view_spec import ViewSpec
from attn_core.store import Run, Store
from attn_core.store.state import LIVE
from attn_core.views.overview import Overview, survey

KIND = "map"
SUMS = "exact sums"
# On the disk, of all that are kept. One of 65,536 × 65,536 takes half a GiB.
MOST_BYTES = 4 * 2**30


class Stopped(Exception):
    """Leaves a pass in the middle of it; the head begins again when the run is resumed."""


def draw_map(context: Context) -> bool:
    """Surveys the heads that the run does not have yet, and keeps their overviews as files."""
    spec = ViewSpec.from_json(context.job.spec)
    where = _environment(context)
    source = load_source(spec.source, partial(find_model, context.store))
    sides = build_sides(spec, source)
    missing = [head for head in range(source.heads) if key_of(head) not in context.finished]
    began = time.monotonic()
    for place, head in enumerate(missing):

        def progress(done: int, total: int, place: int = place, head: int = head) -> None:
            if context.stop():
                raise Stopped
            _tell(context, head, place * total + done, len(missing) * total, began)

        try:
            row = _keep(context, head, sides.one(head), progress)
        except Stopped:
            return False
        context.keep("cell", key_of(head), row | {"environment_id": where})
    return True


def _keep(context: Context, head: int, sides: Sides, progress: Any) -> dict[str, Any]:
    start = time.monotonic()
    found = survey(sides.exact, sides.method, progress)
    arrays = dict(found.arrays)
    sums = sides.exact.sums if isinstance(sides.exact, ScoreView) else None
    if sums is not None:
        arrays[SUMS] = sums[0, 0].numpy()
    for name, array in arrays.items():
        data = io.BytesIO()
        np.save(data, array)
        context.store.keep_file(
            context.job.run_id, f"{key_of(head)} {name}", data.getvalue(), ".npy"
        )
    queries, keys = sides.exact.shape
    size = {"head": head, "queries": queries, "keys": keys}
    return size | {"outcome": "ok", "message": "", "seconds": time.monotonic() - start}


def _tell(context: Context, head: int, done: int, total: int, began: float) -> None:
    left = (time.monotonic() - began) / done * (total - done)
    told = {"done": done, "total": total, "cell": key_of(head), "seconds_left": left}
    context.report(told)
    context.on_event(told)


def _environment(context: Context) -> str:
    """Where it is drawn; the run keeps the first of them."""
    found = environment.describe()
    where = context.store.environment(asdict(found) | {"id": found.id, "line": found.line})
    if not context.store.run(context.job.run_id).environment_id:
        context.store.set_environment(context.job.run_id, where)
    return where


def key_of(head: int) -> str:
    return f"head {head}"


def find_map(store: Store, spec: ViewSpec) -> Run | None:
    """The run of just these matrices, whatever became of it: the same spec is the same overview."""
    wanted = spec.to_json()
    here = (run for run in store.runs(KIND) if run.origin == "here")
    return next((run for run in here if run.settings == wanted), None)


def make_room(store: Store, most: int = MOST_BYTES) -> None:
    """Overviews can be made again: the oldest go, until the others fit."""
    kept: set[Path] = set()
    for run in store.runs(KIND):  # the newest first
        if run.origin != "here" or run.state in LIVE:
            continue
        kept |= set(store.files(run.id).values())
        if sum(path.stat().st_size for path in kept if path.exists()) > most:
            store.delete(run.id)


def load_overview(store: Store, run: Run, head: int, sides: Sides) -> Overview | None:
    """What a run kept of one head, read from the disk as it is needed; None if the head is not done."""
    if key_of(head) not in store.finished(run.id):
        return None
    prefix = f"{key_of(head)} "
    files = store.files(run.id)
    arrays = {
        name.removeprefix(prefix): _mapped(path)
        for name, path in files.items()
        if name.startswith(prefix)
    }
    sums = arrays.pop(SUMS, None)
    if sums is not None and isinstance(sides.exact, ScoreView):
        sides.exact.know(torch.from_numpy(sums.copy())[None, None])
    return Overview(sides.exact, sides.method, arrays)


def _mapped(path: Path) -> NDArray[Any]:
    return np.load(path, mmap_mode="r", allow_pickle=False)


def progress_of(progress: Mapping[str, Any]) -> float:
    """The share that is done, from what a job last said."""
    return progress.get("done", 0) / max(progress.get("total", 0), 1)
