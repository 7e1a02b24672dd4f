"""One array of a step as coloured cells, with its tokens and the pinned pair."""

from __future__ import annotations

import json
from typing import Any

import altair as alt
import pandas as pd

from attn_core.steps import Array
from attn_core.steps.step import KEY, QUERY
from dashboard.figures.layers import OWN_COLOURS, layered
from dashboard.figures.matrix_map import (
    HIDDEN,
    HIDDEN_DARK,
    LABEL_PIXELS,
    LABELLED,
    MASKED,
    MASKED_DARK,
    NOT_FINITE,
    Look,
    plain,
)
from dashboard.figures.step_cells import Labels, Part, cells
from dashboard.figures.step_colours import colour
from dashboard.figures.sweep_layers import PAPER
from dashboard.figures.theme import ink

SPECIAL = {
    "masked": (MASKED, MASKED_DARK),
    "hidden": (HIDDEN, HIDDEN_DARK),
    "not finite": (NOT_FINITE, NOT_FINITE),
}
# Fewer rows or columns need not be square.
FEW = 12


def step_panel(
    array: Array,
    part: Part,
    labels: Labels,
    *,
    pin: tuple[int, int],
    look: Look | None = None,
    selectable: str = "",
    dark: bool = False,
    size: tuple[int, int] = (420, 330),
) -> alt.LayerChart:
    """`selectable` names a selection that a click on a cell makes, with the cell's i and j."""
    look = look or Look()
    table = cells(array, part, labels, look)
    height, width = _sizes(part.values.shape, size)
    x, y = (_axis(name, array, part, labels, (width, height)) for name in ("j", "i"))
    base = alt.Chart(table).encode(x=x, y=y, tooltip=_tips(array, table))
    marks = base.transform_filter("datum.special == ''").mark_rect(stroke=None, aria=False)
    layers = [marks.encode(color=colour(array, table, look, dark))]
    present = [name for name in SPECIAL if name in set(table["special"])]
    if present:
        layers.append(_specials(base, present, dark))
    if selectable:
        picked = alt.selection_point(name=selectable, fields=["i", "j"], on="click", empty=False)
        layers[0] = layers[0].add_params(picked)
    layers += _frame(array, part, pin, (x, y), (width, height), dark)
    return layered(layers, dark, width=width, height=height, resolve=OWN_COLOURS)


def _tips(array: Array, table: pd.DataFrame) -> list[alt.Tooltip]:
    tips = [
        alt.Tooltip("i:O", title=array.rows or "row"),
        alt.Tooltip("j:O", title=array.columns or "column"),
    ]
    tips += [alt.Tooltip(f"{name}:N") for name in ("row", "column") if name in table]
    tips.append(alt.Tooltip("value:Q", title=array.name, format=".4~g"))
    return [*tips, alt.Tooltip("special:N", title="state")]


def _sizes(shape: tuple[int, ...], size: tuple[int, int]) -> tuple[float, float]:
    """Square cells while they fit; few rows or columns are drawn wider, so that they can be seen."""
    rows, columns = shape
    across, down = min(22.0, size[0] / columns), min(22.0, size[1] / rows)
    if rows > FEW and columns > FEW:
        across = down = min(across, down)
    # Whole pixels where there is room: cells of other sizes show seams.
    across, down = (max(2.0, float(int(cell))) for cell in (across, down))
    return down * rows, across * columns


def _axis(name: str, array: Array, part: Part, labels: Labels, size: tuple[float, float]) -> Any:
    across = name == "j"
    side, count = (
        (array.columns, part.values.shape[1]) if across else (array.rows, part.values.shape[0])
    )
    first = part.first[1] if across else part.first[0]
    tokens = array.row_names if not across and array.row_names else labels.of(side)
    named = array.first if not across and array.row_names else 0
    cell = size[0] / count if across else size[1] / count
    few = tokens is not None and count <= LABELLED and cell >= LABEL_PIXELS
    options: dict[str, Any] = {
        "labelFontSize": min(11, int(cell)) if few else 10,
        "labelOverlap": not few,
        "labelSeparation": 5,
    }
    if few and tokens is not None:
        shown = [plain(tokens[first + at - named]) for at in range(count)]
        options["labelExpr"] = f"{json.dumps(shown)}[datum.value - {first}]"
        options["labelLimit"] = 90
    if across:
        options |= {"orient": "top", "labelAngle": -90 if few else 0}
    if not side:
        options |= {"labels": False}
    make = alt.X if across else alt.Y
    axis = alt.Axis(grid=False, **options)
    # In order, whichever layer names a place first.
    scale = alt.Scale(padding=0, domain=list(range(first, first + count)))
    return make(f"{name}:O", title=side or None, axis=axis, scale=scale)


def _specials(base: alt.Chart, present: list[str], dark: bool) -> alt.Chart:
    scale = alt.Scale(domain=present, range=[SPECIAL[name][dark] for name in present])
    legend = alt.Legend(title=None, orient="bottom", direction="horizontal")
    marks = base.transform_filter("datum.special != ''").mark_rect(stroke=None, aria=False)
    return marks.encode(color=alt.Color("special:N", scale=scale, legend=legend))


def _frame(
    array: Array,
    part: Part,
    pin: tuple[int, int],
    axes: tuple[Any, Any],
    size: tuple[float, float],
    dark: bool,
) -> list[alt.Chart]:
    """Around the pinned pair's cell, or the pinned query's or key's whole line, by what runs along the sides."""
    lines = {QUERY: pin[0], KEY: pin[1]}
    i = None if array.row_names else lines.get(array.rows)
    j = lines.get(array.columns)
    rows, columns = part.values.shape
    i = i if i is not None and part.first[0] <= i < part.first[0] + rows else None
    j = j if j is not None and part.first[1] <= j < part.first[1] + columns else None
    if i is None and j is None:
        return []
    place = alt.Chart(pd.DataFrame({"i": [i], "j": [j]}))
    wide = 2 if min(size[0] / columns, size[1] / rows) > 4 else 1
    across = {"x": axes[0]} if j is not None else {"x": alt.XValue(0), "x2": alt.X2Value(size[0])}
    down = {"y": axes[1]} if i is not None else {"y": alt.YValue(0), "y2": alt.Y2Value(size[1])}
    # The paper around the ink: cells may have the ink's own colour.
    return [
        place.mark_rect(filled=False, stroke=stroke, strokeWidth=width).encode(**across, **down)
        for stroke, width in ((PAPER[dark], wide + 2), (ink(dark).text, wide))
    ]
