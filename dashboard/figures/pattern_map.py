"""A pattern as coloured cells: which part allows a cell's pairs, and how many of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import altair as alt
import numpy as np
import pandas as pd

from attn_core.masks import Shares
from dashboard.figures.layers import layered
from dashboard.figures.matrix_map import MASKED, MASKED_DARK
from dashboard.figures.theme import ink

# Near tokens are violet, as attention is; what reaches far is warm; chance is teal.
NEAR, FAR, CHANCE = ("#6a4fd0", "#a392f5"), ("#d9720f", "#f5a14d"), ("#0d8a8a", "#4fc9c2")
PART_COLOURS = {
    "every pair": NEAR,
    "band": NEAR,
    "window": NEAR,
    "own block": NEAR,
    "single tokens": NEAR,
    "global": FAR,
    "stride": FAR,
    "summary": FAR,
    "random": CHANCE,
    "alone": ("#8a8d96", "#8a8d96"),
}
# Rounds and coarser levels come in an order: from violet to yellow-green.
STEPS = (
    ("#5b3fc4", "#a392f5"), ("#2f74c4", "#6fb0f5"), ("#0d8a8a", "#4fc9c2"), ("#3f9a44", "#7fd084"),
    ("#b58a08", "#e6c04a"), ("#d9720f", "#f5a14d"), ("#c2410c", "#f58a5c"), ("#a3195b", "#ee7fb4"),
)  # fmt: skip
PADDING, PADDING_DARK = "#d8c9a8", "#5a4f38"
OUTSIDE, OUTSIDE_DARK = "#f3f2ee", "#1d2027"
STATES = ("outside", "future", "padding")
FAINTEST = 1e-4
# Pixels by which a map may be larger than asked, where its cells then are.
ROOM = 4


@dataclass(frozen=True, eq=False)
class PatternData:
    """Counts by cell, and what of N = `length` tokens are real."""

    shares: Shares
    length: int
    tokens: int
    causal: bool


def part_colour(part: str, parts: tuple[str, ...], dark: bool) -> str:
    if part in PART_COLOURS:
        return PART_COLOURS[part][dark]
    return STEPS[parts.index(part) % len(STEPS)][dark]


def pattern_cells(data: PatternData) -> pd.DataFrame:
    """A row a cell: its first pair and its place, its pairs, those allowed and their share, and the part that allows
    most of them (its state, where none is)."""
    edges = data.shares.edges.numpy()
    start, width = edges[:-1], np.diff(edges)
    pairs = data.shares.pairs.numpy()
    possible = np.outer(width, width)
    strongest = data.shares.by_part.numpy().argmax(0)
    part = np.array(data.shares.parts, dtype=object)[strongest]
    part[pairs == 0] = "outside"
    if data.causal:
        part[(pairs == 0) & (start[None, :] >= edges[1:, None])] = "future"
    padded = start >= data.tokens
    part[padded[:, None] | padded[None, :]] = "padding"
    i, j = np.meshgrid(start, start, indexing="ij")
    return pd.DataFrame(
        {
            "i": i.ravel(),
            "j": j.ravel(),
            "row": np.repeat(np.arange(len(start)), len(start)),
            "column": np.tile(np.arange(len(start)), len(start)),
            "part": part.ravel(),
            "allowed": pairs.ravel(),
            "pairs": possible.ravel(),
            "share": (pairs / possible).ravel(),
        }
    )


def pattern_map(
    data: PatternData,
    *,
    pin: tuple[int, int] | None = None,
    selectable: str = "",
    dark: bool = False,
    size: int = 280,
) -> alt.LayerChart:
    """`selectable` names a selection that a click on a cell makes, with the first pair of the cell."""
    table = pattern_cells(data)
    side = len(data.shares.pairs)
    # Whole pixels and cells of one size, though bins differ by a token: others would show seams.
    pixels = max(1, (size + ROOM) // side) * side
    x = alt.X("column:Q", title="key j", axis=_axis("top", data), scale=_scale(side))
    y = alt.Y("row:Q", title="query i", axis=_axis("left", data), scale=_scale(side, True))
    cell = pixels // side
    marks = (
        alt.Chart(table)
        .mark_rect(stroke=None, width=cell, height=cell, aria=False)
        .encode(x=x, y=y, tooltip=_tooltip(), color=_colour(data, table, dark, size < 200))
    )
    if bool((table["pairs"] > 1).any()):
        # States are drawn in full.
        marks.data = table.assign(strength=table["share"].where(table["allowed"] > 0, 1.0))
        marks = marks.encode(opacity=_opacity())
    if selectable:
        picked = alt.selection_point(name=selectable, fields=["i", "j"], on="click", empty=False)
        marks = marks.add_params(picked)
    layers: list[alt.Chart] = [marks]
    if pin is not None:
        layers.append(_frame(data, pin, x, y, dark))
    return layered(layers, dark, width=pixels, height=pixels)


def _colour(data: PatternData, table: pd.DataFrame, dark: bool, small: bool) -> alt.Color:
    present = set(table["part"])
    parts = data.shares.parts
    known = [part for part in (*parts, *STATES) if part in present]
    greys = {
        "outside": OUTSIDE_DARK if dark else OUTSIDE,
        "future": MASKED_DARK if dark else MASKED,
        "padding": PADDING_DARK if dark else PADDING,
    }
    colours = [greys[one] if one in greys else part_colour(one, parts, dark) for one in known]
    legend = alt.Legend(
        title=None, orient="bottom", columns=2 if small else 3, symbolType="square", labelFontSize=11,
        columnPadding=10, rowPadding=2,
    )  # fmt: skip
    return alt.Color("part:N", scale=alt.Scale(domain=known, range=colours), legend=legend)


def _opacity() -> alt.Opacity:
    """By the logarithm of the share: one global column in a cell of 512 still shows."""
    scale = alt.Scale(type="log", domain=[FAINTEST, 1], range=[0.3, 1], clamp=True)
    return alt.Opacity("strength:Q", scale=scale, legend=None)


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("i:Q", title="query from", format=",d"),
        alt.Tooltip("j:Q", title="key from", format=",d"),
        alt.Tooltip("part:N", title="mostly by"),
        alt.Tooltip("allowed:Q", title="pairs allowed", format=",d"),
        alt.Tooltip("pairs:Q", title="of pairs", format=",d"),
        alt.Tooltip("share:Q", title="share", format=".3~p"),
    ]


def _frame(data: PatternData, pin: tuple[int, int], x: alt.X, y: alt.Y, dark: bool) -> alt.Chart:
    """Around the cell of the pinned pair, where there is one."""
    cells = []
    if max(pin) < data.length:
        edges = data.shares.edges.numpy()
        row, column = (int(np.searchsorted(edges, place, side="right")) - 1 for place in pin)
        cells = [[row - 0.5, row + 0.5, column - 0.5, column + 0.5]]
    return (
        alt.Chart(pd.DataFrame(cells, columns=["row", "below", "column", "right"]))
        .mark_rect(filled=False, stroke=ink(dark).text, strokeWidth=2)
        .encode(x=x, x2=alt.X2("right:Q"), y=y, y2=alt.Y2("below:Q"))
    )


def _axis(side: Literal["top", "left"], data: PatternData) -> alt.Axis:
    """Places are cells, by their middles; what is written is the token at a cell's edge."""
    bins = len(data.shares.pairs)
    tokens = nice_ticks(data.length)
    return alt.Axis(
        orient=side, grid=False, labelFontSize=10, labelOverlap=True, domain=False,
        labelPadding=3, titlePadding=4, values=[token * bins / data.length - 0.5 for token in tokens],
        labelExpr=f"format(round((datum.value + 0.5) * {data.length} / {bins}), ',d')",
    )  # fmt: skip


def nice_ticks(length: int) -> list[int]:
    """Some five round numbers from 0 on."""
    rough = max(1.0, length / 5)
    power = 10 ** int(np.log10(rough))
    step = next(int(power * nice) for nice in (1, 2, 5, 10) if power * nice >= rough)
    return list(range(0, length, step))


def _scale(bins: int, down: bool = False) -> alt.Scale:
    return alt.Scale(domain=[-0.5, bins - 0.5], nice=False, zero=False, reverse=down)
