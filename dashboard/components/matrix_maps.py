"""Exact attention, methods and errors beside each other: as labelled cells, or on the canvas that zooms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from attn_core.environment import describe
from dashboard import state
from dashboard.components.deep_zoom import deep_zoom
from dashboard.components.export_menu import export_menu
from dashboard.components.matrix_controls import Chosen
from dashboard.components.matrix_panel import matrix_panel
from dashboard.components.shown_chart import show_chart
from dashboard.components.source_picker import Looked
from dashboard.figures.export import Figure
from dashboard.figures.matrix_map import MatrixData
from dashboard.figures.on_screen import on_screen
from dashboard.figures.row_bars import row_bars
from dashboard.services import viewport
from dashboard.services.matrices import Beside, error_map, map_of
from dashboard.services.matrix_rows import Rows
from dashboard.services.matrix_scene import MODES, scene, why_no_rows
from dashboard.services.shown import file_name, setting
from dashboard.services.viewport import Viewport

# Cells a side that are drawn from entries, whatever the matrix's size.
AT_ONCE = 1_024
# Pixels of a labelled map beside others and with its axis and titles; and of one alone.
SIZE, WIDTH, ALONE = 204, 260, 420


def part_seen(looked: Looked, waiting: bool) -> tuple[Viewport, str]:
    """From this session or from the URL, and what is wrong with the URL's. Where coarse levels are not there yet, a
    part around the pinned pair that needs none."""
    size = looked.source.queries, looked.source.keys
    most = AT_ONCE if waiting else max(size)
    first = viewport.around(looked.query, looked.key, most, *size)
    st.session_state[state.X_FIRST] = first
    kept = st.session_state.get(state.X_VIEWPORT)
    if kept is not None and kept[0] == size:
        return kept[1], ""
    text, part, problem = st.query_params.get(state.X_VIEW), first, ""
    if text is not None and kept is None:
        try:
            part = viewport.parse(text, *size)
        except ValueError as refusal:
            problem = f"{refusal} Shown instead: {part.words}."
    _keep(part, size)
    return part, problem


def _keep(part: Viewport, size: tuple[int, int]) -> None:
    """In the URL only where it says something: a link to what the page opens with stays short."""
    st.session_state[state.X_VIEWPORT] = (size, part)
    if part != st.session_state.get(state.X_FIRST):
        st.query_params[state.X_VIEW] = part.text
    elif state.X_VIEW in st.query_params:
        del st.query_params[state.X_VIEW]


def canvas(
    looked: Looked,
    chosen: Chosen,
    part: Viewport,
    rows: Mapping[str, Rows],
    waiting: str,
    stage: str,
) -> None:
    """The maps on the canvas. A click draws the whole page again, for the pinned pair stands in the sidebar."""
    size = looked.source.queries, looked.source.keys
    found = deep_zoom(
        scene(
            looked.source, looked.head, chosen.methods, chosen.mode, chosen.reduce, chosen.look,
            (looked.query, looked.key), part, rows, routes=_base(), waiting=waiting, stage=stage,
        ),
        key=state.X_ZOOM,
        on_pin=lambda: _pin(size),
        on_view=lambda: _moved(size),
    )  # fmt: skip
    if found.pin:
        st.rerun()


def _base() -> str:
    """Where the app lives, if not at the root."""
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def _pin(size: tuple[int, int]) -> None:
    found = st.session_state[state.X_ZOOM]["pin"]
    part = (
        viewport.reported([*found, 0, 0], 10**9, 10**9)
        if isinstance(found, list) and len(found) == 2
        else None
    )
    if part is not None:
        state.pin(min(part.i0, size[0] - 1), min(int(found[1]), size[1] - 1))


def _moved(size: tuple[int, int]) -> None:
    part = viewport.reported(st.session_state[state.X_ZOOM]["view"], *size)
    if part is not None:
        _keep(part, size)


def labelled(looked: Looked, chosen: Chosen, rows: Mapping[str, Rows]) -> None:
    """Every cell a mark, with its tokens: exact attention, a method and its error, and further methods below."""
    part = viewport.whole(looked.source.queries, looked.source.keys)
    exact = map_of(chosen.exact(looked), looked.source, part)
    if not chosen.methods:
        _panel(looked, chosen, exact, "exact", "Exact attention", ALONE, "exact")
    for at, one in enumerate(chosen.methods):
        method = map_of(one.view, looked.source, part)
        with st.container(horizontal=True, gap="small"):
            with st.container(width=WIDTH):
                if not at:
                    _panel(looked, chosen, exact, "exact", "Exact attention", SIZE, "exact")
            with st.container(width=WIDTH):
                _panel(
                    looked,
                    chosen,
                    method,
                    f"method_{at}",
                    one.method.short_title,
                    SIZE,
                    "matrix",
                    one,
                )
            with st.container(width=WIDTH):
                _error(looked, chosen, at, part, rows)


def _error(
    looked: Looked, chosen: Chosen, at: int, part: Viewport, rows: Mapping[str, Rows]
) -> None:
    one, said = chosen.methods[at], MODES[chosen.mode]
    if said.kind == "rows":
        _bars(looked, rows[one.spec.id], chosen.mode, one, at)
        return
    data = error_map(one, looked.source, part, said.kind)
    title = f"{one.method.short_title} {'−' if said.kind == 'signed' else '÷'} exact"
    _panel(looked, chosen, data, f"error_{at}", title, SIZE, f"error_{chosen.mode}", one)


def _panel(
    looked: Looked, chosen: Chosen, data: MatrixData, name: str, title: str, size: int, what: str, *of: Beside
) -> None:  # fmt: skip
    given = tuple(one.given for one in of)
    alt = f"{title}: a row a query, a column a key."
    look = replace(chosen.look, scale="linear") if data.signed else chosen.look
    matrix_panel(
        data, look, looked, name=name, title=title, alt=alt, of=given, file=file_name(what, *given),
        environment=describe().line, size=size, legend="bottom",
    )  # fmt: skip


def _bars(looked: Looked, rows: Rows, mode: str, one: Beside, at: int) -> None:
    said = MODES[mode]
    title = f"{said.title}, {one.method.short_title}"
    values, why = said.pick(rows), why_no_rows(said, rows)
    if values is None or why:
        st.markdown(f"**{title}**")
        st.caption(f"Not drawn: {why}.")
        return
    labels = looked.source.query_labels
    dark = state.dark_theme()

    def bars():
        return row_bars(rows.index, values, said.unit, labels, looked.query, SIZE, dark)

    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{title}**", width="content")
        shown = setting(looked.source, looked.head, one.given)
        export_menu(
            lambda: Figure(*bars(), title, shown, describe().line), f"rows_{at}", file=file_name(mode, one.given)
        )  # fmt: skip
    show_chart(on_screen(lambda: bars()[0]), f"{title}: a bar a query.", width="content")
