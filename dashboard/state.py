"""Every session and URL key in one place. A key names its widget and its URL parameter alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

METHOD = "method"
LENGTH = "n"
KEYS = "m"
ROLE = "role"
HEADS = "heads"
HEAD_DIM = "head_dim"
BATCH = "batch"
DTYPE = "dtype"


def param_key(method: str, param: str) -> str:
    """The key of a method's parameter, written as on the command line: longformer.window."""
    return f"{method}.{param}"


def dark_theme() -> bool:
    """Whether the reader's browser shows the dark theme."""
    return st.context.theme.type == "dark"


def refused_in_url(checks: Mapping[str, Callable[[str], object]]) -> dict[str, str]:
    """Complaints about the URL by key. To be asked before the widgets are drawn: they drop what they
    cannot take from the URL without a word."""
    complaints = {}
    for key, check in checks.items():
        text = st.query_params.get(key)
        if text is None:
            continue
        try:
            check(text)
        except ValueError as problem:
            complaints[key] = str(problem).rstrip(".") + "."
    return complaints
