"""The sidebar of the pages that look at attention: whose queries and keys, which head, which pair is pinned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import streamlit as st

from attn_core.contract import ROLES
from attn_core.sources import KINDS, STRUCTURES, Source
from dashboard import state
from dashboard.components.brought_along import bring_along, see_that_it_came
from dashboard.services import source_form as form
from dashboard.services import validation as check
from dashboard.services.literal import literal
from dashboard.services.sources import model_config, model_names, source_of

KIND_HELP = (
    "Whose queries and keys are looked at. **corpus**: one of its documents. **text**: your own sentences, both inside "
    "a trained model. **synthetic**: numbers drawn with a structure."
)
MODEL_HELP = "The trained model that reads the text: the shipped one, or one of your finished Figure Z runs."
ROLE_HELP = (
    "**encoder**: English tokens look at each other. **decoder**: French tokens look at their past. "
    "**cross**: French tokens look at the English ones."
)
TOKENS_HELP = (
    "How many tokens are read, from the document's beginning and on into the next ones. "
    "Exact maps grow with its square."
)
LENGTH_HELP = (
    "How many queries and keys are drawn. Above 128 the map becomes a picture to zoom in."
)
STRUCTURE_HELP = (
    "What drawn tokens have in common. **gaussian**: nothing. **clustered**: groups of alike tokens. **local**: near "
    "tokens are alike. **sinks**: the first keys draw every query."
)
SPREAD_HELP = (
    "The standard deviation of the scores: the larger, the fewer keys share a query's attention."
)
PIN_HELP = (
    "The pinned pair: its numbers are spelled out on every page. A click in a map sets it too."
)


@dataclass(frozen=True)
class Looked:
    """What all the pages look at."""

    source: Source
    head: int
    query: int
    key: int


def url_checks() -> dict[str, Any]:
    """How to read each key of the URL whose widget drops what it cannot take."""
    return {
        state.LOOK_KIND: lambda text: check.choose("source", text, KINDS),
        state.LOOK_ROLE: lambda text: check.choose("of", text, ROLES),
        state.LOOK_STRUCTURE: lambda text: check.choose("structure", text, STRUCTURES),
        state.LOOK_MODEL: lambda text: check.choose("model", text, model_names()),
        state.LOOK_DOCUMENT: form.DOCUMENT.parse,
        state.LOOK_TOKENS: form.TOKENS.parse,
        state.LOOK_LENGTH: form.LENGTH.parse,
        state.LOOK_KEYS: form.KEYS.parse,
        state.LOOK_HEADS: form.HEADS.parse,
        state.LOOK_HEAD_DIM: form.HEAD_DIM.parse,
        state.LOOK_SEED: form.SEED.parse,
        state.LOOK_SPREAD: _spread,
        state.LOOK_LAYER: check.Bounds("layer", 0, 0, 63).parse,
        state.LOOK_HEAD: check.Bounds("head", 0, 0, 63).parse,
        state.PIN_QUERY: check.Bounds("query", 0, 0, 65_535).parse,
        state.PIN_KEY: check.Bounds("key", 0, 0, 65_535).parse,
    }


def source_picker() -> Looked | None:
    """Draws the sidebar. Where nothing can be looked at, the page says why in one sentence, and gets None."""
    refused = state.refused_in_url(url_checks())
    bring_along()
    with st.sidebar:
        st.subheader("Source", anchor=False, help=KIND_HELP)
        drawn = _controls()
        see_that_it_came()
        try:
            source = source_of(form.spec_of(drawn))
            problem = ""
        except ValueError as refusal:
            source, problem = None, str(refusal).removeprefix("source: ").rstrip(".") + "."
        looked = None if source is None else _within(source)
    for key, complaint in refused.items():
        shown = st.session_state.get(key)
        st.warning(
            complaint + ("" if shown is None else f" Shown instead: {literal(str(shown))}."),
            icon=":material/link_off:",
        )
    if problem:
        st.error(literal(problem[0].upper() + problem[1:]), icon=":material/error:")
    return looked


def _controls() -> dict[str, Any]:
    kind = st.segmented_control(
        "Kind", KINDS, default=KINDS[0], required=True,
        label_visibility="collapsed", key=state.LOOK_KIND, **_kept(),
    ) or KINDS[0]  # fmt: skip
    drawn: dict[str, Any] = {"kind": kind}
    role = st.segmented_control(
        "Role", ROLES, default=ROLES[0], required=True, key=state.LOOK_ROLE, help=ROLE_HELP, **_kept(),
    ) or ROLES[0]  # fmt: skip
    drawn["role"] = role
    if kind == "synthetic":
        return drawn | _synthetic(role)
    if kind == "corpus":
        left, right = st.columns(2)
        with left:
            drawn["document"] = _whole(
                state.LOOK_DOCUMENT, "Document", form.DOCUMENT, "One of the corpus's documents."
            )
        with right:
            drawn["tokens"] = _whole(state.LOOK_TOKENS, "Tokens", form.TOKENS, TOKENS_HELP)
    else:
        drawn["text"] = st.text_area(
            "English", form.TEXT, key=state.LOOK_TEXT, help="What the encoder reads.", **_kept()
        )
        drawn["french"] = ""
        if role != "encoder":
            drawn["french"] = st.text_area(
                "French", form.FRENCH, key=state.LOOK_FRENCH,
                help="The translation that the decoder has before it, one token later.", **_kept(),
            )  # fmt: skip
        size = len(quote(f"{drawn['text']}{drawn['french']}"))
        if size > LONGEST_LINK:
            st.caption(TOO_LONG_FOR_LINKS.format(size=size / 1024))
    return drawn | _model()


# A server takes addresses of 64 KiB; the page's other settings stand in them too.
LONGEST_LINK = 60 * 1024
TOO_LONG_FOR_LINKS = (
    ":material/link_off: A link cannot reopen this: the text takes {size:,.0f} KiB of an address, which may have 60. "
    "The page works, and exported files hold what is seen."
)


def _model() -> dict[str, Any]:
    names = model_names()
    model = st.selectbox(
        "Model", names, key=state.LOOK_MODEL, help=MODEL_HELP, **_kept(),
    )  # fmt: skip
    bounds = check.Bounds("layer", 0, 0, model_config(model).layers - 1)
    layer = _whole(state.LOOK_LAYER, "Layer", bounds, "Which layer's attention, counted from 0.")
    return {"model": model, "layer": layer}


def _synthetic(role: str) -> dict[str, Any]:
    drawn: dict[str, Any] = {
        "structure": st.selectbox(
            "Structure", STRUCTURES, key=state.LOOK_STRUCTURE, help=STRUCTURE_HELP, **_kept(),
        ),
        "length": _whole(state.LOOK_LENGTH, "Length N", form.LENGTH, LENGTH_HELP),
        "keys": 0,
    }  # fmt: skip
    if role == "cross":
        drawn["keys"] = _whole(state.LOOK_KEYS, "Keys M", form.KEYS, "How many keys are drawn.")
    low, high, default = form.SPREAD
    drawn["spread"] = st.number_input(
        "Spread", low, high, default, 0.5, key=state.LOOK_SPREAD, help=SPREAD_HELP, **_kept()
    )
    left, right = st.columns(2)
    with left:
        drawn["heads"] = _whole(
            state.LOOK_HEADS, "Heads", form.HEADS, "Drawn apart from each other."
        )
        drawn["seed"] = _whole(state.LOOK_SEED, "Seed", form.SEED, "Another seed, other numbers.")
    with right:
        drawn["head_dim"] = _whole(
            state.LOOK_HEAD_DIM, "Head width", form.HEAD_DIM, "Numbers in each query and key."
        )
    return drawn


def _within(source: Source) -> Looked:
    """The head and the pinned pair, inside what the source has."""
    head = 0
    if source.heads > 1:
        bounds = check.Bounds("head", 0, 0, source.heads - 1)
        head = _whole(state.LOOK_HEAD, "Head", bounds, "Which head's matrix is shown.")
    st.subheader("Pinned pair", anchor=False, help=PIN_HELP)
    left, right = st.columns(2)
    with left:
        query = _whole(
            state.PIN_QUERY, "Query i", check.Bounds("i", 0, 0, source.queries - 1), PIN_HELP
        )
    with right:
        key = _whole(state.PIN_KEY, "Key j", check.Bounds("j", 0, 0, source.keys - 1), PIN_HELP)
    st.caption(literal(source.title))
    return Looked(source, head, query, key)


def _whole(key: str, label: str, bounds: check.Bounds, help_text: str) -> int:
    """A number box; what was kept from a larger source is brought inside first."""
    held = st.session_state.get(key)
    if isinstance(held, int) and not bounds.low <= held <= bounds.high:
        st.session_state[key] = min(max(held, bounds.low), bounds.high)
    drawn = st.number_input(
        label, bounds.low, bounds.high, bounds.default, key=key, help=help_text, **_kept()
    )
    return int(drawn)


def _kept() -> dict[str, Any]:
    """In the URL, and from page to page."""
    return {"bind": "query-params", "persist_state": "session"}


def _spread(text: str) -> float:
    low, high, _ = form.SPREAD
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not low <= value <= high:
        raise ValueError(f"spread must be a number from {low:g} to {high:g}, got {text!r}.")
    return value
