"""The first live answer: predicted FLOPs and memory of the chosen method beside exact attention's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from attn_core.amounts import flops, size
from attn_core.environment import Environment
from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.components.shown_chart import show_chart
from dashboard.figures.cost_curves import FLOPS, MEMORY, Quantity, cost_curve
from dashboard.figures.export import Figure
from dashboard.figures.on_screen import on_screen
from dashboard.services import wording
from dashboard.services.literal import literal
from dashboard.services.prediction import Answer, Prediction, Question, answer

METHOD_NOTE = (
    "**Predicted by counting, not measured**: the matrix products that one forward pass cannot do without, "
    "and what it holds beyond q, k and v, the output included."
)


@dataclass(frozen=True)
class Panel:
    """One half of the answer."""

    quantity: Quantity
    name: str
    amount: Callable[[Prediction], int]
    words: Callable[[float], str]


PANELS = (
    Panel(FLOPS, "FLOPs", lambda found: found.flops, flops),
    Panel(MEMORY, "memory", lambda found: found.memory, size),
)


def cost_answer(question: Question, environment: Environment) -> None:
    """Numbers, charts, and the sentences that are read off them."""
    found = answer(question)
    if found.problem:
        st.warning(literal(found.problem), icon=":material/block:")
    for place, panel in zip(st.columns(2, gap="large"), PANELS, strict=True):
        with place, st.container(gap="xsmall"):
            _panel(found, panel, environment)
    st.markdown(wording.sentences(found, environment))
    st.caption(METHOD_NOTE)


def _panel(found: Answer, panel: Panel, environment: Environment) -> None:
    room = found.room(environment.available_memory) if panel.quantity is MEMORY else None
    length = found.question.length
    title = f"Predicted {panel.name} against sequence length"

    def figure() -> Figure:
        chart = cost_curve(found.rows, panel.quantity, length, room)
        return Figure(chart, found.rows, title, wording.setting(found.question), environment.line)

    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{panel.quantity.title}**", width="content")
        export_menu(figure, f"predicted_{panel.name.lower()}")
    _numbers(found, panel)
    dark = state.dark_theme()
    chart = on_screen(lambda: cost_curve(found.rows, panel.quantity, length, room, dark=dark))
    show_chart(chart, f"{title}. {wording.verdict(found)}")


def _numbers(found: Answer, panel: Panel) -> None:
    """One number a method; under the exact ones, how the chosen method relates to them."""
    chosen = found.chosen
    with st.container(horizontal=True, gap="small"):
        for one in found.predictions:
            note = None
            if chosen is not None and one is not chosen:
                note = wording.compared_with(panel.amount(chosen), panel.amount(one))
            value = panel.words(panel.amount(one))
            st.metric(
                one.method.short_title, value, note, "off", delta_arrow="off", width="content"
            )
