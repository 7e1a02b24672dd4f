"""The row above the maps: which methods, how errors are shown, how cells are pooled; and each method's budget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args

import streamlit as st

from attn_core import METHODS, AttentionMethod
from attn_core.matrix import MatrixView
from attn_core.views.bins import Reduce
from dashboard import state
from dashboard.components.matrix_panel import colour_checks, colour_controls
from dashboard.components.method_box import NONE, methods_box
from dashboard.components.question import bounded_by_widget, param_control
from dashboard.components.source_picker import Looked
from dashboard.figures.matrix_map import MOST, Look
from dashboard.services import validation as check
from dashboard.services.first_settings import first_settings, params_of
from dashboard.services.matrices import MOST_METHODS, Beside, beside, exact_view
from dashboard.services.matrix_budget import budget, ladder
from dashboard.services.matrix_scene import MODES

DEFAULT = ["performer"]
CHOICES = [name for name, one in METHODS.items() if one.family != "exact"]
DRAWN = ("labelled", "zoomable")
METHODS_HELP = (
    f"Up to {MOST_METHODS} methods beside exact attention. Each costs a pass over the source."
)
MODE_HELP = "What the error panel shows. " + " ".join(
    f"**{name}**: {one.help}." for name, one in MODES.items()
)
REDUCE_HELP = (
    "Where a pixel stands for many cells: their mean, or their largest weight, which keeps thin lines visible. "
    "Methods that are products of factors give means at once; maxima are read cell by cell."
)
DRAW_HELP = (
    "**Labelled** draws each cell as a mark, with tokens beside it while they fit and always in its tip. **Zoomable** "
    "is the canvas that larger matrices use."
)


@dataclass(frozen=True)
class Chosen:
    """What the page shows of the source; `methods` are those that can serve, `refused` says why others cannot."""

    methods: list[Beside]
    refused: list[str]
    mode: str
    reduce: Reduce
    look: Look
    zoomable: bool

    def exact(self, looked: Looked) -> MatrixView:
        """The one that stands beside the first method: what is found out about its rows stays known."""
        return self.methods[0].exact if self.methods else exact_view(looked.source, looked.head)


def _not_too_many(text: str) -> None:
    """Of more methods than can stand beside each other the first are drawn, and the others are named."""
    if "," in text:
        raise ValueError(
            f"Each method has a key of its own in a link, as in {_each(text)}; got {text!r}."
        )
    if text != NONE:
        check.choose("method", text, CHOICES)
    more = st.query_params.get_all(state.X_METHODS)[MOST_METHODS:]
    if text in more:
        raise ValueError(
            f"At most {MOST_METHODS} methods stand beside exact attention; left out: {', '.join(more)}."
        )


def _each(text: str) -> str:
    """Two of the names, as a link has them."""
    return "&".join(f"{state.X_METHODS}={one.strip()}" for one in text.split(",")[:2])


def url_checks() -> dict[str, Callable[[str], object]]:
    checks: dict[str, Callable[[str], object]] = {
        state.X_METHODS: _not_too_many,
        state.X_MODE: lambda text: check.choose("error", text, MODES),
        state.X_REDUCE: lambda text: check.choose("pooling", text, get_args(Reduce)),
        state.X_DRAW: lambda text: check.choose("drawing", text, DRAWN),
    }
    checks |= colour_checks()
    for name in CHOICES:
        for param in filter(bounded_by_widget, params_of(name)):
            checks[_key(METHODS[name], param.name)] = partial(
                check.parse_param, METHODS[name], param
            )
    return checks


def matrix_controls(looked: Looked) -> Chosen:
    """Draws both rows. What a method refuses is a sentence, not an error."""
    kept: dict[str, Any] = {"bind": "query-params", "persist_state": "session"}
    small = max(looked.source.queries, looked.source.keys) <= MOST
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        names = methods_box(
            CHOICES, state.X_METHODS, METHODS_HELP, first=DEFAULT, most=MOST_METHODS, width=290
        )
        mode = st.selectbox(
            "Error", list(MODES), key=state.X_MODE, help=MODE_HELP, width=155, **kept,
        )  # fmt: skip
        drawn, reduce = DRAWN[1], "mean"
        if small:
            drawn = st.segmented_control(
                "Map",
                DRAWN,
                default=DRAWN[0],
                required=True,
                key=state.X_DRAW,
                help=DRAW_HELP,
                **kept,
            )
        else:
            reduce = st.segmented_control(
                "Pooling", get_args(Reduce), default="mean", required=True, key=state.X_REDUCE,
                help=REDUCE_HELP, **kept,
            )  # fmt: skip
        look = colour_controls()
    found = _methods(looked, names[:MOST_METHODS])
    return Chosen(
        [one for one in found if one.sides is not None],
        [one.problem for one in found if one.problem],
        mode,
        "max" if reduce == "max" else "mean",
        look,
        drawn == DRAWN[1],
    )


def _methods(looked: Looked, names: list[str]) -> list[Beside]:
    """A budget scrubber for each, and its other settings behind a button."""
    found = []
    for column, name in zip(st.columns(max(len(names), 2)), names, strict=False):
        with column, st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            params, problem = _settings(looked, METHODS[name])
        one = beside(looked.source, looked.head, name, params)
        found.append(one if not problem else Beside(one.spec, one.method, None, problem))
    return found


def _settings(looked: Looked, method: AttentionMethod) -> tuple[dict[str, Any], str]:
    """What the method's controls hold, and what is wrong with it."""
    scrubbed = budget(method)
    own = params_of(method.name)
    others = [param for param in own if scrubbed is None or param.name != scrubbed.name]
    # The scrubber stands first, but its steps depend on the other settings: those are known from the last run.
    held = {
        param.name: st.session_state.get(_key(method, param.name), param.default)
        for param in others
    }
    params: dict[str, Any] = {}
    try:
        if scrubbed is not None:
            held = {p.name: check.param_value(method, p, held[p.name]) for p in others}
            params[scrubbed.name] = _scrubber(looked, method, held)
        if others:
            with st.popover(
                "Settings", icon=":material/tune:", help=f"The other settings of {method.title}."
            ):
                drawn = {p.name: param_control(method, p, _key(method, p.name)) for p in others}
            params |= {p.name: check.param_value(method, p, drawn[p.name]) for p in others}
    except ValueError as refusal:
        return {}, str(refusal).rstrip(".") + "."
    return params, ""


def _scrubber(looked: Looked, method: AttentionMethod, others: dict[str, Any]) -> int:
    param = budget(method)
    assert param is not None
    first = int(first_settings(method.name)[param.name])
    key = _key(method, param.name)
    asked = st.session_state.get(key) or _in_url(method, key)
    steps = ladder(method, looked.source, others, asked or first) or [first]
    if key in st.session_state and st.session_state[key] not in steps:
        del st.session_state[key]
    default = first if first in steps else steps[-1]
    drawn = st.select_slider(
        f"{method.short_title}: {param.name}", steps, default, key=key, bind="query-params", persist_state="session",
        help=f"{param.help} Map, error and predicted time follow. Allowed: {param.allowed}.",
    )  # fmt: skip
    return int(drawn)


def _in_url(method: AttentionMethod, key: str) -> int | None:
    """A value of one's own, if the method takes it."""
    param, text = budget(method), st.query_params.get(key)
    if param is None or text is None:
        return None
    try:
        return int(check.parse_param(method, param, text))
    except ValueError:
        return None


def _key(method: AttentionMethod, param: str) -> str:
    return state.look_param_key("x", method.name, param)
