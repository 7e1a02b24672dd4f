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
LEGEND = 96


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
        rows, columns = array.values.shape
        shown = self.values.shape
        if shown == (rows, columns):
            return f"{rows:,} × {columns:,}"
        return (
            f"rows {self.first[0]:,}–{self.first[0] + shown[0] - 1:,}, columns {self.first[1]:,}–"
            f"{self.first[1] + shown[1] - 1:,} of {rows:,} × {columns:,}"
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


def cells(array: Array, part: Part, labels: Labels) -> pd.DataFrame:
    """A row a cell: its place, its number, and what is special about it."""
    rows, columns = np.indices(part.values.shape)
    special = np.full(part.values.shape, "", dtype=object)
    special[~np.isfinite(part.values)] = "not finite"
    if part.masked is not None:
        special[part.masked] = "masked"
    values = np.where(np.isfinite(part.values), part.values, np.nan)
    found = pd.DataFrame(
        {
            "i": (part.first[0] + rows).ravel(),
            "j": (part.first[1] + columns).ravel(),
            "value": values.ravel(),
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
    table = cells(array, part, labels)
    height, width = _sizes(part.values.shape, size)
    x, y = (_axis(name, array, part, labels, (width, height)) for name in ("j", "i"))
    tips = [
        alt.Tooltip("i:O", title=array.rows or "row"),
        alt.Tooltip("j:O", title=array.columns or "column"),
    ]
    tips += [alt.Tooltip(f"{name}:N") for name in ("row", "column") if name in table]
    tips += [
        alt.Tooltip("value:Q", title=array.name, format=".4~g"),
        alt.Tooltip("special:N", title="state"),
    ]
    base = alt.Chart(table).encode(x=x, y=y, tooltip=tips)
    marks = base.transform_filter("datum.special == ''").mark_rect(stroke=None)
    layers = [marks.encode(color=_colour(array, table, look or Look(), dark))]
    present = [name for name in ("masked", "not finite") if name in set(table["special"])]
    if present:
        layers.append(_specials(base, present, dark))
    if selectable:
        picked = alt.selection_point(name=selectable, fields=["i", "j"], on="click", empty=False)
        layers[0] = layers[0].add_params(picked)
    framed = _framed(array, part, pin, table)
    if len(framed):
        frame = alt.Chart(framed).mark_rect(filled=False, stroke=ink(dark).accent, strokeWidth=2.5)
        layers.append(frame.encode(x=x, y=y))
    chart = alt.LayerChart(layer=layers).resolve_scale(color="independent")
    return chart.properties(width=width, height=height).configure(**config(dark))


def _sizes(shape: tuple[int, ...], size: tuple[int, int]) -> tuple[float, float]:
    """Square cells while they fit; few rows or columns are drawn wider, so that they can be seen."""
    rows, columns = shape
    across, down = min(22.0, size[0] / columns), min(22.0, size[1] / rows)
    if rows > 2 and columns > 2:
        across = down = min(across, down)
    return max(2.0, down) * rows, max(2.0, across) * columns


def _axis(name: str, array: Array, part: Part, labels: Labels, size: tuple[float, float]) -> Any:
    across = name == "j"
    side, count = (
        (array.columns, part.values.shape[1]) if across else (array.rows, part.values.shape[0])
    )
    first = part.first[1] if across else part.first[0]
    tokens = array.row_names if not across and array.row_names else labels.of(side)
    named = array.first if not across and array.row_names else 0
    cell = size[0] / count if across else size[1] / count
    few = tokens is not None and count <= LABELLED and cell >= 6
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
    return make(f"{name}:O", sort=None, title=side or None, axis=axis, scale=alt.Scale(padding=0))


def _colour(array: Array, table: pd.DataFrame, look: Look, dark: bool) -> alt.Color:
    numbers = table.loc[table["special"] == "", "value"].dropna()
    top = float(np.percentile(numbers.abs(), look.clip)) if len(numbers) else 1.0
    top = top if top > 0 else 1.0
    paper, hue = NIGHT if dark else PAPER, _hue(array, dark)
    legend = alt.Legend(
        title=array.name, orient="bottom", gradientLength=LEGEND, gradientThickness=9, format=".2~g",
        titleLimit=160, tickCount=3,
    )  # fmt: skip
    if array.kind == "pattern":
        scale = alt.Scale(domain=[0, 1], range=[paper, hue])
        return alt.Color("value:O", scale=scale, legend=None)
    if array.kind == "weight" and look.scale == "log":
        scale = alt.Scale(
            type="log", domain=[FLOOR, max(top, 10 * FLOOR)], range=[paper, hue], clamp=True
        )
        legend.format = ".0e"
    elif len(numbers) and float(numbers.min()) < 0:
        scale = alt.Scale(domain=[-top, 0, top], range=[NEGATIVE[dark], paper, hue], clamp=True)
    else:
        scale = alt.Scale(domain=[0, top], range=[paper, hue], clamp=True, nice=False)
    return alt.Color("value:Q", scale=scale, legend=legend)


def _hue(array: Array, dark: bool) -> str:
    if array.kind in HUES:
        return PARTS[HUES[array.kind]][dark]
    return PARTS["attention"][dark] if array.kind == "pattern" else ink(dark).text


def _specials(base: alt.Chart, present: list[str], dark: bool) -> alt.Chart:
    colours = {"masked": MASKED_DARK if dark else MASKED, "not finite": NOT_FINITE}
    scale = alt.Scale(domain=present, range=[colours[name] for name in present])
    legend = alt.Legend(title=None, orient="bottom", direction="horizontal")
    marks = base.transform_filter("datum.special != ''").mark_rect(stroke=None)
    return marks.encode(color=alt.Color("special:N", scale=scale, legend=legend))


def _framed(array: Array, part: Part, pin: tuple[int, int], table: pd.DataFrame) -> pd.DataFrame:
    """The pinned pair's cell, or the pinned query's or key's whole line, by what runs along the sides."""
    chosen = table
    if array.rows == QUERY and array.columns == KEY:
        chosen = table[(table["i"] == pin[0]) & (table["j"] == pin[1])]
    elif array.rows == QUERY:
        chosen = table[table["i"] == pin[0]]
    elif array.rows == KEY and array.row_names is None:
        chosen = table[table["i"] == pin[1]]
    elif array.columns == KEY:
        chosen = table[table["j"] == pin[1]]
    else:
        chosen = table.iloc[:0]
    return pd.DataFrame(chosen[["i", "j"]])
