"""Moving along the chain of steps: the whole of it in a row, and one step back or forth."""

from __future__ import annotations

import streamlit as st

from attn_core.steps import Step
from dashboard import state
from dashboard.components.source_picker import Looked
from dashboard.services.steps import STEP_NAMES, Chain, nearest

STEP_HELP = "Which step is shown large. Nothing is computed again."


def asked_step(chain: Chain) -> str:
    """The step to show: the one chosen before, or that of the URL; where this chain has none such, one nearby."""
    chosen = st.session_state.get(state.STEPS_SHOWN)
    if chosen is None:
        chosen = st.query_params.get(state.STEPS_STEP)
    return nearest(chain, chosen)


def coloured(chain: Chain, looked: Looked) -> bool:
    """Whether the step has a map that follows the page's colours. Counted things and patterns have their own, and
    tokens and the one product are no maps."""
    step = chain.at(asked_step(chain))
    if step.key in ("tokens", "dot"):
        return False
    arrays = (*step.arrays, *step.opened(looked.query, looked.key))
    return any(one.kind not in ("number", "pattern") for one in arrays)


def movers(chain: Chain) -> None:
    """Previous and next."""
    place = chain.keys.index(asked_step(chain))
    for label, icon, there in (
        ("Previous", ":material/arrow_back:", place - 1),
        ("Next", ":material/arrow_forward:", place + 1),
    ):
        inside = 0 <= there < len(chain.steps)
        title = chain.steps[there].title if inside else "the chain ends here"
        st.button(
            label, icon=icon, disabled=not inside, help=f"{label} step: {title}.", key=f"t_{label}",
            on_click=_go, args=(chain.keys[there] if inside else "",),
        )  # fmt: skip


def _go(key: str) -> None:
    st.session_state[state.STEPS_SHOWN] = key


def navigator(chain: Chain) -> Step:
    """The whole chain in a row."""
    st.session_state[state.STEPS_SHOWN] = asked_step(chain)
    shown = st.segmented_control(
        "Step", chain.keys, required=True, key=state.STEPS_SHOWN, help=STEP_HELP, wrap=True,
        format_func=STEP_NAMES.__getitem__,
        label_visibility="collapsed", persist_state="session",
    ) or chain.keys[0]  # fmt: skip
    st.query_params[state.STEPS_STEP] = shown
    return chain.at(shown)
