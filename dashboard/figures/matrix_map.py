"""A matrix as coloured cells, small enough that every cell is one mark: on screen to 128 × 128, and exported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd

from dashboard.figures.layers import OWN_COLOURS, layered
from dashboard.figures.theme import config, ink

MOST = 128
# Labels are tokens while they can be read, then positions: so many pixels for each at least.
LABELLED, LABEL_PIXELS = 64, 8
FLOOR = 1e-6
MASKED, NEGATIVE, HIDDEN = "#b9bbc0", "#d0342c", "#e4dccb"
NOT_FINITE = "#ff2fd0"
MASKED_DARK, HIDDEN_DARK = "#4a4e57", "#3c382f"
# Numbers of two signs, least first: nothing is near the page's own colour, so that only differences shine.
SIGNED = (
    "#2d004b", "#542788", "#8073ac", "#b2abd2", "#d8daeb", "#f7f7f7",
    "#fee0b6", "#fdb863", "#e08214", "#b35806", "#7f3b08",
)  # fmt: skip
SIGNED_DARK = (
    "#dccfff", "#b9a2f3", "#947ad4", "#6f5aa4", "#483f6c", "#24272e",
    "#574022", "#8c6128", "#c08431", "#eaad5c", "#ffdfae",
)  # fmt: skip
STATE_WORDS = {
    "masked": "masked",
    "negative": "negative",
    "hidden": "hidden sink",
    "not finite": "not finite",
}


@dataclass(frozen=True)
class Look:
    """How weights become colours: `log` from 1e-6 up, `linear`, or `uniform` for multiples of an even share, also by
    logarithm; `clip` ends the colours at that percentile; the first `hide` keys are covered."""

    scale: str = "log"
    clip: float = 100.0
    hide: int = 0


@dataclass(frozen=True)
class MatrixData:
    """Numbers (rows, columns) of a part that begins at `first`; `masked` cells may not interact. `signed` numbers are
    drawn around zero. `each` says how many entries of the matrix a cell stands for along each side."""

    values: np.ndarray
    masked: np.ndarray | None = None
    row_labels: Sequence[str] | None = None
    column_labels: Sequence[str] | None = None
    signed: bool = False
    unit: str = "weight"
    row_title: str = "query i"
    column_title: str = "key j"
    keys: int = 0
    first: tuple[int, int] = (0, 0)
    each: tuple[float, float] = field(default=(1, 1))
    # Signed numbers that are all smaller are rounding, and drawn as next to nothing.
    least: float = FLOOR


def cells(data: MatrixData, look: Look) -> pd.DataFrame:
    """A row a cell: its place, its number, what is special about it, and the value that is coloured."""
    values = np.asarray(data.values, dtype=float)
    rows, columns = np.indices(values.shape)
    special = np.full(values.shape, "", dtype=object)
    if not data.signed:
        special[values < 0] = "negative"
    special[~np.isfinite(values)] = "not finite"
    if look.hide and not data.signed:
        special[:, : max(0, look.hide - data.first[1])] = "hidden"
    if data.masked is not None:
        special[data.masked] = "masked"
    coloured = values * (data.keys or values.shape[1]) if look.scale == "uniform" else values
    found = pd.DataFrame(
        {
            "i": (data.first[0] + np.floor(rows * data.each[0])).astype(int).ravel(),
            "j": (data.first[1] + np.floor(columns * data.each[1])).astype(int).ravel(),
            "value": values.ravel(),
            "coloured": coloured.ravel(),
            "special": special.ravel(),
        }
    )
    found.loc[found["special"] == "not finite", ["value", "coloured"]] = None
    for name, labels, index in (
        ("query", data.row_labels, rows),
        ("key", data.column_labels, columns),
    ):
        if labels is not None:
            found[name] = np.asarray([plain(one) for one in labels], dtype=object)[index.ravel()]
    return found


def matrix_map(
    data: MatrixData,
    look: Look | None = None,
    *,
    pin: tuple[int, int] | None = None,
    selectable: str = "",
    dark: bool = False,
    size: int = 420,
    legend: Literal["right", "bottom"] = "right",
    height: int | None = None,
) -> alt.LayerChart:
    """`selectable` names a selection that a click on a cell makes, with the cell's i and j. With a `height` the map is
    as wide as its place, its cells are not square, and tokens stand in the tooltips only."""
    look = look or Look()
    if max(data.values.shape) > MOST:
        raise ValueError(
            f"a map of marks has at most {MOST} cells a side, got {data.values.shape}"
        )
    table = cells(data, look)
    tall, wide = _sizes(data.values.shape, size)
    room = height is None and tall // data.values.shape[0] >= LABEL_PIXELS
    letters = min(11, max(LABEL_PIXELS, tall // data.values.shape[0]))
    x = _axis("j", data.column_title, data.column_labels, data.first[1], letters, room)
    y = _axis("i", data.row_title, data.row_labels, data.first[0], letters, room)
    base = alt.Chart(table).encode(x=x, y=y, tooltip=_tooltip(table, data))
    plain = base.transform_filter("datum.special == ''")
    marks = plain.mark_rect(stroke=None, aria=False).encode(color=_colour(data, look, table, dark))
    layers: list[alt.Chart] = [marks]
    present = [name for name in STATE_WORDS if name in set(table["special"])]
    if present:
        layers.append(_specials(base, present, dark))
    if selectable:
        picked = alt.selection_point(name=selectable, fields=["i", "j"], on="click", empty=False)
        layers[0] = layers[0].add_params(picked)
    if pin is not None:
        layers.append(_pinned(pin, table, x, y, dark))
    own: dict[str, Any] = {"config": config(dark), "resolve": OWN_COLOURS}
    own["config"]["legend"] |= {"orient": legend}
    if height is not None:
        return layered(layers, dark, width="container", height=height, **own)
    # The size is that of the cells; legends and labels come on top.
    around = alt.AutoSizeParams(type="pad")
    return layered(layers, dark, width=wide, height=tall, autosize=around, **own)


def _sizes(shape: tuple[int, ...], size: int) -> tuple[int, int]:
    rows, columns = shape
    # Whole pixels: cells of other sizes would show seams.
    cell = max(2, size // max(rows, columns))
    return cell * rows, cell * columns


def _axis(
    name: str, title: str, labels: Sequence[str] | None, first: int, letters: int, room: bool
) -> Any:
    """Tokens: all where there is room, every second or fourth in a smaller map; upright above it, where slanting ones
    would keep their neighbours out."""
    make = alt.X if name == "j" else alt.Y
    few = labels is not None and len(labels) <= LABELLED
    options: dict[str, Any] = {
        "labelFontSize": 10,
        "domain": False,
        "grid": False,
        "labelOverlap": "parity" if few and not room else not few,
        "labelSeparation": 0 if few else 5,
    }
    if few and labels is not None:
        options |= {
            "labelExpr": f"{json.dumps([plain(one) for one in labels])}[datum.value - {first}]",
            "labelFontSize": letters,
        }
    if name == "j":
        options |= {"orient": "top", "labelAngle": -90 if few else 0}
    axis = alt.Axis(**options)
    # Not in order of appearance: masked cells lie in a layer of their own.
    scale = alt.Scale(padding=0, round=True)
    return make(f"{name}:O", sort="ascending", title=title, axis=axis, scale=scale)


def plain(label: str) -> str:
    """A token as people write it: without the mark that begins a word."""
    return label.replace("▁", "") or label


def _colour(data: MatrixData, look: Look, table: pd.DataFrame, dark: bool) -> alt.Color:
    numbers = table.loc[table["special"] == "", "coloured"].dropna()
    top = float(np.percentile(numbers.abs(), look.clip)) if len(numbers) else 1.0
    legend = alt.Legend(title=_unit(data, look), gradientLength=150, format="~g", titleLimit=220)
    if data.signed:
        end = max(top, data.least)
        colours = list(SIGNED_DARK if dark else SIGNED)
        places = np.linspace(-end, end, len(colours)).tolist()
        scale = alt.Scale(range=colours, domain=places, clamp=True)
    elif look.scale == "linear":
        scale = alt.Scale(
            scheme="viridis", domain=[0, top if top > 0 else 1.0], clamp=True, nice=False
        )
    else:
        floor = FLOOR * (data.keys or data.values.shape[1]) if look.scale == "uniform" else FLOOR
        top = max(top, 10 * floor)
        scale = alt.Scale(
            type="log", scheme="viridis", domain=[floor, top], clamp=True, nice=False
        )
        legend = alt.Legend(
            title=_unit(data, look), gradientLength=150, format=".0e", titleLimit=220
        )
    return alt.Color("coloured:Q", scale=scale, legend=legend)


def _unit(data: MatrixData, look: Look) -> str:
    return f"{data.unit}, × uniform" if look.scale == "uniform" and not data.signed else data.unit


def _specials(base: alt.Chart, present: list[str], dark: bool) -> alt.Chart:
    colours = {
        "masked": MASKED_DARK if dark else MASKED,
        "negative": NEGATIVE,
        "hidden": HIDDEN_DARK if dark else HIDDEN,
        "not finite": NOT_FINITE,
    }
    scale = alt.Scale(domain=present, range=[colours[name] for name in present])
    names = json.dumps(STATE_WORDS)
    legend = alt.Legend(title=None, labelExpr=f"{names}[datum.label]")
    return (
        base.transform_filter("datum.special != ''")
        .mark_rect(stroke=None, aria=False)
        .encode(color=alt.Color("special:N", scale=scale, legend=legend))
    )


def _pinned(pin: tuple[int, int], table: pd.DataFrame, x, y, dark: bool) -> alt.Chart:
    """A frame around the pinned cell, where this part has it."""
    here = table[(table["i"] == pin[0]) & (table["j"] == pin[1])][["i", "j"]]
    return (
        alt.Chart(here)
        .mark_rect(filled=False, stroke=ink(dark).accent, strokeWidth=2.5)
        .encode(x=x, y=y)
    )


def _tooltip(table: pd.DataFrame, data: MatrixData) -> list[alt.Tooltip]:
    shown = [alt.Tooltip("i:O", title=data.row_title), alt.Tooltip("j:O", title=data.column_title)]
    shown += [alt.Tooltip(f"{name}:N") for name in ("query", "key") if name in table]
    shown += [
        alt.Tooltip("value:Q", title=data.unit, format=".4~g"),
        alt.Tooltip("special:N", title="state"),
    ]
    return shown
