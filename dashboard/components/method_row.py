"""The row above a picture that looks at one method: which, and its own settings; for pages named by a letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from attn_core import METHODS
from attn_core.contract import Value
from dashboard import state
from dashboard.components.method_box import method_box
from dashboard.components.question import bounded_by_widget, param_control
from dashboard.services import validation as check
from dashboard.services.literal import literal


def url_checks(page: str, key: str, names: Sequence[str]) -> dict[str, Callable[[str], object]]:
    """How to read the keys of this row in the URL."""
    checks: dict[str, Callable[[str], object]] = {
        key: lambda text: check.choose("method", text, names)
    }
    for name in names:
        for param in filter(bounded_by_widget, METHODS[name].params):
            checks[state.look_param_key(page, name, param.name)] = partial(
                check.parse_param, METHODS[name], param
            )
    return checks


def method_row(
    page: str,
    key: str,
    names: Sequence[str],
    help_text: str,
    defaults: Mapping[str, Value] | None = None,
) -> tuple[str, dict[str, Any]]:
    """Inside a horizontal container: the method's name, and what its settings hold, not yet checked together.
    `defaults` are the page's own, by a parameter's name."""
    name = method_box(names, key, help_text)
    method = METHODS[name]
    own = [
        replace(one, default=(defaults or {}).get(one.name, one.default)) for one in method.params
    ]
    drawn = {
        param.name: param_control(method, param, state.look_param_key(page, name, param.name))
        for param in own
    }
    return name, drawn


def say_refused(refused: dict[str, str]) -> None:
    """What the URL asked for and its widget could not take."""
    for key, complaint in refused.items():
        shown = st.session_state.get(key)
        st.warning(
            complaint + ("" if shown is None else f" Shown instead: {literal(str(shown))}."),
            icon=":material/link_off:",
        )
