"""The boxes that choose methods: shown by their titles, named in links by their names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

from attn_core.naming import called

# In a link: no method at all, which is not the same as no word of methods.
NONE = "none"


def method_box(
    names: Sequence[str],
    key: str,
    help_text: str,
    *,
    label: str = "Method",
    first: str | None = None,
    title: Callable[[str], str] = called,
    width: int | Literal["stretch"] = 180,
    disabled: bool = False,
) -> str:
    """The name that is chosen. `first` is where the box starts; while it was not moved from there, it goes along with
    another `first`."""
    first, known = first or names[0], f"{key}_first"
    held = st.session_state.get(key) or st.query_params.get(key)
    unmoved = held == st.session_state.get(known)
    st.session_state[known] = first
    st.session_state[key] = first if unmoved or held not in names else held
    name = st.selectbox(
        label, names, key=key, help=help_text, format_func=title,
        persist_state="session", width=width, disabled=disabled,
    )  # fmt: skip
    # By hand: a box bound to the link would write there what it shows.
    if name == first:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = name
    return name


def methods_box(
    names: Sequence[str],
    key: str,
    help_text: str,
    *,
    first: Sequence[str],
    width: int | Literal["stretch"],
    most: int | None = None,
) -> list[str]:
    """The names of some methods, at most so many; without a word in the link those of `first`."""
    if key not in st.session_state:
        told = [*dict.fromkeys(st.query_params.get_all(key))]
        known = [one for one in told if one in names][:most]
        st.session_state[key] = known if known or told == [NONE] else [*first]
    chosen = st.multiselect(
        "Methods", names, key=key, help=help_text, max_selections=most, persist_state="session",
        format_func=called, width=width,
    )  # fmt: skip
    write_names(key, chosen, first)
    return chosen


def write_names(key: str, chosen: Sequence[str], first: Sequence[str]) -> None:
    """Into the link, by hand: a box bound to it would write there what it shows. The usual ones need no word."""
    if set(chosen) == {*first}:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = [*chosen] or [NONE]
