"""The controls of a sweep: what is measured, at which lengths, how, and each method's own parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, get_args

import streamlit as st

from attn_core import METHODS, Role
from attn_core.environment import Environment
from attn_core.timing.spec import PASSES
from dashboard import state
from dashboard.components.menus import length_menu, method_menu, take_other_lengths
from dashboard.components.question import bounded_by_widget, param_control
from dashboard.services import sweep_form as form
from dashboard.services import validation as check

METHODS_HELP = "What is measured, one line of the chart each. Time grows with their number."
LENGTHS_HELP = (
    "Sequence lengths N. Exact attention takes four times as long at twice the length, so the longest one "
    "decides how long a sweep takes."
)
PASS_HELP = "**forward** is inference. **forward+backward** is a training step, about three times the work."
ROLE_HELP = (
    "Where the attention sits. **encoder**: every token sees every token. **decoder**: a token sees its past "
    "only. **cross**: N queries look at M keys. A method without the role is shown as unsupported."
)
PARAMETERS_HELP = (
    "The parameters of the chosen methods. What each changes and costs is said beside it."
)
MORE_HELP = "Device, number type, time per cell, threads, batch and heads."
KEYS_HELP = "How many keys the queries look at, in the role cross. Empty: as many as queries."
DTYPE_HELP = (
    "The type of every number. Shorter types need less memory; a CPU may be slower with them."
)
DEVICE_HELP = "Where it is measured. cuda is offered where the driver names a GPU."
BATCH_HELP = "Sequences at once. Time and memory grow in proportion."
HEADS_HELP = "Attention heads. Time and memory grow in proportion."
HEAD_DIM_HELP = "Numbers per head in q, k and v. Time grows in proportion."
THREADS_HELP = "CPU threads used by the measured process. 0 leaves the choice to torch."
SECONDS_HELP = (
    "The most time spent on one cell (a method at a length). Less is quicker and less certain; a cell ends "
    "earlier once its median is known to 2%."
)


def url_checks(environment: Environment) -> dict[str, Callable[[str], object]]:
    """How to read each key of the URL whose widget drops what it cannot take. Lengths keep what was typed,
    and are checked with the sweep."""
    checks: dict[str, Callable[[str], object]] = {
        state.SWEEP_METHODS: check.method_named,
        state.SWEEP_PASS: form.pass_named,
        state.SWEEP_ROLE: check.role_named,
        state.SWEEP_DTYPE: check.dtype_named,
        state.SWEEP_DEVICE: partial(check.choose, "device", options=form.devices(environment)),
        state.SWEEP_BATCH: check.BATCH.parse,
        state.SWEEP_HEADS: check.HEADS.parse,
        state.SWEEP_HEAD_DIM: check.HEAD_DIM.parse,
        state.SWEEP_THREADS: form.THREADS.parse,
        state.SWEEP_SECONDS: form.seconds_named,
    }
    for method in METHODS.values():
        for param in filter(bounded_by_widget, method.params):
            key = state.sweep_param_key(method.name, param.name)
            checks[key] = partial(check.parse_param, method, param)
    return checks


def sweep_controls(environment: Environment) -> form.Form:
    """The row of controls and what they hold, not yet checked."""
    take_other_lengths(state.SWEEP_LENGTHS, state.SWEEP_OTHER_LENGTHS)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        methods = method_menu(
            state.SWEEP_METHODS, METHODS, form.DEFAULT_METHODS, form.method_presets(), METHODS_HELP
        )
        lengths = length_menu(
            state.SWEEP_LENGTHS,
            state.SWEEP_OTHER_LENGTHS,
            form.DEFAULT_LENGTHS,
            form.LENGTH_PRESETS,
            LENGTHS_HELP,
        )
        which = _choice(state.SWEEP_PASS, "Pass", PASSES, PASS_HELP, 168)
        role = _choice(state.SWEEP_ROLE, "Role", get_args(Role), ROLE_HELP, 115)
        keys = _keys_box() if role == "cross" else None
        with st.popover("Parameters", icon=":material/tune:", help=PARAMETERS_HELP):
            params = _parameters(methods)
        with st.popover("More settings", icon=":material/settings:", help=MORE_HELP):
            sizes = _sizes(environment)
    return form.Form(methods, lengths, which, role, keys, params=params, **sizes)


def _keys_box() -> str | None:
    return st.selectbox(
        "Keys M", [str(n) for n in form.LENGTHS], index=None, key=state.SWEEP_KEYS, width=110,
        help=KEYS_HELP, bind="query-params", accept_new_options=True, filter_mode="prefix",
        placeholder="= N",
    )  # fmt: skip


def _sizes(environment: Environment) -> dict[str, Any]:
    with st.container(horizontal=True, gap="small"):
        device = _choice(state.SWEEP_DEVICE, "Device", form.devices(environment), DEVICE_HELP, 105)
        dtype = _choice(state.SWEEP_DTYPE, "dtype", form.dtypes(device), DTYPE_HELP, 120)
        seconds = st.number_input(
            "Seconds per cell", form.SHORTEST_SECONDS, form.LONGEST_SECONDS, form.DEFAULT_SECONDS,
            step=0.25, key=state.SWEEP_SECONDS, bind="query-params", help=SECONDS_HELP, width=135,
        )  # fmt: skip
        threads = _number(state.SWEEP_THREADS, "Threads", form.THREADS, THREADS_HELP)
    with st.container(horizontal=True, gap="small"):
        batch = _number(state.SWEEP_BATCH, "Batch", check.BATCH, BATCH_HELP)
        heads = _number(state.SWEEP_HEADS, "Heads", check.HEADS, HEADS_HELP)
        head_dim = _number(state.SWEEP_HEAD_DIM, "Head width", check.HEAD_DIM, HEAD_DIM_HELP)
    return {
        "device": device, "dtype": dtype, "seconds": seconds, "threads": threads, "batch": batch,
        "heads": heads, "head_dim": head_dim,
    }  # fmt: skip


def _parameters(names: list[str]) -> dict[str, Mapping[str, Any]]:
    """The parameters of every chosen method that has some, as drawn: they are checked with the sweep."""
    drawn: dict[str, Mapping[str, Any]] = {}
    if not any(METHODS[name].params for name in names):
        st.caption("The chosen methods have no parameters.")
    for method in (METHODS[name] for name in names if METHODS[name].params):
        st.markdown(f"**{method.name}**")
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            drawn[method.name] = {
                param.name: param_control(
                    method, param, state.sweep_param_key(method.name, param.name)
                )
                for param in method.params
            }
    return drawn


def _choice(key: str, label: str, options: Any, help_text: str, width: int) -> str:
    return st.selectbox(label, options, key=key, bind="query-params", help=help_text, width=width)


def _number(key: str, label: str, bounds: check.Bounds, help_text: str) -> int:
    return st.number_input(
        label, bounds.low, bounds.high, bounds.default, key=key, bind="query-params",
        help=help_text, width=115,
    )  # fmt: skip
