"""A matrix on a page: its heading, its export menu, its cells to hover and to pin; and the pinned pair in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import streamlit as st

from attn_core.matrix import MatrixView
from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.components.shown_chart import Pick, show_chart
from dashboard.components.source_picker import Looked
from dashboard.figures.export import Figure
from dashboard.figures.matrix_map import Look, MatrixData, cells, matrix_map
from dashboard.figures.on_screen import on_screen
from dashboard.services import validation as check
from dashboard.services.literal import literal
from dashboard.services.pinned import pinned, strongest
from dashboard.services.shown import Given, setting

SCALES = ("log", "linear", "uniform")
SCALE_HELP = (
    "How weights become colours. **log** shows small ones too, from 1e-6 up; **linear** shows what counts in "
    "the sum; **uniform** is relative to an even share, logarithmic."
)
COLOURS_HELP = "Scale, clipping and sinks. Scale and sinks are of weights."
CLIP_HELP = "Colours end at this percentile, so that a few large weights do not darken all others."
HIDE_HELP = (
    "Covers the first keys, which often draw much of the attention and hide the rest. Their weights stay in "
    "the numbers."
)


CLIP, HIDE = check.Span("clip", 90.0, 100.0), check.Bounds("sinks", 0, 0, 64)


def colour_checks() -> dict[str, Callable[[str], object]]:
    """What the URL may say of the colours."""
    return {
        state.MAP_SCALE: lambda text: check.choose("colours", text, SCALES),
        state.MAP_CLIP: CLIP.parse,
        state.MAP_HIDE: HIDE.parse,
    }


def colour_controls() -> Look:
    """One popover for all maps of a page."""
    kept: dict[str, Any] = {"bind": "query-params", "persist_state": "session"}
    with st.popover(
        "Colours",
        icon=":material/palette:",
        help="Scale, clipping and sinks. Scale and sinks are of weights.",
    ):
        scale = st.segmented_control(
            "Scale", SCALES, default=SCALES[0], required=True,
            key=state.MAP_SCALE, help=SCALE_HELP, **kept,
        ) or SCALES[0]  # fmt: skip
        clip = st.slider(
            "Clip at percentile", CLIP.low, CLIP.high, CLIP.high, 0.5, key=state.MAP_CLIP, help=CLIP_HELP, **kept
        )  # fmt: skip
        hide = st.number_input(
            "Hide sinks: first k keys",
            HIDE.low,
            HIDE.high,
            key=state.MAP_HIDE,
            help=HIDE_HELP,
            **kept,
        )
    return Look(scale, clip, int(hide))


def matrix_panel(
    data: MatrixData,
    look: Look,
    looked: Looked,
    *,
    name: str,
    title: str,
    alt: str,
    of: tuple[Given, ...],
    file: str,
    environment: str,
    size: int = 420,
    pins: bool = True,
    legend: Literal["right", "bottom"] = "right",
) -> None:
    """`name` is unique on the page; `of` are the methods it shows, `file` names its exports. A click on a cell pins
    its pair, where `pins`."""
    said = setting(looked.source, looked.head, *of)
    pin = (looked.query, looked.key) if pins else None

    def figure() -> Figure:
        return Figure(matrix_map(data, look, pin=pin), cells(data, look), title, said, environment)

    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{title}**", width="content")
        export_menu(figure, name, file=file)
    pick = Pick(f"map_{name}", f"pin_{name}", state.repin) if pins else None
    selection = pick.selection if pick else ""
    dark = state.dark_theme()
    chart = on_screen(
        lambda: matrix_map(
            data, look, pin=pin, selectable=selection, dark=dark, size=size, legend=legend
        ),
        painted=True,
    )
    show_chart(chart, alt, width="content", pick=pick)


def pin_readout(looked: Looked, views: Mapping[str, MatrixView]) -> None:
    """The pinned pair in a sentence, and the keys its query attends to most, as a table."""
    where = looked.source, views, looked.head, looked.query
    st.markdown(pinned(*where, looked.key).words)
    table = strongest(*where)
    for name in views:
        table[name] = [f"{value:.4g}" for value in table[name]]
    if "token" in table:
        table["token"] = table["token"].map(literal)
    # A table of the page's own: its words are read out and it needs no scripts for grids.
    st.table(
        table,
        hide_index=True,
        width="content",
        border="horizontal",
        alt="The strongest keys of the pinned query",
    )
    if len(views) > 1:
        st.caption("The keys that each matrix gives most, by turns; by exact weight.")
