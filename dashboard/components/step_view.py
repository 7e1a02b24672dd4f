"""One step large, with its arrays, numbers and costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from attn_core.amounts import flops, size
from attn_core.steps import Array, Step
from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.components.shown_chart import Pick, show_chart
from dashboard.components.source_picker import Looked
from dashboard.components.step_row import is_row, softmax_panel
from dashboard.figures.export import Figure
from dashboard.figures.matrix_map import Look
from dashboard.figures.on_screen import on_screen
from dashboard.figures.step_cells import Labels, cells, part_of
from dashboard.figures.step_dot import dot_product, dot_rows
from dashboard.figures.step_panels import step_panel
from dashboard.figures.step_tokens import token_rows, token_strip
from dashboard.services.shown import file_name, setting
from dashboard.services.steps import BYTES, Chain, length_name, shapes
from dashboard.services.steps_words import agreement, sentence

# Pixels of the panels of a step that has so many: one is as wide as a narrow window has room for.
SIZES = {1: (400, 260), 2: (330, 260), 3: (200, 260), 4: (256, 130)}


def step_view(chain: Chain, step: Step, looked: Looked, look: Look, environment: str) -> None:
    """One step large."""
    call = chain.call
    said = setting(looked.source, looked.head, (call.method, call.params), more=step.title)
    _formula(step, looked)
    if step.key == "tokens":
        _tokens(chain, looked, said, environment)
    elif step.key == "dot":
        _dot(chain, step, looked, said, environment)
    else:
        _arrays(chain, step, looked, look, said, environment)
    st.markdown(f"{step.says} {sentence(looked.source, step, looked.query, looked.key)}")
    _costs(chain, step)
    st.caption(agreement(chain))


def _formula(step: Step, looked: Looked) -> None:
    """The formula, and below it the same with the numbers of the pinned pair."""
    with st.container(key="t_formulas", gap=None):
        # Not an array of both, which could not wrap.
        for line in (step.formula, step.substituted(looked.query, looked.key)):
            st.latex(line, width="content")


def _arrays(
    chain: Chain, step: Step, looked: Looked, look: Look, said: str, environment: str
) -> None:
    arrays = (*step.arrays, *step.opened(looked.query, looked.key))
    row = is_row(chain, step)
    with st.container(horizontal=True, gap="medium", vertical_alignment="top"):
        room = SIZES[min(4, len(arrays) + row)]
        for place, array in enumerate(arrays):
            with st.container(width="content"):
                file = _file(chain, f"{step.key}_{array.name}")
                _panel(array, f"{step.key}_{place}", room, looked, look, said, environment, file)
        if row:
            with st.container(width=370):
                softmax_panel(chain, looked, said, environment)


def _panel(
    array: Array,
    name: str,
    room: tuple[int, int],
    looked: Looked,
    look: Look,
    said: str,
    environment: str,
    file: str,
) -> None:
    source = looked.source
    labels = Labels(source.query_labels, source.key_labels)
    part, pin = part_of(array, looked.query, looked.key), (looked.query, looked.key)
    shown = part.words(array)

    def figure() -> Figure:
        chart = step_panel(array, part, labels, pin=pin, look=look)
        return Figure(
            chart, cells(array, part, labels, look), f"{array.name}, {shown}", said, environment
        )

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{array.name}** :gray[:small[{shown}]]", width="content")
        export_menu(figure, f"steps_{name}", file=file)
    pins = array.rows == "query i" and array.columns == "key j"
    pick = Pick(f"t_map_{name}", f"pin_{name}", state.repin) if pins else None
    dark = state.dark_theme()
    chart = on_screen(
        lambda: step_panel(
            array, part, labels, pin=pin, look=look, selectable=pick.selection if pick else "",
            dark=dark, size=room,
        ),
        own_size=True, painted=True,
    )  # fmt: skip
    words = (
        f"{array.name}: {array.rows or 'one row'} by {array.columns or 'one column'}, as colours."
    )
    show_chart(chart, words, width="content", pick=pick)


def _tokens(chain: Chain, looked: Looked, said: str, environment: str) -> None:
    array = chain.at("tokens").arrays[0]
    # As many as are worked out; the strip holds the pinned query.
    names, ids = array.row_names or (), [int(x) for x in array.values[:, 0]]
    dark = state.dark_theme()
    _chart(
        lambda: token_strip(names, ids, array.first, looked.query, dark),
        lambda: Figure(
            token_strip(names, ids, array.first, looked.query),
            token_rows(names, ids, array.first), "Tokens", said, environment,
        ),
        "Tokens", "tokens", "tokens", "Tokens in reading order with their numbers.",
    )  # fmt: skip


def _dot(chain: Chain, step: Step, looked: Looked, said: str, environment: str) -> None:
    arrays = step.opened(looked.query, looked.key)
    title = f"q of query {looked.query:,} times k of key {looked.key:,}"
    dark = state.dark_theme()
    _chart(
        lambda: dot_product(arrays, dark),
        lambda: Figure(
            dot_product(arrays), dot_rows(arrays), title, said, environment
        ),
        title, "dot", _file(chain, "dot_product"),
        "The numbers of the pinned query and key, their products and running sum.",
    )  # fmt: skip


def _file(chain: Chain, what: str) -> str:
    return file_name(what, (chain.call.method, chain.call.params))


def _chart(
    draw: Callable[[], Any], figure: Any, title: str, name: str, file: str, alt: str
) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{title}**", width="content")
        export_menu(figure, f"steps_{name}", file=file)
    show_chart(on_screen(draw), alt)


def _costs(chain: Chain, step: Step) -> None:
    """What this step costs, here and at longer lengths."""
    said = []
    for shape in shapes(chain):
        work = step.cost(shape)
        products = flops(work.flops) if work.flops else "no products"
        held = size(BYTES * work.numbers) if work.numbers else "nothing held"
        said.append(f"**{length_name(shape)}** {products}, {held}")
    heads = chain.shape.heads
    who = step.cost_of or ("one head" if heads == 1 else f"all {heads} heads")
    st.markdown(f":material/payments: This step, {who}: " + " · ".join(said))
