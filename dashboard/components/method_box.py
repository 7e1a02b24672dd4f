"""The box that chooses a method: shown by its title, named in links by its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from attn_core import METHODS, AttentionMethod


def method_box(
    names: Sequence[str],
    key: str,
    help_text: str,
    *,
    label: str = "Method",
    first: str | None = None,
    title: Callable[[AttentionMethod], str] = lambda method: method.short_title,
    width: int = 180,
) -> str:
    """The name that is chosen. `first` is where the box starts; while it was not moved from there, it goes along with
    another `first`."""
    first, known = first or names[0], f"{key}_first"
    held = st.session_state.get(key) or st.query_params.get(key)
    unmoved = held == st.session_state.get(known)
    st.session_state[known] = first
    st.session_state[key] = first if unmoved or held not in names else held
    name = st.selectbox(
        label, names, key=key, help=help_text, format_func=lambda one: title(METHODS[one]),
        persist_state="session", width=width,
    )  # fmt: skip
    # By hand: a box bound to the link would write there what it shows.
    if name == first:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = name
    return name
