"""Which method replaces the middle of the chain, with its parameters."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from attn_core import METHODS, get_method
from dashboard import state
from dashboard.components.method_box import method_box
from dashboard.components.question import bounded_by_widget, param_control
from dashboard.components.source_picker import Looked
from dashboard.components.step_tabs import TABS
from dashboard.services import validation as check
from dashboard.services.first_settings import params_of
from dashboard.services.steps import STEP_KEYS, Chain, chain_of
from dashboard.services.wording import refused

PAGE = "t"
METHOD_HELP = (
    "What stands between Q, K, V and the output. Each method has its own steps; exact attention is the textbook's. "
    "Costs a fraction of a second."
)


def url_complaints() -> None:
    """One sentence for whatever the URL has that no control can take."""
    checks: dict[str, Any] = {
        state.STEPS_METHOD: check.method_named,
        state.STEPS_STEP: lambda text: check.choose("step", text, STEP_KEYS),
        state.STEPS_TAB: lambda text: check.choose("tab", text, TABS),
        state.STEPS_TEMPERATURE: _temperature,
        state.STEPS_UNSCALED: lambda text: check.choose(
            "without scaling", text.lower(), check.TRUTHS
        ),
    }
    for method in METHODS.values():
        for param in filter(bounded_by_widget, params_of(method.name)):
            key = state.look_param_key(PAGE, method.name, param.name)
            checks[key] = partial(check.parse_param, method, param)
    for complaint in state.refused_in_url(checks).values():
        st.warning(complaint, icon=":material/link_off:")


def chain_asked(looked: Looked) -> tuple[Chain | None, str]:
    """The chain of the method that is chosen, or the sentence that says why there is none."""
    name = method_box(list(METHODS), state.STEPS_METHOD, METHOD_HELP)
    method = get_method(name)
    own = params_of(name)
    keys = {param.name: state.look_param_key(PAGE, name, param.name) for param in own}
    drawn = {param.name: param_control(method, param, keys[param.name]) for param in own}
    try:
        params = {p.name: check.param_value(method, p, drawn[p.name]) for p in method.params}
        return chain_of(looked.source, looked.head, looked.query, name, params), ""
    except ValueError as refusal:
        return None, refused(refusal)


def _temperature(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.05 <= value <= 20:
        raise ValueError(f"temperature must be a number from 0.05 to 20, got {text!r}.")
    return value
