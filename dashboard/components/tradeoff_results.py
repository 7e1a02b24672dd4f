"""All that is drawn of the points, filling in while a study runs."""

from __future__ import annotations

import streamlit as st

from attn_core.store import Run, Store, StoreError
from dashboard import state
from dashboard.components.job_panel import job_panel
from dashboard.components.tradeoff_bring import CHART, anchor
from dashboard.components.tradeoff_choice import (
    choose_points,
    follow_point,
    unknown_in_url,
    wanted_source,
)
from dashboard.components.tradeoff_kind import STUDY
from dashboard.components.tradeoff_point import point_panel
from dashboard.components.tradeoff_tabs import tabs
from dashboard.components.tradeoff_verdict import verdict_panel
from dashboard.components.tradeoff_view import points_view
from dashboard.figures.frames import column
from dashboard.services import sweeps, tradeoffs
from dashboard.services.literal import literal
from dashboard.services.tradeoff_words import measured_on

# Reading many points takes the processor that is being measured on: seldom, and without what can wait.
POLL_SECONDS = 3.0
# Verdict and chart: the verdict stands to the right, and on a narrow screen before the chart.
BESIDE = "d_beside"
NO_VERDICT_YET = (
    "The verdict follows when the study has ended: writing it would disturb the measurements."
)
NOTHING_YET = (
    "Nothing has been measured yet. **Run study** measures time, memory and error of every method at several budgets, "
    "and shows which are worth it."
)


def say_problems(problem: str) -> None:
    said = st.session_state.pop(state.SAID, None)
    for one in (problem, said, sweeps.cannot_write()):
        if one:
            st.error(
                literal(one.removeprefix("tradeoff: ").rstrip(".") + "."), icon=":material/error:"
            )


def shown_points(store: Store, run: Run | None) -> None:
    live = run is not None and run.state in sweeps.LIVE
    follow = st.fragment(_followed, run_every=POLL_SECONDS if live else None)
    follow(store, run.id if run is not None else None, live)


def _followed(store: Store, run_id: str | None, was_live: bool) -> None:
    """One look at the store. When a live study has ended the whole page is drawn once more, for its buttons."""
    ended = ""
    try:
        if run_id is not None:
            run, job = store.run(run_id), store.latest_job(run_id)
            if was_live and run.state not in sweeps.LIVE:
                st.rerun()
            sweeps.see_to(store, job)
            job_panel(store, run, job, STUDY)
            if run.state == "done" and job is not None and job.progress.get("why"):
                ended = f"Newest study: {job.progress['cell']}."
        found = tradeoffs.everything(store, wanted_source())
    except (StoreError, ValueError) as problem:
        st.error(literal(str(problem).rstrip(".") + "."), icon=":material/error:")
        return
    if not len(found.table):
        st.info(NOTHING_YET, icon=":material/scatter_plot:")
        return
    follow_point(found)
    for complaint in unknown_in_url(found):
        st.warning(complaint, icon=":material/link_off:")
    shown = choose_points(found, lambda source: tradeoffs.everything(store, source))
    # What the newest study says may be of another setting.
    if run_id not in column(shown.whole, "run_id").unique():
        ended = ""
    with st.container(key=BESIDE):
        beside, chart = st.columns([1, 2], gap="medium")
    with chart, st.container(gap="xsmall"):
        anchor(CHART)
        points_view(shown)
    with beside:
        if was_live:
            st.caption(f"{literal(measured_on(shown))}. {NO_VERDICT_YET}")
        else:
            verdict_panel(shown, ended)
    point_panel(shown)
    tabs(shown)
