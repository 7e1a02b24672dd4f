"""The softmax of the pinned row under another temperature or without scaling: what saturates, what gradient is left."""

from __future__ import annotations

import math

import streamlit as st

from attn_core.steps import Softened, Step, softened
from attn_core.steps.step import KEY
from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.components.shown_chart import show_chart
from dashboard.components.source_picker import Looked
from dashboard.figures.export import Figure
from dashboard.figures.on_screen import on_screen
from dashboard.figures.step_row import MEASURES, row_table, softmax_row
from dashboard.services.shown import file_name
from dashboard.services.steps import Chain
from dashboard.services.steps_words import saturated

TEMPERATURE_HELP = (
    "Scores are divided by it before the softmax of the pinned row: below 1 the largest wins more, above 1 the row "
    "evens out. It changes this panel alone; the chain goes on with 1."
)
UNSCALED_HELP = (
    "Leaves out the division by √d in this panel alone: products grow with the width, the softmax saturates, and "
    "hardly any gradient passes."
)


def is_row(chain: Chain, step: Step) -> bool:
    """Whether this step is a softmax over keys, whose row can be made again from the scores."""
    return step.key == "softmax" and step.arrays[0].columns == KEY and "scores" in chain.keys


def rows_of(
    chain: Chain, query: int, temperature: float, unscaled: bool
) -> tuple[Softened, Softened]:
    """The pinned row as asked for, and as the chain has it."""
    scores, place = chain.at("scores").arrays[0].values, query - chain.call.first
    masked = chain.at("softmax").arrays[0].masked
    unmet = None if masked is None else masked[place]
    root = math.sqrt(chain.call.q.shape[3])
    divisor = temperature * (1.0 if unscaled else root)
    return softened(scores[place], unmet, divisor), softened(scores[place], unmet, root)


def softmax_panel(chain: Chain, looked: Looked, said: str, environment: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        temperature = st.number_input(
            "Temperature", 0.05, 20.0, 1.0, 0.25, key=state.STEPS_TEMPERATURE, width=130,
            bind="query-params", persist_state="session", help=TEMPERATURE_HELP,
        )  # fmt: skip
        unscaled = st.toggle(
            "Without scaling", key=state.STEPS_UNSCALED, bind="query-params",
            persist_state="session", help=UNSCALED_HELP,
        )  # fmt: skip
    chosen, usual = rows_of(chain, looked.query, temperature, unscaled)
    table = row_table(chosen, usual, looked.key, looked.source.key_labels)
    words = saturated(chosen, usual)
    dark = state.dark_theme()
    for measure, title in MEASURES.items():
        chart = on_screen(
            lambda measure=measure: softmax_row(table, measure, dark, width=300, height=86),
            own_size=True,
        )
        show_chart(chart, f"{title} of the pinned query: a bar a key.", width="content")

    def figure() -> Figure:
        note = "Bars: as chosen. Ticks: divided by √d, temperature 1."
        title = f"Softmax of query {looked.query}"
        scaled = "not divided by √d" if unscaled else "divided by √d"
        setting = f"{said}; temperature {temperature:g}, {scaled}"
        return Figure(softmax_row(table, "weight"), table, title, setting, environment, note)

    st.markdown(f":small[{words}]")
    file = file_name("softmax_row", (chain.call.method, chain.call.params))
    export_menu(figure, "steps_softmax_row", file=file)
