"""The controls of a cost question: method, sizes, and the method's own parameters, drawn from its `Param`s."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, get_args

import streamlit as st

from attn_core import METHODS, AttentionMethod, Param, Role, get_method
from dashboard import state
from dashboard.components.method_box import method_box
from dashboard.services import validation as check
from dashboard.services.prediction import LENGTHS, Question

METHOD_HELP = "The attention method whose cost is predicted and held against exact attention."
ROLE_HELP = (
    "Where the attention sits. **encoder**: every token sees every token. **decoder**: a token sees "
    "its past only. **cross**: N queries look at M keys of another sequence. Not every method has every role."
)
LENGTH_HELP = (
    "How many tokens ask. Choose a power of two or type any number from 1 to 1,048,576. "
    "Exact attention's work grows with its square."
)
KEYS_HELP = "How many tokens are looked at. Exact attention's work grows with N times M."
HEADS_HELP = "Attention heads of one layer. Work and memory grow in proportion."
HEAD_DIM_HELP = (
    "Numbers per head in q, k and v. Work grows in proportion; some methods also need more of it."
)
BATCH_HELP = "Sequences handled at once. Work and memory grow in proportion."
DTYPE_HELP = "The type of every number. It changes memory, not FLOPs; float16 runs on CUDA only."


def url_checks() -> dict[str, Callable[[str], object]]:
    """How to read each key of the URL. Boxes that keep whatever was typed, as the lengths do, are checked
    with the question instead."""
    checks: dict[str, Callable[[str], object]] = {
        state.METHOD: check.method_named,
        state.ROLE: check.role_named,
        state.DTYPE: check.dtype_named,
        state.HEADS: check.HEADS.parse,
        state.HEAD_DIM: check.HEAD_DIM.parse,
        state.BATCH: check.BATCH.parse,
    }
    for method in METHODS.values():
        for param in filter(bounded_by_widget, method.params):
            key = state.param_key(method.name, param.name)
            checks[key] = partial(check.parse_param, method, param)
    return checks


def question_controls() -> Question:
    """The row of controls and the question they ask; a ValueError says what was refused."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        method = get_method(_method_box())
        role = _choice(state.ROLE, "Role", get_args(Role), ROLE_HELP)
        length = _length_box(state.LENGTH, "Sequence length N", check.LENGTH, LENGTH_HELP)
        keys = None
        if role == "cross":
            keys = _length_box(state.KEYS, "Keys M", check.KEYS, KEYS_HELP)
        heads = _number(state.HEADS, "Heads", check.HEADS, HEADS_HELP)
        head_dim = _number(state.HEAD_DIM, "Head width", check.HEAD_DIM, HEAD_DIM_HELP)
        batch = _number(state.BATCH, "Batch", check.BATCH, BATCH_HELP)
        dtype = _choice(state.DTYPE, "dtype", tuple(check.DTYPES), DTYPE_HELP)
        drawn = {param.name: param_control(method, param) for param in method.params}
    return Question(
        method=method,
        role=check.role_named(role),
        length=check.LENGTH.parse(length),
        keys=None if keys is None else check.KEYS.parse(keys),
        heads=check.HEADS.check(heads),
        head_dim=check.HEAD_DIM.check(head_dim),
        batch=check.BATCH.check(batch),
        dtype=check.dtype_named(dtype),
        params={p.name: check.param_value(method, p, drawn[p.name]) for p in method.params},
    )


def param_control(method: AttentionMethod, param: Param, key: str | None = None) -> Any:
    """The one widget that fits a parameter's type, and what it holds, not yet checked."""
    key = key or state.param_key(method.name, param.name)
    common: dict[str, Any] = {
        "key": key, "bind": "query-params", "help": f"{param.help} Allowed: {param.allowed}.",
    }  # fmt: skip
    if param.choices:
        index = param.choices.index(str(param.default))
        return st.selectbox(param.name, param.choices, index=index, width=150, **common)
    if isinstance(param.default, bool):
        with st.container(width=140, height=42, vertical_alignment="center", border=False):
            return st.toggle(param.name, value=param.default, **common)
    if isinstance(param.default, int | float):
        kind = type(param.default)
        low = None if param.minimum is None else kind(param.minimum)
        high = None if param.maximum is None else kind(param.maximum)
        return st.number_input(param.name, low, high, param.default, width=130, **common)
    shown = check.as_text(param.default)
    return st.text_input(param.name, shown, width=150, **common)


def bounded_by_widget(param: Param) -> bool:
    """Whether the parameter's widget drops what it cannot take; a text box keeps it, to be mended."""
    return bool(param.choices) or isinstance(param.default, int | float)


def _method_box() -> str:
    names = list(METHODS)
    first = next(name for name, one in METHODS.items() if one.family != "exact")
    return method_box(names, state.METHOD, METHOD_HELP, first=first)


def _choice(key: str, label: str, options: Sequence[str], help_text: str) -> str:
    return st.selectbox(label, options, key=key, bind="query-params", help=help_text, width=120)


def _length_box(key: str, label: str, bounds: check.Bounds, help_text: str) -> str:
    """Powers of two to choose from, or any number typed; the text is checked by the caller."""
    options = [str(length) for length in LENGTHS]
    return st.selectbox(
        label,
        options,
        index=options.index(str(bounds.default)),
        key=key,
        bind="query-params",
        help=help_text,
        accept_new_options=True,
        filter_mode="prefix",
        width=160,
    )


def _number(key: str, label: str, bounds: check.Bounds, help_text: str) -> int:
    return st.number_input(
        label,
        bounds.low,
        bounds.high,
        bounds.default,
        key=key,
        bind="query-params",
        help=help_text,
        width=115,
    )
