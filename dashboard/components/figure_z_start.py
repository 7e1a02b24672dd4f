"""The line between asking and training: what a run will take, what will not be as asked, and the button."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from attn_core.environment import Environment
from attn_core.store import Store, StoreError
from dashboard import state
from dashboard.components.figure_z_kind import FIGURE_Z
from dashboard.components.job_panel import choose
from dashboard.components.sweep_start import NOT_WRITABLE, REFUSED
from dashboard.services import figure_z, sweeps
from dashboard.services.figure_z_plan import Outlook, outlook

if TYPE_CHECKING:
    from attn_core.training.spec import FigureZSpec

RUN_HELP = "Train and measure this now. It goes on when this page is closed, and waits if the device is busy."
PLAN_HELP = "Estimated from the work of every stage and what this kind of machine usually reaches."


def start_row(store: Store, spec: FigureZSpec | None, environment: Environment) -> None:
    """**Run Figure Z** and what it will take. What the store has against it is said in one sentence."""
    plan = None if spec is None else outlook(spec, environment)
    unwritable = sweeps.cannot_write()
    reason = REFUSED if plan is None else (NOT_WRITABLE if unwritable else RUN_HELP)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        pressed = st.button(
            "Run Figure Z", type="primary", icon=":material/play_arrow:", help=reason,
            disabled=plan is None or unwritable is not None,
        )  # fmt: skip
        if plan is not None:
            st.markdown(plan.line, width="content", help=PLAN_HELP)
            _caveats(plan)
    if pressed and spec is not None:
        try:
            choose(figure_z.start(store, spec).id, FIGURE_Z)
        except (StoreError, ValueError) as problem:
            st.session_state[state.SAID] = str(problem)


def _caveats(plan: Outlook) -> None:
    if not plan.caveats:
        return
    count = len(plan.caveats)
    with st.popover(
        f"{count} {'remark' if count == 1 else 'remarks'}", icon=":material/info:", type="tertiary"
    ):
        st.markdown("\n".join(f"- {one}" for one in plan.caveats))
