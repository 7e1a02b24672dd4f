"""The line between asking and measuring: what a sweep will take, what of it cannot run, and the button."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

import streamlit as st

from attn_core.environment import Environment
from attn_core.store import Store, StoreError
from attn_core.timing.preflight import Plan
from attn_core.timing.spec import SweepSpec
from dashboard import state
from dashboard.components.job_panel import choose
from dashboard.services import findings, sweeps
from dashboard.services.literal import literal

RUN_HELP = (
    "Measure this now. It goes on when this page is closed, and waits if the device is busy."
)
NOT_WRITABLE = "The store cannot be written."
PLAN_HELP = (
    "Predicted from the work each method must do and what this kind of machine usually reaches. Memory is the "
    "most that one call holds beyond its inputs."
)
NOTHING_RUNS = "No cell of this sweep can run here."
REFUSED = "First mend what is said above."


def say_refused(
    refused: Mapping[str, str],
    titles: Mapping[str, Callable[[str], str]] = MappingProxyType({}),
    closed: Collection[str] = (),
) -> None:
    """What of the URL could not be used, and what is used instead; `titles` are by what name a box shows it, `closed`
    the keys of boxes that may not be drawn yet."""
    for key, complaint in refused.items():
        if key not in st.session_state:
            if key in closed:
                st.warning(f"{complaint} Its tab opens without it.", icon=":material/link_off:")
            continue
        kept, said = st.session_state[key], titles.get(key, str)
        words = ", ".join(map(said, kept)) if isinstance(kept, list) else said(kept or "")
        instead = f" Used instead: {literal(words)}." if words else ""
        st.warning(f"{complaint}{instead}", icon=":material/link_off:")


def start_row(store: Store, spec: SweepSpec | None, environment: Environment) -> None:
    """**Run sweep** and what it will take. What the store has against it is said in one sentence."""
    plan = None if spec is None else sweeps.planned(spec, environment, store)
    unwritable = sweeps.cannot_write()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        pressed = st.button(
            "Run sweep", type="primary", icon=":material/play_arrow:",
            disabled=plan is None or unwritable is not None or not any(c.runs for c in plan.cells),
            help=_reason(plan, unwritable) or RUN_HELP,
        )  # fmt: skip
        if plan is not None:
            st.markdown(findings.plan_line(plan), width="content", help=PLAN_HELP)
            if findings.blocked(plan):
                _why(plan)
    if pressed and spec is not None:
        try:
            choose(sweeps.start(store, spec).id)
        except (StoreError, ValueError) as problem:
            st.session_state[state.SAID] = str(problem)


def _reason(plan: Plan | None, unwritable: str | None) -> str | None:
    if plan is None:
        return REFUSED
    if unwritable:
        return NOT_WRITABLE
    return None if any(one.runs for one in plan.cells) else NOTHING_RUNS


def _why(plan: Plan) -> None:
    with st.popover(findings.blocked_line(plan), icon=":material/block:", type="tertiary"):
        st.markdown(
            "\n".join(
                f"- **{label}** at {', '.join(f'{n:,}' for n in lengths)}: {literal(why.rstrip('.'))}."
                for label, lengths, why in findings.blocked(plan)
            )
        )
        st.caption("They become rows with that outcome, without being tried.")
