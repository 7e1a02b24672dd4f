"""What is seen of the zoomable maps, as pictures and as numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from io import BytesIO

import numpy as np
import streamlit as st

from attn_core.environment import describe
from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.components.matrix_controls import Chosen
from dashboard.components.source_picker import Looked
from dashboard.figures.export import Figure
from dashboard.figures.matrix_map import Look, MatrixData, cells, matrix_map
from dashboard.figures.row_bars import row_bars
from dashboard.services.matrices import error_map, map_of, numbers
from dashboard.services.matrix_rows import Rows
from dashboard.services.matrix_scene import MODES, Mode
from dashboard.services.shown import Given, file_name, setting
from dashboard.services.viewport import Viewport

# What one NPZ holds at most of each matrix: 32 MiB.
MOST_SAVED = 2**22
EXPORT_SIZE = 560
# Bars of a picture.
MOST_BARS = 256


def exports(looked: Looked, chosen: Chosen, part: Viewport, rows: Mapping[str, Rows]) -> None:
    """Pictures of what is seen, pooled to what fits on paper, and its numbers as they are."""
    source, mode, reduce = looked.source, MODES[chosen.mode], chosen.reduce

    def picture(name: str, make: Callable[[], MatrixData], *of: Given) -> Callable[[], Figure]:
        return lambda: _figure(looked, chosen.look, part, name, make(), reduce, *of)

    makers = {
        "exact": picture("exact", lambda: map_of(chosen.exact(looked), source, part, reduce))
    }
    files = {"exact": "exact"}
    for one in chosen.methods:
        name = one.method.short_title
        makers[name] = picture(
            name, lambda one=one: map_of(one.view, source, part, reduce), one.given
        )
        files[name] = file_name("matrix", one.given)
        if mode.kind != "rows":
            error = f"{name} error"
            makers[error] = picture(
                error, lambda one=one: error_map(one, source, part, mode.kind, reduce), one.given
            )
            files[error] = file_name(f"error_{chosen.mode}", one.given)
        elif mode.pick(rows[one.spec.id]) is not None:
            shown = f"{mode.title}, {name}"
            makers[shown] = partial(_row_figure, looked, part, rows[one.spec.id], mode, one.given)
            files[shown] = file_name(chosen.mode, one.given)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        name = st.selectbox(
            "Map to export", list(makers), key=state.X_EXPORT, label_visibility="collapsed", width=210,
            help="Which of the maps the menu beside saves, as it is seen.",
        )  # fmt: skip
        export_menu(makers[name], "map", file=files[name])
        st.download_button(
            "Numbers, NPZ", data=lambda: _npz(looked, chosen, part, rows), file_name="matrices.npz", type="tertiary",
            on_click="ignore", icon=":material/download:", key="export_numbers",
            help=f"The cells that are seen, of every matrix, as they are: {part.words}. At most {MOST_SAVED:,} cells.",
            disabled=(part.i1 - part.i0) * (part.j1 - part.j0) > MOST_SAVED,
        )  # fmt: skip


def _figure(
    looked: Looked, look: Look, part: Viewport, name: str, data: MatrixData, reduce: str, *of: Given
) -> Figure:  # fmt: skip
    down, across = data.each
    pooled = "" if (down, across) == (1, 1) else (
        f" Each cell is the {'mean' if reduce == 'mean' else 'largest'} of about {down:,.0f} × {across:,.0f} entries."
    )  # fmt: skip
    look = replace(look, scale="linear") if data.signed else look
    chart = matrix_map(data, look, pin=(looked.query, looked.key), size=EXPORT_SIZE)
    said = setting(looked.source, looked.head, *of, more=part.words)
    return Figure(
        chart, cells(data, look), name.capitalize(), said, describe().line, pooled.strip()
    )


def _row_figure(looked: Looked, part: Viewport, rows: Rows, mode: Mode, of: Given) -> Figure:
    """A number for each query that is seen: all that were read as rows, as bars as many as fit on paper."""
    index, values = _seen_rows(rows, mode, part)
    every = -(-len(index) // MOST_BARS)
    labels, unit = looked.source.query_labels, mode.unit
    chart, _ = row_bars(index[::every], values[::every], unit, labels, looked.query, EXPORT_SIZE)
    _, table = row_bars(index, values, unit, labels, looked.query, EXPORT_SIZE)
    seen = f"queries {part.i0:,} to {part.i1 - 1:,}"
    said = setting(looked.source, looked.head, of, more=seen)
    note = f"{mode.help[0].upper()}{mode.help[1:]}."
    if not rows.whole:
        note += f" {len(index):,} evenly spaced queries were read."
    if every > 1:
        note += f" Of {every:,} of them in a row the first is drawn."
    return Figure(chart, table, f"{mode.title}, {of[0].short_title}", said, describe().line, note)


def _seen_rows(rows: Rows, mode: Mode, part: Viewport) -> tuple[np.ndarray, np.ndarray]:
    values = mode.pick(rows)
    assert values is not None
    seen = (rows.index >= part.i0) & (rows.index < part.i1)
    return rows.index[seen], values[seen]


def _npz(looked: Looked, chosen: Chosen, part: Viewport, rows: Mapping[str, Rows]) -> bytes:
    found = {"exact": numbers(chosen.exact(looked), part, MOST_SAVED)}
    mode = MODES[chosen.mode]
    for one in chosen.methods:
        found[one.method.name] = numbers(one.view, part, MOST_SAVED)
        if mode.kind == "rows" and mode.pick(rows[one.spec.id]) is not None:
            index, values = _seen_rows(rows[one.spec.id], mode, part)
            found |= {"rows": index, f"{one.method.name} {chosen.mode}": values}
    binary = BytesIO()
    np.savez_compressed(
        binary,
        queries=np.arange(*part.rows),
        keys=np.arange(*part.columns),
        allow_pickle=False,
        **found,
    )
    return binary.getvalue()
