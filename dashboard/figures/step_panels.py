"""One array of a step as coloured cells: Q blue, K orange-red, V green, attention violet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from attn_core.steps import Array
from attn_core.steps.step import KEY, QUERY
from dashboard.figures.matrix_map import (
    FLOOR,
    HIDDEN,
    HIDDEN_DARK,
    LABELLED,
    MASKED,
    MASKED_DARK,
    MOST,
    NOT_FINITE,
    Look,
    plain,
)
from dashboard.figures.palette import PARTS
from dashboard.figures.theme import config, ink

HUES = {
    "query": "query",
    "key": "key",
    "value": "value",
    "weight": "attention",
    "score": "attention",
}
PAPER, NIGHT = "#ffffff", "#15171b"
# What negative numbers fade into: no part of attention has this hue.
NEGATIVE = ("#7d6a4f", "#c9b18c")
# Paper, attention's violet and beyond: weights span decades.
VIOLETS = (
    ["#ffffff", "#c3b9f2", "#5b45c9", "#241566"],
    ["#15171b", "#3f348a", "#a392f5", "#f3f0ff"],
)
SPECIAL = {
    "masked": (MASKED, MASKED_DARK),
    "hidden": (HIDDEN, HIDDEN_DARK),
    "not finite": (NOT_FINITE, NOT_FINITE),
}
LEGEND = 96
# Fewer rows or columns need not be square.
FEW = 12


@dataclass(frozen=True)
class Labels:
    """Tokens of the queries and of the keys, where there are any."""

    queries: Sequence[str] | None = None
    keys: Sequence[str] | None = None

    def of(self, side: str) -> Sequence[str] | None:
        return {QUERY: self.queries, KEY: self.keys}.get(side)


@dataclass(frozen=True)
class Part:
    """The cells of an array that are shown: all, or as many as fit around the pinned ones."""

    values: np.ndarray
    masked: np.ndarray | None
    first: tuple[int, int]

    def words(self, array: Array) -> str:
        """How many rows and columns there are, and which of them are shown where that is not all."""
        whole = array.values.shape
        sides = zip(self.first, self.values.shape, whole, strict=True)
        return " × ".join(
            f"{total:,}"
            if shown == total and not first
            else f"{first:,}–{first + shown - 1:,}" + (f" of {total:,}" if shown < total else "")
            for first, shown, total in sides
        )


def part_of(array: Array, query: int, key: int) -> Part:
    """At most 128 cells a side; what is cut holds the pinned query and key, where the sides are theirs."""
    pinned = {QUERY: query - array.first, KEY: key}
    rows = _window(array.values.shape[0], pinned.get(array.rows, 0))
    columns = _window(array.values.shape[1], pinned.get(array.columns, 0))
    masked = None if array.masked is None else array.masked[rows, columns].numpy()
    values = array.values[rows, columns].detach().to("cpu").double().numpy()
    return Part(values, masked, (array.first + rows.start, columns.start))


def _window(length: int, around: int) -> slice:
    start = min(max(0, around - MOST // 2), max(0, length - MOST))
    return slice(start, min(length, start + MOST))


def cells(array: Array, part: Part, labels: Labels, look: Look | None = None) -> pd.DataFrame:
    """A row a cell: its place, its number, what is special about it, and the value that is coloured."""
    look, weights = look or Look(), array.kind == "weight" and array.columns == KEY
    rows, columns = np.indices(part.values.shape)
    special = np.full(part.values.shape, "", dtype=object)
    special[~np.isfinite(part.values)] = "not finite"
    if weights and look.hide:
        special[:, : max(0, look.hide - part.first[1])] = "hidden"
    if part.masked is not None:
        special[part.masked] = "masked"
    values = np.where(np.isfinite(part.values), part.values, np.nan)
    found = pd.DataFrame(
        {
            "i": (part.first[0] + rows).ravel(),
            "j": (part.first[1] + columns).ravel(),
            "value": values.ravel(),
            "coloured": values.ravel()
            * (array.values.shape[1] if weights and look.scale == "uniform" else 1),
            "special": special.ravel(),
        }
    )
    for name, side, at in (("row", array.rows, found["i"]), ("column", array.columns, found["j"])):
        named = name == "row" and array.row_names is not None
        names = list(array.row_names or ()) if named else labels.of(side)
        if names is not None:
            shift = array.first if named else 0
            found[name] = [plain(str(names[int(place) - shift])) for place in at]
    return found


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
    marks = base.transform_filter("datum.special == ''").mark_rect(stroke=None)
    layers = [marks.encode(color=_colour(array, table, look, dark))]
    present = [name for name in SPECIAL if name in set(table["special"])]
    if present:
        layers.append(_specials(base, present, dark))
    if selectable:
        picked = alt.selection_point(name=selectable, fields=["i", "j"], on="click", empty=False)
        layers[0] = layers[0].add_params(picked)
    layers += _frame(array, part, pin, (x, y), (width, height), dark)
    chart = alt.LayerChart(layer=layers).resolve_scale(color="independent")
    return chart.properties(width=width, height=height).configure(**config(dark))


def _tips(array: Array, table: pd.DataFrame) -> list[alt.Tooltip]:
    tips = [
        alt.Tooltip("i:O", title=array.rows or "row"),
        alt.Tooltip("j:O", title=array.columns or "column"),
    ]
    tips += [alt.Tooltip(f"{name}:N") for name in ("row", "column") if name in table]
    tips.append(alt.Tooltip("value:Q", title=array.name, format=".4~g"))
    return [*tips, alt.Tooltip("special:N", title="state")]


def on_screen(chart: alt.LayerChart) -> alt.LayerChart:
    """As large as it says, and painted: thousands of cells are too many elements for a page."""
    painted = {"embedOptions": {"renderer": "canvas"}}
    return chart.properties(autosize=alt.AutoSizeParams(type="pad"), usermeta=painted)


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
    few = tokens is not None and count <= LABELLED and cell >= 5
    options: dict[str, Any] = {
        "labelFontSize": min(11, max(7, round(cell))) if few else 10,
        "labelOverlap": not few,
    }
    if few and tokens is not None:
        shown = [plain(tokens[first + at - named]) for at in range(count)]
        options["labelExpr"] = f"{json.dumps(shown)}[datum.value - {first}]"
        options["labelLimit"] = 90
    if across:
        options |= {"orient": "top", "labelAngle": -60 if few else 0}
    if not side:
        options |= {"labels": False}
    make = alt.X if across else alt.Y
    axis = alt.Axis(grid=False, **options)
    # In order, whichever layer names a place first.
    scale = alt.Scale(padding=0, domain=list(range(first, first + count)))
    return make(f"{name}:O", title=side or None, axis=axis, scale=scale)


def _colour(array: Array, table: pd.DataFrame, look: Look, dark: bool) -> alt.Color:
    numbers = table.loc[table["special"] == "", "coloured"].dropna()
    legend = alt.Legend(
        title=_unit(array, look), orient="bottom", gradientLength=LEGEND, gradientThickness=9, format=".2~g",
        titleLimit=160, tickCount=3,
    )  # fmt: skip
    if array.kind == "pattern":
        scale = alt.Scale(
            domain=[0, 1], range=[NIGHT if dark else PAPER, PARTS["attention"][dark]]
        )
        return alt.Color(
            "coloured:O", scale=scale, legend=alt.Legend(title="1: they meet", orient="bottom")
        )
    scale = (
        _weights(numbers, look, dark)
        if array.kind == "weight"
        else _numbers(array, numbers, look, dark)
    )
    return alt.Color("coloured:Q", scale=scale, legend=legend)


def _unit(array: Array, look: Look) -> str:
    weights = array.kind == "weight" and array.columns == KEY
    return f"{array.name}, × uniform" if weights and look.scale == "uniform" else array.name


def _weights(numbers: pd.Series, look: Look, dark: bool) -> alt.Scale:
    """Logarithmic from the smallest weight shown, but never below the floor; or linear."""
    top = _top(numbers, look)
    if look.scale == "linear":
        return alt.Scale(
            domain=[0, top / 3, 2 * top / 3, top],
            range=VIOLETS[dark],
            clamp=True,
            interpolate="rgb",
        )
    positive = numbers[numbers > FLOOR]
    low = min(float(positive.min()) if len(positive) else FLOOR, top / 10)
    stops = [low * (top / low) ** (at / 3) for at in range(4)]
    return alt.Scale(type="log", domain=stops, range=VIOLETS[dark], clamp=True, interpolate="rgb")


def _numbers(array: Array, numbers: pd.Series, look: Look, dark: bool) -> alt.Scale:
    """Around zero where there are negative ones."""
    top, paper = _top(numbers, look), NIGHT if dark else PAPER
    hue = PARTS[HUES[array.kind]][dark] if array.kind in HUES else ink(dark).text
    low = float(numbers.min()) if len(numbers) else 0.0
    if array.kind == "number":
        # Counted things: the least is not nothing.
        domain = [low - 1, max(float(numbers.max()) if len(numbers) else 1.0, low + 1)]
        return alt.Scale(domain=domain, range=[paper, hue], interpolate="rgb", nice=False)
    if low < 0:
        shades = [NEGATIVE[dark], paper, hue]
        return alt.Scale(domain=[-top, 0, top], range=shades, clamp=True, interpolate="rgb")
    return alt.Scale(
        domain=[0, top], range=[paper, hue], clamp=True, nice=False, interpolate="rgb"
    )


def _top(numbers: pd.Series, look: Look) -> float:
    top = float(np.percentile(numbers.abs(), look.clip)) if len(numbers) else 1.0
    return top if top > 0 else 1.0


def _specials(base: alt.Chart, present: list[str], dark: bool) -> alt.Chart:
    scale = alt.Scale(domain=present, range=[SPECIAL[name][dark] for name in present])
    legend = alt.Legend(title=None, orient="bottom", direction="horizontal")
    marks = base.transform_filter("datum.special != ''").mark_rect(stroke=None)
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
    mark = alt.Chart(pd.DataFrame({"i": [i], "j": [j]})).mark_rect(
        filled=False,
        stroke=ink(dark).text,
        strokeWidth=2 if min(size[0] / columns, size[1] / rows) > 4 else 1,
    )
    across = {"x": axes[0]} if j is not None else {"x": alt.value(0), "x2": alt.value(size[0])}
    down = {"y": axes[1]} if i is not None else {"y": alt.value(0), "y2": alt.value(size[1])}
    return [mark.encode(**across, **down)]
