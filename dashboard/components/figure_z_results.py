"""The Figure Z that is shown, finished or live: which one, what can be done with it, and a view that fills in."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from attn_core.store import Job, Run, Store, StoreError
from dashboard import state
from dashboard.components.figure_z_kind import FIGURE_Z
from dashboard.components.figure_z_view import figure_z_view
from dashboard.components.job_panel import POLL_SECONDS, job_panel, run_actions, run_picker
from dashboard.services import figure_z, sweeps
from dashboard.services.figure_z_captions import shown_line
from dashboard.services.figure_z_progress import progress_words
from dashboard.services.literal import literal
from dashboard.services.validation import shortened

ACTION_WIDTH = 112
NOTHING_YET = (
    "Nothing has been trained here yet. **Run Figure Z** trains and measures what is chosen above."
)


@dataclass(frozen=True)
class Shown:
    """A stored run or a recorded study, and what could not be done."""

    run: Run | None
    study: figure_z.Results | None
    problems: list[str]


def choose_run(store: Store) -> Shown:
    """Which run is shown, and what can be done with it. Whatever the store says against being read is one sentence,
    and the recorded studies can still be seen."""
    studies, problems = figure_z.recorded(), []
    try:
        runs = figure_z.runs(store)
    except StoreError as refusal:
        runs, problems = [], [_sentence(refusal)]
    known = {run.id for run in runs} | set(studies)
    problems += [
        _sentence(
            f"There is no Figure Z run {run_id!r} in this store. The newest is shown instead."
        )
        for run_id in st.query_params.get_all(state.RUN)
        if run_id not in known
    ]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        # Of one width, and left of the box, so that nothing moves under a hand when one takes another's place.
        actions = st.container(width=ACTION_WIDTH)
        chosen = run_picker(runs, studies, FIGURE_Z)
        run = next((one for one in runs if one.id == chosen), None)
        if run is not None:
            with actions:
                run_actions(store, run, FIGURE_Z)
    return Shown(run, studies.get(chosen or ""), problems)


def say_problems(shown: Shown) -> None:
    """What could not be read, done or written, a sentence each."""
    for problem in shown.problems:
        st.warning(problem, icon=":material/error:")
    if said := st.session_state.pop(state.SAID, None):
        st.error(_sentence(said), icon=":material/error:")
    if unwritable := sweeps.cannot_write():
        st.warning(literal(unwritable), icon=":material/lock:")


def shown_figure(store: Store, shown: Shown) -> None:
    if shown.run is not None:
        live = shown.run.state in sweeps.LIVE
        follow = st.fragment(_followed, run_every=POLL_SECONDS if live else None)
        follow(store, shown.run.id, live)
    elif shown.study is not None:
        # Where a run has its panel: what follows keeps its place on the page, and with it its hold on the URL.
        with st.container():
            _say_shown(shown.study)
        figure_z_view(shown.study)
    elif not shown.problems:
        st.info(NOTHING_YET, icon=":material/school:")


def _followed(store: Store, run_id: str, was_live: bool) -> None:
    """One look at the store. When a live run has ended the whole page is drawn once more, for its buttons."""
    try:
        run, job = store.run(run_id), store.latest_job(run_id)
        if was_live and run.state not in sweeps.LIVE:
            st.rerun()
        sweeps.see_to(store, job)
        found = figure_z.results(store, run)

        def words(running: Job, _done: int) -> str:
            return progress_words(running.progress, found.curves)

        with st.container():
            _say_shown(found)
            job_panel(store, run, job, FIGURE_Z, words)
        figure_z_view(found, live=run.state in sweeps.LIVE)
    except (StoreError, ValueError) as problem:
        st.error(_sentence(problem), icon=":material/error:")


def _say_shown(found: figure_z.Results) -> None:
    """The controls above ask for the next run; what is drawn below may be another."""
    asked = st.session_state.get(state.Z_PROTOCOL) or found.settings.get("protocol")
    other = asked != found.settings.get("protocol", "controlled")
    st.caption(shown_line(found) + (" The controls above are for the next run." if other else ""))


def _sentence(problem: object) -> str:
    return literal(shortened(str(problem).rstrip(".") + "."))
