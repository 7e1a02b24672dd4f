"""A job while it waits or runs, and what became of it: read from the store each time, so that any tab shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import streamlit as st

from attn_core.store import Job, Run, Store, StoreError
from dashboard import state
from dashboard.figures.amounts import duration
from dashboard.services import sweeps
from dashboard.services.literal import literal

POLL_SECONDS = 1.0
DEVICE_WORDS = {"cpu": "CPU", "cuda": "GPU"}
# The box is drawn once, and a live run moves on: the panel below says where it is.
STATE_WORDS = {"done": "", "empty": "not started", **dict.fromkeys(sweeps.LIVE, "live")}


class Named(Protocol):
    """What is listed of a study shipped with the code."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Kind:
    """What a page's runs are called, where it keeps the one that is shown, and what can be done with one."""

    noun: str
    chosen: str
    box: str
    cancel_help: str
    resume_help: str
    can_resume: Callable[[Run, Job | None], bool]
    # What a run is made of, as its progress counts it.
    parts: str = "cells"


SWEEP = Kind(
    "sweep",
    state.RUN_CHOSEN,
    state.RUN_BOX,
    "Stop after the current call. What was measured is kept, and the rest can be resumed.",
    "Measure the cells that are missing. Finished cells are not measured again.",
    sweeps.can_resume,
)


def said(action: Callable[..., object], *given: object) -> None:
    """Do it; what the store has against it is one sentence on the page."""
    try:
        action(*given)
    except (StoreError, ValueError) as problem:
        st.session_state[state.SAID] = str(problem)


def run_picker(
    runs: Sequence[Run], studies: Mapping[str, Named], kind: Kind = SWEEP
) -> str | None:
    """The run to show: that of the URL, the one chosen earlier, or the newest; recorded studies come last. The box
    itself is not bound to the URL: it knows its options by labels, which change with a run's name and state."""
    names = _told_apart({run.id: _run_name(run) for run in runs})
    names |= {study.id: f"Recorded: {study.name}" for study in studies.values()}
    if not names:
        return None
    wanted = (st.query_params.get(state.RUN), st.session_state.get(kind.chosen))
    chosen = next((one for one in wanted if one in names), next(iter(names)))
    st.session_state[kind.box] = chosen
    st.selectbox(
        f"{kind.noun.capitalize()} shown", list(names), format_func=lambda run_id: names.get(run_id) or run_id,
        key=kind.box, label_visibility="collapsed", width=330, on_change=_keep_choice, args=(kind,),
        help=f"Which {kind.noun} is shown. Every {kind.noun} of this store is listed, whoever started it.",
    )  # fmt: skip
    if chosen != st.query_params.get(state.RUN):
        choose(chosen, kind)
    return chosen


def choose(run_id: str, kind: Kind = SWEEP) -> None:
    """Show this run from now on, after a reload too."""
    st.session_state[kind.chosen] = st.query_params[state.RUN] = run_id


def _keep_choice(kind: Kind) -> None:
    choose(st.session_state[kind.box], kind)


def _told_apart(names: dict[str, str]) -> dict[str, str]:
    """Runs that would read alike end in the last letters of their ids."""
    count = Counter(names.values())
    return {
        run_id: name if count[name] == 1 else f"{name} · {run_id[-5:]}"
        for run_id, name in names.items()
    }


def _run_name(run: Run) -> str:
    methods, lengths = run.settings.get("methods", []), run.settings.get("lengths", [])
    what = f"{len(methods)} methods to {max(lengths, default=0):,}"
    words = [run.name or what, _when(run), STATE_WORDS.get(run.state, run.state)]
    if run.origin == "imported":
        words.append("imported")
    return " · ".join(word for word in words if word)


def _when(run: Run) -> str:
    """Day and minute where this process is; runs are stored in UTC."""
    try:
        return f"{datetime.fromisoformat(run.created_at).astimezone():%d %b %H:%M}"
    except ValueError:
        return run.created_at


def run_actions(store: Store, run: Run, kind: Kind = SWEEP) -> None:
    """What can be done with the run as it is now."""
    if run.state in sweeps.LIVE:
        st.button(
            "Cancel", width="stretch", icon=":material/stop_circle:", help=kind.cancel_help,
            disabled=run.state == "cancelling", on_click=said, args=(sweeps.cancel, store, run.id),
        )  # fmt: skip
    elif kind.can_resume(run, store.latest_job(run.id)):
        st.button(
            "Resume", width="stretch", icon=":material/resume:", help=kind.resume_help,
            on_click=said, args=(sweeps.resume, store, run.id),
        )  # fmt: skip


def job_panel(
    store: Store,
    run: Run,
    job: Job | None,
    kind: Kind = SWEEP,
    words: Callable[[Job, int], str] | None = None,
) -> None:
    """One line, and a bar while there is something to wait for. `words` say where a running job is."""
    if job is None or run.state == "done":
        return
    if run.state in sweeps.LIVE:
        done = max(run.cells, job.progress.get("done") or 0)
        text = _waiting_words(store, job) or (
            words(job, done) if words else _progress_words(job, done, kind.parts)
        )
        st.progress(_share(run, job, done), text=text)
    elif run.state == "lost":
        st.warning(
            f"The process that measured this {kind.noun} is gone. What it measured is kept, and **Resume** "
            "measures the rest.",
            icon=":material/heart_broken:",
        )
    elif run.state == "failed":
        why = literal((job.message or "no reason was given").rstrip("."))
        st.error(f"This {kind.noun} failed: {why}.", icon=":material/error:")
    elif run.state == "cancelled":
        st.info(
            f"This {kind.noun} was cancelled. What was measured is kept.",
            icon=":material/stop_circle:",
        )


def _share(run: Run, job: Job, done: int) -> float:
    """Of the time, where there is a limit; of the parts otherwise."""
    total, left = job.progress.get("total") or 0, job.progress.get("seconds_left")
    if total and left is not None and (limit := run.settings.get("limit_s")):
        return min(1.0, max(0.0, 1 - left / limit))
    return min(1.0, done / total) if total else 0.0


def _waiting_words(store: Store, job: Job) -> str:
    """What there is to say of a job that does not run, or not for long."""
    if job.state == "cancelling":
        return "Stopping. What was measured is kept."
    return _queue_words(store, job) if job.state == "queued" else ""


def _progress_words(job: Job, done: int, parts: str) -> str:
    total = job.progress.get("total") or 0
    if not total:
        return "Starting."
    left = job.progress.get("seconds_left")
    words = [f"{done} of {total} {parts}", literal(str(job.progress.get("cell") or ""))]
    if left is not None:
        words.append(f"about {duration(left)} left")
    return " · ".join(word for word in words if word)


def _queue_words(store: Store, job: Job) -> str:
    busy = [one for one in store.jobs(("running", "cancelling")) if one.device == job.device]
    place, device = store.position(job.id), DEVICE_WORDS.get(job.device, job.device)
    if place > 1:
        return f"Waiting: number {place} in the queue for the {device}. It starts by itself."
    if busy:
        return f"Waiting: next in the queue, once the {device} is free. It starts by itself."
    return "Starting."
