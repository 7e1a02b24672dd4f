"""The boxes of the Masks page: how many tokens, which may see which, and up to four patterns side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from attn_core import get_method
from dashboard import state
from dashboard.components.method_box import method_box
from dashboard.components.question import bounded_by_widget, param_control
from dashboard.components.source_picker import Looked
from dashboard.services import mask_form as form
from dashboard.services import validation as check
from dashboard.services.first_settings import params_of

LENGTH_HELP = (
    "How many tokens the patterns are drawn for, to 65,536; empty: as many as the source has. Patterns are rules, so "
    "their maps cost no N × N anything; Reformer's buckets and the lost mass need the source's own N."
)
PADDING_HELP = "How many of the last tokens are padding: nobody sees them, and their own rows count for nothing."
CAUSAL_HELP = (
    "**as the source**: a decoder's tokens see their past only. **causal** or **both ways** for any source. BigBird "
    "has no causal form."
)
COUNT_HELP = "How many patterns stand side by side. Each is drawn and counted by itself."
METHOD_HELP = (
    "Whose pattern this is. **Reformer** hashes the source's own queries; **Exact** is attention, which the "
    "causal mask and padding alone restrict."
)
FAR_HELP = (
    "The pinned pair where the patterns have more tokens than the source, whose own pair stays. A click in a map sets "
    "it too."
)
SETTINGS_HELP = "The pattern's own settings. The map answers at once."


def url_checks() -> dict[str, Callable[[str], object]]:
    """How to read each key of the URL whose widget drops what it cannot take."""
    checks: dict[str, Callable[[str], object]] = {
        state.K_LENGTH: form.LENGTH.parse,
        state.K_PADDING: form.PADDING.parse,
        state.K_QUERY: form.PLACE.parse,
        state.K_KEY: form.PLACE.parse,
        state.K_TAB: lambda text: check.choose("tab", text, form.TABS),
        state.K_CAUSAL: lambda text: check.choose("causal", text, form.CAUSAL),
        state.K_PATTERNS: check.Bounds("patterns", 3, 1, 4).parse,
    }
    for label in form.SLOTS:
        page = state.mask_method_key(label)
        checks[page] = lambda text: check.choose("pattern", text, form.PATTERNS)
        for name in form.PATTERNS:
            for param in filter(bounded_by_widget, params_of(name)):
                key = state.look_param_key(page, name, param.name)
                checks[key] = partial(check.parse_param, get_method(name), param)
    return checks


def layout_controls(looked: Looked) -> tuple[form.Layout, int, Looked]:
    """The tokens, how many patterns to compare, and which pair is pinned. A ValueError names what is not allowed."""
    source = looked.source
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        length = st.number_input(
            "Tokens N", form.LENGTH.low, form.LENGTH.high, None, placeholder=f"{source.queries:,} (source)",
            key=state.K_LENGTH, help=LENGTH_HELP, width=150, **_kept(),
        )  # fmt: skip
        padding = st.number_input(
            "Padding", form.PADDING.low, form.PADDING.high, 0, key=state.K_PADDING,
            help=PADDING_HELP, width=100, **_kept(),
        )  # fmt: skip
        causal = st.selectbox(
            "Sees", form.CAUSAL, key=state.K_CAUSAL, help=CAUSAL_HELP, width=130, **_kept()
        )
        count = st.segmented_control(
            "Patterns", (1, 2, 3, 4), default=3, required=True, key=state.K_PATTERNS,
            help=COUNT_HELP, **_kept(),
        )  # fmt: skip
        sees_past = source.causal if causal == form.CAUSAL[0] else causal == "causal"
        layout = form.Layout(int(length or source.queries), int(padding), sees_past)
        if form.beyond(source, layout):
            query = _place(state.K_QUERY, "i", layout, looked.query)
            key = _place(state.K_KEY, "j", layout, looked.key)
            looked = replace(looked, query=query, key=key)
    return layout, int(count or 3), looked


def _place(key: str, label: str, layout: form.Layout, pinned: int) -> int:
    """A token of the pattern, at first the source's `pinned` one; what was kept from a longer one is brought inside."""
    held, last = st.session_state.get(key), layout.length - 1
    if isinstance(held, int) and held > last:
        st.session_state[key] = last
        first: dict[str, Any] = {}
    else:
        first = {"value": min(pinned, last)}
    return int(
        st.number_input(label, 0, last, key=key, help=FAR_HELP, width=84, **first, **_kept())
    )


def pattern_controls(label: str, first: str, width: int) -> form.Choice:
    """One pattern: its method, which starts with `first`, and its settings behind a button. A ValueError names what is
    not allowed."""
    page = state.mask_method_key(label)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        name = method_box(
            form.PATTERNS, page, METHOD_HELP, label=f"Pattern {label}", first=first,
            title=lambda one: form.title(get_method(one)), width=width,
        )  # fmt: skip
        method, drawn = get_method(name), {}
        if method.params:
            with st.popover(
                "", icon=":material/tune:", help=SETTINGS_HELP, key=f"settings_{label}"
            ):
                for param in params_of(name):
                    key = state.look_param_key(page, name, param.name)
                    drawn[param.name] = param_control(method, param, key)
    values = {p.name: check.param_value(method, p, drawn[p.name]) for p in method.params}
    return form.Choice(label, method, method.resolve(values))


def _kept() -> dict[str, Any]:
    """In the URL, and from page to page."""
    return {"bind": "query-params", "persist_state": "session"}
