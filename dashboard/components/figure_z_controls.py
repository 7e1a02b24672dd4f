"""The controls of Figure Z: the recipe, what takes part in it, and what it learns from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from attn_core import METHODS
from attn_core.environment import Environment
from dashboard import state
from dashboard.components.figure_z_data_box import data_box
from dashboard.components.question import bounded_by_widget, param_control
from dashboard.services import figure_z_form as form
from dashboard.services import sweep_form
from dashboard.services import validation as check
from dashboard.services.wording import listed

if TYPE_CHECKING:
    from attn_core.training.spec import FigureZSpec

PROTOCOL_HELP = (
    "**controlled**: real translation, the same budget for every method, controls and intervals. **article**: the "
    "published recipe as it is, beside its published numbers."
)
PRESET_HELP = "**quick** takes minutes on a CPU, **paper** about an hour on a GPU. Choosing one fills in the rest."
SCALE_HELP = "**small** runs on a CPU in minutes, **full** is the published size, for a GPU. It fills in the rest."
METHODS_HELP = "One student each. Time grows with their number; the exact teacher and the controls come by themselves."
LENGTH_HELP = (
    "Tokens a row holds in training. Exact attention takes four times as long at twice the length."
)
MULTIPLES_HELP = (
    "Lengths at which the trained models are looked at, as multiples of the trained one."
)
SEEDS_HELP = "How often everything is trained anew. Intervals over seeds need two or more; time grows in proportion."
TOKENIZER_HELP = "The shipped one, or the name or folder of any other. A name must be reachable or in the local cache."
DEVICE_HELP = "Where it is trained and measured. cuda is offered where the driver names a GPU."
POSITIONS_HELP = "How a token knows its place. alibi needs scores, rotary works with every method."
RATE_HELP = "Step size of the optimiser at its highest."
TEMPERATURE_HELP = "Softens the teacher's probabilities while a student learns from them."
RATE = check.Span("Learning rate", 1e-8, 1.0)
TEMPERATURE = check.Span("Temperature", 0.1, 100.0)
FRACTIONS = {"learning_rate": RATE, "temperature": TEMPERATURE}
# What the article's recipe leaves open.
ARTICLE_SIZES = ("width", "batch", "teacher_steps", "student_steps", "patience", "seed")


def url_checks(environment: Environment) -> dict[str, Callable[[str], object]]:
    """How to read each key of the URL whose widget drops what it cannot take. What is typed is checked with the run."""
    checks: dict[str, Callable[[str], object]] = {
        state.Z_PROTOCOL: partial(check.choose, "protocol", options=form.PROTOCOLS),
        state.Z_PRESET: partial(form.preset_named, "controlled"),
        state.Z_SCALE: partial(form.preset_named, "article"),
        state.Z_METHODS: check.method_named,
        state.Z_MULTIPLES: form.multiple_named,
        state.Z_SEEDS: form.SEEDS.parse,
        state.Z_DEVICE: partial(check.choose, "device", options=sweep_form.devices(environment)),
        state.z_size_key("positions"): partial(check.choose, "positions", options=form.POSITIONS),
    }
    for name, (label, low, high, _) in form.SIZES.items():
        checks[state.z_size_key(name)] = check.Bounds(label, low, low, high).parse
    for name, span in FRACTIONS.items():
        checks[state.z_size_key(name)] = span.parse
    for method in METHODS.values():
        for param in filter(bounded_by_widget, method.params):
            key = state.z_param_key(method.name, param.name)
            checks[key] = partial(check.parse_param, method, param)
    return checks


def fixed_in_url(protocol: str) -> str | None:
    """What the URL says of settings that the published recipe fixes: they have no control, and are not used."""
    if protocol != "article":
        return None
    usual = form.preset_spec("article", "")
    fixed = {
        name: str(getattr(usual, name))
        for name in (*form.SIZES, "positions")
        if name not in ARTICLE_SIZES
    }
    asked = [
        f"{name.replace('_', ' ')} ({value})"
        for name, value in fixed.items()
        if any(text != value for text in st.query_params.get_all(state.z_size_key(name)))
    ]
    if not asked:
        return None
    return f"The article's protocol fixes {listed(asked)}: what the URL says of that is not used."


def figure_z_controls(environment: Environment) -> form.Form:
    """The row of controls and what they hold, not yet checked."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        protocol = st.segmented_control(
            "Protocol", form.PROTOCOLS, default=form.PROTOCOLS[0], required=True, key=state.Z_PROTOCOL,
            bind="query-params", help=PROTOCOL_HELP, on_change=_take_preset,
        ) or form.PROTOCOLS[0]  # fmt: skip
        preset = _preset(protocol)
        usual = form.preset_spec(protocol, preset)
        methods = _methods(usual)
        length, multiples = _lengths(usual)
        seeds = st.number_input(
            "Seeds", form.SEEDS.low, form.SEEDS.high, usual.seeds, key=state.Z_SEEDS, width=90,
            bind="query-params", help=SEEDS_HELP,
        )  # fmt: skip
        data = data_box(protocol)
        with st.popover(
            "Parameters", icon=":material/tune:", help="The chosen methods' own parameters."
        ):
            params = _parameters(methods, usual)
        with st.popover(
            "More", icon=":material/settings:", help="Device, tokenizer, model and budget."
        ):
            device, tokenizer, sizes = _settings(environment, usual)
    return form.Form(
        protocol, preset, methods, length, multiples, seeds, data, tokenizer, device, params, sizes
    )


def _preset(protocol: str) -> str:
    article = protocol == "article"
    names = form.preset_names(protocol)
    return st.selectbox(
        "Scale" if article else "Preset", names, key=state.Z_SCALE if article else state.Z_PRESET,
        bind="query-params", help=SCALE_HELP if article else PRESET_HELP, width=98, on_change=_take_preset,
    )  # fmt: skip


def _take_preset() -> None:
    """Another recipe fills in everything that it says; where it runs and on which data stays."""
    held = st.session_state
    protocol = held.get(state.Z_PROTOCOL) or form.PROTOCOLS[0]
    key = state.Z_SCALE if protocol == "article" else state.Z_PRESET
    usual = form.preset_spec(protocol, held.get(key) or "")
    held[state.Z_METHODS] = form.methods_of(usual)
    held[state.Z_LENGTH] = str(usual.length)
    held[state.Z_MULTIPLES] = form.multiples_of(usual)
    held[state.Z_SEEDS] = usual.seeds
    for name in (*form.SIZES, "positions", "learning_rate", "temperature"):
        if state.z_size_key(name) in held:
            held[state.z_size_key(name)] = getattr(usual, name)
    given = form.preset_params(usual)
    for method in METHODS.values():
        for param in method.params:
            key = state.z_param_key(method.name, param.name)
            if key in held:
                value = given.get(method.name, {}).get(param.name, param.default)
                held[key] = check.as_text(value) if isinstance(value, tuple) else value


def _methods(usual: FigureZSpec) -> list[str]:
    names = form.methods_of(usual)
    chosen = st.session_state.get(state.Z_METHODS)
    if chosen is None:
        chosen = [
            one for one in st.query_params.get_all(state.Z_METHODS) if one in METHODS
        ] or names
    with st.popover(
        f"Methods · {len(chosen)} of {len(METHODS)}", key="z_methods_menu", help=METHODS_HELP
    ):
        found = st.pills(
            "Methods", list(METHODS), selection_mode="multi", default=names, key=state.Z_METHODS,
            bind="query-params", help=METHODS_HELP,
        )  # fmt: skip
    return [name for name in METHODS if name in found]


def _lengths(usual: FigureZSpec) -> tuple[str, list[str]]:
    usual_multiples = form.multiples_of(usual)
    asked = st.query_params.get_all(state.Z_MULTIPLES)
    shown = st.session_state.get(state.Z_MULTIPLES) or asked or usual_multiples
    length = st.session_state.get(state.Z_LENGTH) or st.query_params.get(state.Z_LENGTH)
    line = form.multiples_line(shown, str(length or usual.length))
    with st.popover(f"Lengths · {line}", key="z_lengths_menu", help=MULTIPLES_HELP):
        typed = st.text_input(
            "Trained length N",
            str(usual.length),
            key=state.Z_LENGTH,
            bind="query-params",
            help=LENGTH_HELP,
        )
        found = st.pills(
            "Also looked at", form.MULTIPLES, selection_mode="multi", default=usual_multiples,
            key=state.Z_MULTIPLES, bind="query-params", help=MULTIPLES_HELP,
        )  # fmt: skip
    return typed, list(found)


def _parameters(names: list[str], usual: FigureZSpec) -> dict[str, dict[str, Any]]:
    """The parameters of every chosen method that has some, beginning with what the preset gives them."""
    given, drawn = form.preset_params(usual), {}
    for method in (METHODS[name] for name in names if METHODS[name].params):
        st.markdown(f"**{method.name}**")
        own = given.get(method.name, {})
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            drawn[method.name] = {
                param.name: param_control(
                    method,
                    replace(param, default=own.get(param.name, param.default)),
                    state.z_param_key(method.name, param.name),
                )
                for param in method.params
            }
    if not drawn:
        st.caption("The chosen methods have no parameters.")
    return drawn


def _settings(environment: Environment, usual: FigureZSpec) -> tuple[str, str, dict[str, Any]]:
    with st.container(horizontal=True, gap="small"):
        device = st.selectbox(
            "Device", sweep_form.devices(environment), key=state.Z_DEVICE, bind="query-params",
            help=DEVICE_HELP, width=105,
        )  # fmt: skip
        tokenizer = st.text_input(
            "Tokenizer",
            "shipped",
            key=state.Z_TOKENIZER,
            bind="query-params",
            help=TOKENIZER_HELP,
            width=200,
        )
    article = usual.protocol == "article"
    drawn: dict[str, Any] = {
        name: _size(name, usual) for name in (ARTICLE_SIZES if article else form.SIZES)
    }
    with st.container(horizontal=True, gap="small"):
        if not article:
            drawn["positions"] = st.selectbox(
                "Positions", form.POSITIONS, index=form.POSITIONS.index(usual.positions), width=130,
                key=state.z_size_key("positions"), bind="query-params", help=POSITIONS_HELP,
            )  # fmt: skip
        drawn["learning_rate"] = st.number_input(
            "Learning rate", RATE.low, RATE.high, float(usual.learning_rate), format="%g", width=130,
            key=state.z_size_key("learning_rate"), bind="query-params", help=RATE_HELP,
        )  # fmt: skip
        drawn["temperature"] = st.number_input(
            "Temperature", TEMPERATURE.low, TEMPERATURE.high, float(usual.temperature), width=130,
            key=state.z_size_key("temperature"), bind="query-params", help=TEMPERATURE_HELP,
        )  # fmt: skip
    return device, tokenizer, drawn


def _size(name: str, usual: FigureZSpec) -> int:
    label, low, high, text = form.SIZES[name]
    return st.number_input(
        label, low, high, getattr(usual, name), key=state.z_size_key(name), bind="query-params", help=text,
        width=150,
    )  # fmt: skip
