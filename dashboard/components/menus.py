"""Menus of many methods or lengths behind one button, which says what is chosen while it is closed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import streamlit as st

from attn_core.naming import called
from dashboard.components.method_box import write_names
from dashboard.services import sweep_form as form

OTHER_HELP = "Any whole numbers up to 1,048,576, set apart by spaces or commas."
Presets = Mapping[str, Sequence[Any]]


def method_menu(
    key: str, offered: Collection[str], usual: Sequence[str], presets: Presets, help_text: str
) -> list[str]:
    """The chosen methods, in the order in which they are offered."""
    if key not in st.session_state:
        st.session_state[key] = [*held(key, offered, usual)]
    label = f"Methods · {len(st.session_state[key])} of {len(offered)}"
    with st.popover(label, key=f"{key}_menu", help=help_text):
        found = st.pills(
            "Methods", list(offered), selection_mode="multi", key=key, format_func=called,
            persist_state="session", help=help_text,
        )  # fmt: skip
        _presets(key, presets)
    write_names(key, found or usual, usual)
    return [name for name in offered if name in found]


def length_menu(
    key: str, other: str, usual: Sequence[int], presets: Presets, help_text: str
) -> list[str]:
    """The chosen lengths as text; `other` is the key of the box for lengths that are no powers of two."""
    offered, default = ([str(n) for n in some] for some in (form.LENGTHS, usual))
    typed = st.session_state.get(other)
    typed = st.query_params.get(other, "") if typed is None else typed
    chosen = [*held(key, offered, default), *form.written_lengths(typed)]
    with st.popover(f"Lengths · {form.lengths_line(chosen)}", key=f"{key}_menu", help=help_text):
        found = st.pills(
            "Lengths N", offered, selection_mode="multi", default=default, key=key,
            bind="query-params", help=help_text,
        )  # fmt: skip
        others = st.text_input(
            "Other lengths",
            key=other,
            bind="query-params",
            placeholder="1000 3000",
            help=OTHER_HELP,
        )
        _presets(key, presets)
    return [*found, *form.written_lengths(others)]


def held(key: str, offered: Collection[str], usual: Sequence[str]) -> Sequence[str]:
    """What a widget that is not drawn yet will hold: a button above it says so."""
    if key in st.session_state:
        return st.session_state[key]
    asked = [text for text in st.query_params.get_all(key) if text in offered]
    return asked or usual


def take_other_lengths(key: str, other: str) -> None:
    """A length in the URL that is no power of two belongs into the box where such lengths are typed."""
    offered = {str(length) for length in form.LENGTHS}
    others = [text for text in st.query_params.get_all(key) if text not in offered]
    if others and other not in st.session_state:
        st.session_state[other] = " ".join([*others, *st.query_params.get_all(other)])


def _presets(key: str, presets: Presets) -> None:
    with st.container(horizontal=True, gap="small"):
        for name, values in presets.items():
            st.button(
                name, key=f"{key}_{name}", type="tertiary", on_click=_take, args=(key, values)
            )


def _take(key: str, values: Sequence[Any]) -> None:
    st.session_state[key] = [str(value) for value in values]
