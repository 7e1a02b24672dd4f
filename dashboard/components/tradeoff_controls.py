"""The controls of a study: how long, which methods and lengths, and at which sizes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, get_args

import streamlit as st

from attn_core import METHODS, Role
from attn_core.environment import Environment
from attn_core.timing.spec import PASSES
from dashboard import state
from dashboard.components.menus import length_menu, method_menu, take_other_lengths
from dashboard.components.sweep_controls import (
    DEVICE_HELP,
    DTYPE_HELP,
    HEAD_DIM_HELP,
    HEADS_HELP,
    PASS_HELP,
    ROLE_HELP,
)
from dashboard.services import sweep_form
from dashboard.services import tradeoff_form as form
from dashboard.services import validation as check

PRESET_HELP = (
    "How long the study may take. It measures a spread of budgets first and then goes where it is undecided which "
    "is best, so that more time means finer answers. It can be stopped at any moment."
)
METHODS_HELP = "What is compared. Each method is measured at several values of its budget."
LENGTHS_HELP = "Sequence lengths N. Every one is a study of its own: more lengths in the same time are coarser."
MORE_HELP = "Role, pass, device, number type, heads and head width."


def url_checks(environment: Environment) -> dict[str, Callable[[str], object]]:
    """How to read each key of the URL whose widget drops what it cannot take."""
    return {
        state.D_PRESET: form.preset_named,
        state.D_METHODS: check.method_named,
        state.D_ROLE: check.role_named,
        state.D_PASS: sweep_form.pass_named,
        state.D_DEVICE: partial(check.choose, "device", options=sweep_form.devices(environment)),
        state.D_DTYPE: check.dtype_named,
        state.D_HEADS: check.HEADS.parse,
        state.D_HEAD_DIM: check.HEAD_DIM.parse,
    }


def study_controls(environment: Environment) -> form.Form:
    """The row of controls and what they hold, not yet checked."""
    take_other_lengths(state.D_LENGTHS, state.D_OTHER_LENGTHS)
    usual = next(iter(form.NAMES))
    preset = st.segmented_control(
        "Time for a study", list(form.NAMES), default=usual, required=True, key=state.D_PRESET,
        bind="query-params", help=PRESET_HELP, label_visibility="collapsed", on_change=_usual_lengths,
    ) or usual  # fmt: skip
    methods = method_menu(
        state.D_METHODS, METHODS, form.usual_methods(), sweep_form.method_presets(), METHODS_HELP
    )
    lengths = length_menu(
        state.D_LENGTHS, state.D_OTHER_LENGTHS, form.LENGTH_PRESETS[preset], form.LENGTH_PRESETS, LENGTHS_HELP
    )  # fmt: skip
    with st.popover("More settings", icon=":material/settings:", help=MORE_HELP):
        sizes = _sizes(environment)
    return form.Form(preset, methods, lengths, sizes)


def _usual_lengths() -> None:
    """Another preset has other lengths."""
    chosen = st.session_state[state.D_PRESET]
    st.session_state[state.D_LENGTHS] = [str(n) for n in form.LENGTH_PRESETS[chosen]]


def _sizes(environment: Environment) -> dict[str, Any]:
    kept: dict[str, Any] = {"bind": "query-params", "width": 150}
    with st.container(horizontal=True, gap="small"):
        role = st.selectbox("Role", get_args(Role)[:2], key=state.D_ROLE, help=ROLE_HELP, **kept)
        which = st.selectbox("Pass", PASSES, key=state.D_PASS, help=PASS_HELP, **kept)
    with st.container(horizontal=True, gap="small"):
        devices = sweep_form.devices(environment)
        device = st.selectbox("Device", devices, key=state.D_DEVICE, help=DEVICE_HELP, **kept)
        dtypes = sweep_form.dtypes(device)
        dtype = st.selectbox("dtype", dtypes, key=state.D_DTYPE, help=DTYPE_HELP, **kept)
    with st.container(horizontal=True, gap="small"):
        heads = _number(state.D_HEADS, "Heads", check.HEADS, HEADS_HELP, kept)
        head_dim = _number(state.D_HEAD_DIM, "Head width", check.HEAD_DIM, HEAD_DIM_HELP, kept)
    return {
        "role": role, "which": which, "device": device, "dtype": dtype, "heads": heads,
        "head_dim": head_dim,
    }  # fmt: skip


def _number(key: str, label: str, bounds: check.Bounds, said: str, kept: dict[str, Any]) -> int:
    return int(
        st.number_input(label, bounds.low, bounds.high, bounds.default, key=key, help=said, **kept)
    )
