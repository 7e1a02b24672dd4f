"""The sweep that is shown, finished or live: which one, what can be done with it, and a view that fills in."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from attn_core.store import Run, Store, StoreError
from dashboard import state
from dashboard.components.job_panel import POLL_SECONDS, job_panel, run_actions, run_picker
from dashboard.components.sweep_view import sweep_view
from dashboard.services import sweeps
from dashboard.services.literal import literal


@dataclass(frozen=True)
class Shown:
    """A stored run or a recorded study, and what could not be done."""

    run: Run | None
    study: sweeps.Results | None
    problems: list[str]


ACTION_WIDTH = 112
NOTHING_YET = "Nothing has been measured here yet. **Run sweep** measures what is chosen above."


def choose_run(store: Store) -> Shown:
    """Which sweep is shown, and what can be done with it. Whatever the store says against being read is one
    sentence, and the recorded studies can still be seen."""
    studies, problem = sweeps.recorded(), ""
    try:
        runs = sweeps.runs(store)
    except StoreError as refusal:
        runs, problem = [], _sentence(refusal)
    unknown = unknown_runs(runs, studies)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        # Of one width, and left of the box, so that nothing moves under a hand when one takes another's place.
        actions = st.container(width=ACTION_WIDTH)
        chosen = run_picker(runs, studies)
        run = next((one for one in runs if one.id == chosen), None)
        if run is not None:
            with actions:
                run_actions(store, run)
    return Shown(run, studies.get(chosen or ""), [*unknown, *([problem] if problem else [])])


def say_problems(shown: Shown) -> None:
    """What could not be read, done or written, a sentence each."""
    for problem in shown.problems:
        st.warning(problem, icon=":material/error:")
    if said := st.session_state.pop(state.SAID, None):
        st.error(_sentence(said), icon=":material/error:")
    if unwritable := sweeps.cannot_write():
        st.warning(literal(unwritable), icon=":material/lock:")


def shown_sweep(store: Store, shown: Shown) -> None:
    if shown.run is not None:
        if shown.run.origin == "imported":
            st.caption(f"Imported; measured on {literal(sweeps.measured_on(store, shown.run))}.")
        live = shown.run.state in sweeps.LIVE
        follow = st.fragment(_followed, run_every=POLL_SECONDS if live else None)
        follow(store, shown.run.id, live)
    elif shown.study is not None:
        # Where a run has its panel: what follows keeps its place on the page, and with it its hold on the URL.
        with st.container():
            st.caption(f"Recorded on {literal(shown.study.environment_line)}, not on yours.")
        sweep_view(shown.study)
    elif not shown.problems:
        st.info(NOTHING_YET, icon=":material/timer:")


def _followed(store: Store, run_id: str, was_live: bool) -> None:
    """One look at the store. When a live run has ended the whole page is drawn once more, for its buttons."""
    try:
        run, job = store.run(run_id), store.latest_job(run_id)
        if was_live and run.state not in sweeps.LIVE:
            st.rerun()
        sweeps.see_to(store, job)
        with st.container():
            job_panel(store, run, job)
        sweep_view(sweeps.results(store, run, job))
    except (StoreError, ValueError) as problem:
        st.error(_sentence(problem), icon=":material/error:")


def unknown_runs(runs: list[Run], studies: dict[str, sweeps.Results]) -> list[str]:
    """A sentence for a run that the URL names and this store does not have."""
    known = {run.id for run in runs} | set(studies)
    return [
        _sentence(f"There is no sweep {run_id!r} in this store. The newest is shown instead.")
        for run_id in st.query_params.get_all(state.RUN)
        if run_id not in known
    ]


def _sentence(problem: object) -> str:
    return literal(str(problem).rstrip(".") + ".")
