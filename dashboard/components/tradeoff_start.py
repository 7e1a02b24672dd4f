"""**Run study**, and what can be done with the newest one."""

from __future__ import annotations

import streamlit as st

from attn_core.store import Run, Store, StoreError
from attn_core.tradeoff.spec import StudySpec
from dashboard import state
from dashboard.components.job_panel import choose, run_actions
from dashboard.components.sweep_start import NOT_WRITABLE, REFUSED
from dashboard.components.tradeoff_choice import MOST_FACETS
from dashboard.components.tradeoff_kind import STUDY
from dashboard.services import sweeps, tradeoffs
from dashboard.services.tradeoff_form import plan_line

RUN_HELP = (
    "Measure this now: time, memory and error together. It goes on when this page is closed, and what is there is "
    "valid at any moment."
)


def start_row(store: Store, spec: StudySpec | None) -> Run | None:
    """The button, and the newest study if something can still be done with it."""
    unwritable = sweeps.cannot_write()
    reason = REFUSED if spec is None else (NOT_WRITABLE if unwritable else plan_line(spec))
    pressed = st.button(
        "Run study", type="primary", icon=":material/play_arrow:", help=f"{RUN_HELP} {reason}.",
        disabled=spec is None or unwritable is not None,
    )  # fmt: skip
    if pressed and spec is not None:
        try:
            choose(tradeoffs.start(store, spec).id, STUDY)
            # What comes in is shown, whatever was looked at before.
            st.query_params.pop(state.D_SETTING, None)
            st.session_state[state.D_AWAITED] = [str(n) for n in spec.lengths[:MOST_FACETS]]
        except (StoreError, ValueError) as problem:
            st.session_state[state.SAID] = str(problem)
    try:
        run, waiting = tradeoffs.current(store)
    except StoreError:  # said where the points are read
        return None
    if run is not None:
        with st.container(width=130):
            run_actions(store, run, STUDY)
    if waiting:
        st.caption(
            f"{waiting} more {'waits' if waiting == 1 else 'wait'} behind it.", width="content"
        )
    return run
