"""What pages and the command line ask for: submit, resume, cancel, and a supervisor that does it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attn_core.jobs.launch import detached, module
from attn_core.jobs.locks import FileLock
from attn_core.jobs.perform import Way, perform
from attn_core.jobs.pulse import Stop
from attn_core.jobs.supervisor import LOCK_VARIABLE
from attn_core.store import Job, Run, Store
from attn_core.store.errors import explained
from attn_core.store.paths import MAPS_LOCK, WORKER_LOCK
from attn_core.store.state import LIVE

if TYPE_CHECKING:
    from attn_core.sources.view_spec import ViewSpec
    from attn_core.timing.spec import SweepSpec
    from attn_core.tradeoff.spec import StudySpec
    from attn_core.training.spec import FigureZSpec

TURN_SECONDS = 0.02


def submit_sweep(store: Store, spec: SweepSpec, *, name: str = "", command: str = "") -> Run:
    return _submit(store, "sweep", spec, name, command)


def submit_figure_z(store: Store, spec: FigureZSpec, *, name: str = "", command: str = "") -> Run:
    return _submit(store, "figure-z", spec, name, command)


def submit_tradeoff(store: Store, spec: StudySpec, *, name: str = "", command: str = "") -> Run:
    return _submit(store, "tradeoff", spec, name, command)


def submit_map(store: Store, spec: ViewSpec, *, name: str = "", command: str = "") -> Run:
    """The run of these matrices: one that is there already is taken as it is, or gone on with if it was stopped."""
    # Here, not above: what only submits sweeps need not load what draws maps.
    from attn_core.jobs.maps import KIND, find_map, make_room

    with _turn(store.folder / MAPS_LOCK):  # two readers who ask at once get the same run
        known = find_map(store, spec)
        if known is None:
            make_room(store)
            return _submit(store, KIND, spec, name, command)
        if known.state not in ("done", *LIVE):
            resume(store, known.id)
    return store.run(known.id)


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    lock = FileLock(path)
    while not lock.try_acquire():
        time.sleep(TURN_SECONDS)
    try:
        yield
    finally:
        lock.release()


def _submit(
    store: Store,
    kind: str,
    spec: SweepSpec | FigureZSpec | StudySpec | ViewSpec,
    name: str,
    command: str,
) -> Run:
    """A new run in the queue, and someone to work on it."""
    settings = spec.to_json()
    run_id = store.create_run(kind, settings, name=name, command=command)
    store.submit(run_id, settings, spec.device)
    ensure_worker(store)
    return store.run(run_id)


def resume(store: Store, run_id: str) -> Job:
    """A new job for what the run does not have yet."""
    run = _measured_here(store, run_id)
    job = store.submit(run_id, run.settings, _device(run))
    ensure_worker(store)
    return job


def cancel(store: Store, run_id: str) -> None:
    """What was measured stays. Nothing happens to a run that has ended."""
    job = store.latest_job(run_id)
    if job is not None:
        store.cancel(job.id)


def run_here(
    store: Store,
    run_id: str,
    on_event: Callable[[Any], None],
    stop: Callable[[], bool],
    *,
    handlers: str = "",
) -> None:
    """Does a run in this process, past the queue, and returns when it is done or was told to stop. It waits for
    the device like any other, and says so with a `Waiting`."""
    run = _measured_here(store, run_id)
    job = store.submit(run_id, run.settings, _device(run), place="here")
    perform(store, job, Way(Stop(), stop, on_event, handlers=handlers))


def ensure_worker(store: Store, command: Sequence[str] = ()) -> None:
    """Starts the supervisor unless one lives. The lock is taken here and handed on, so that many who ask at once
    start one, even while it is still importing."""
    path = store.folder / WORKER_LOCK
    lock = FileLock(path)
    if not lock.try_acquire():
        return
    try:
        assert lock.descriptor is not None
        start = list(command) or module("attn_core", "worker")
        with explained(path):
            detached(store, start, lock.descriptor, **{LOCK_VARIABLE: str(lock.descriptor)})
    finally:
        lock.release()


def _measured_here(store: Store, run_id: str) -> Run:
    run = store.run(run_id)
    if run.origin != "here":
        raise ValueError(f"run {run_id} is {run.origin}: it can go on only where it was measured")
    return run


def _device(run: Run) -> str:
    return str(run.settings.get("device", "cpu"))
