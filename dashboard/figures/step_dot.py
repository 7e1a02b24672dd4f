"""One dot product, number by number: the query's numbers, the key's, their products, and the sum so far."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from attn_core.steps import Array
from dashboard.figures.layers import OWN_COLOURS, layered
from dashboard.figures.palette import PARTS
from dashboard.figures.step_colours import HUES, NEGATIVE, NIGHT, PAPER
from dashboard.figures.theme import ink

# Features a line; numbers are written into the cells while at most so many lines are needed.
LINE, WRITTEN = 16, 4
LONG_LINE = 64


def dot_rows(arrays: Sequence[Array]) -> pd.DataFrame:
    """A row a number: which of the four it is, and of which feature."""
    count = arrays[0].values.shape[1]
    line = LINE if count <= LINE * WRITTEN else LONG_LINE
    rows = []
    for place, array in enumerate(arrays):
        top = float(array.values.abs().amax()) or 1.0
        for feature, value in enumerate(array.values[0].tolist()):
            rows.append(
                {
                    "what": array.name,
                    "feature": feature,
                    "value": value,
                    "shade": value / top,
                    "column": feature % line,
                    "row": feature // line * (len(arrays) + 0.6) + place,
                    "kind": array.kind,
                }
            )
    return pd.DataFrame(rows)


def dot_product(arrays: Sequence[Array], dark: bool = False, width: int = 860) -> alt.LayerChart:
    table = dot_rows(arrays)
    columns = len(set(table["column"]))
    written = columns <= LINE
    height = 21 if written else 12
    x = alt.X("column:O", axis=None, scale=alt.Scale(padding=0.04))
    y = alt.Y("row:O", axis=None, scale=alt.Scale(padding=0.06))
    layers: list[alt.Chart] = []
    for kind in dict.fromkeys(table["kind"]):
        own = table[table["kind"] == kind]
        paper, hue = NIGHT if dark else PAPER, PARTS[HUES[kind]][dark]
        scale = alt.Scale(domain=[-1, 0, 1], range=[NEGATIVE[dark], paper, hue], interpolate="rgb")
        marks = alt.Chart(own).mark_rect(opacity=0.75, cornerRadius=2).encode(x=x, y=y)
        layers.append(
            marks.encode(color=alt.Color("shade:Q", scale=scale, legend=None), tooltip=_tips())
        )
    if written:
        # A narrow window squeezes the cells: of six letters none may reach into the next.
        letters = alt.ExprRef(f"min(11, width / {2.9 * columns:g})")
        text = alt.Chart(table).mark_text(fontSize=letters, color=ink(dark).text)
        layers.append(
            text.encode(x=x, y=y, text=alt.Text("value:Q", format=".2f"), tooltip=_tips())
        )
    layers.append(_names(table, y, dark))
    rows = table["row"].nunique()
    cell = min(54.0, width / columns)
    size = {"width": cell * columns, "height": height * rows}
    return layered(layers, dark, resolve=OWN_COLOURS, **size)


def _tips() -> list[alt.Tooltip]:
    return [alt.Tooltip("what:N"), alt.Tooltip("feature:O"), alt.Tooltip("value:Q", format=".6~g")]


def _names(table: pd.DataFrame, y: alt.Y, dark: bool) -> alt.Chart:
    """Which line is what, left of the cells."""
    first = table[table["column"] == 0]
    text = alt.Chart(first).mark_text(align="right", dx=-8, fontSize=12, color=ink(dark).muted)
    return text.encode(x=alt.XValue(0), y=y, text=alt.Text("what:N"))
