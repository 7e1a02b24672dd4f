"""Predicted cost against sequence length, both axes logarithmic: a straight line's slope is the growth."""

from __future__ import annotations

from dataclasses import dataclass

import altair as alt
import pandas as pd

from attn_core import METHODS
from dashboard.figures.layers import layered
from dashboard.figures.palette import mark
from dashboard.figures.theme import ink

HEIGHT = 238
# Ticks every 32-fold: 1 MiB, 32 MiB, 1 GiB, … read more easily than powers of ten in bytes.
BYTE_TICKS = [2.0**power for power in range(0, 71, 5)]
FLOP_TICKS = [10.0**power for power in range(0, 25)]
LENGTH_TICKS = [2**power for power in range(1, 20, 2)]


@dataclass(frozen=True)
class Quantity:
    """What the vertical axis shows."""

    column: str
    title: str
    axis: alt.Axis
    base: int


def _units(names: tuple[str, ...], base: int) -> str:
    """A Vega expression that writes a tick in its unit."""
    expression = f"datum.value + ' {names[0]}'"
    for power, name in enumerate(names[1:], start=1):
        scaled = f"format(datum.value / {float(base**power):.0f}, ',') + ' {name}'"
        expression = f"datum.value >= {float(base**power):.0f} ? {scaled} : ({expression})"
    return expression


FLOPS = Quantity(
    "flops",
    "Predicted FLOPs, one forward pass",
    alt.Axis(labelExpr=_units(("", "k", "M", "G", "T", "P", "E"), 1000), values=FLOP_TICKS),
    10,
)
MEMORY = Quantity(
    "memory",
    "Predicted memory beyond q, k and v",
    alt.Axis(
        labelExpr=_units(("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"), 1024), values=BYTE_TICKS
    ),
    2,
)


def cost_curve(
    rows: pd.DataFrame,
    quantity: Quantity,
    length: int,
    room: pd.DataFrame | None = None,
    dark: bool = False,
) -> alt.LayerChart:
    """One line a method, the chosen length marked; `room` (N, bytes) is what the machine has left."""
    # Counts can pass 64 bits, which no chart library takes; the exported rows keep them exact.
    rows = rows.astype({"flops": float, "memory": float})
    layers: list[alt.Chart | alt.LayerChart] = [
        _length_rule(length, dark),
        _lines(rows, quantity, length, dark),
    ]
    if room is not None and len(room):
        layers.insert(0, _room(room, dark))
    return layered(layers, dark, height=HEIGHT, width="container")


def _x() -> alt.X:
    return alt.X(
        "N:Q",
        title="Sequence length N",
        scale=alt.Scale(type="log", base=2, nice=False, padding=8),
        axis=alt.Axis(values=LENGTH_TICKS, format=",d", labelOverlap=True, labelFlush=True),
    )


def _lines(rows: pd.DataFrame, quantity: Quantity, length: int, dark: bool) -> alt.LayerChart:
    names = list(dict.fromkeys(rows["method"]))
    # Later rows are drawn on top: exact attention goes below, its solid line below its dashed one.
    below = sorted(
        names, key=lambda name: (METHODS[name].family != "exact", list(METHODS).index(name))
    )
    rows = rows.sort_values("method", key=lambda column: column.map(below.index), kind="stable")
    titles = [METHODS[name].title for name in names]
    marks = [mark(METHODS[name], dark) for name in names]
    legend = alt.Legend(orient="top", columns=0, offset=6, labelLimit=240, symbolLimit=0)
    lines = alt.Chart(rows).encode(
        x=_x(),
        y=alt.Y(
            f"{quantity.column}:Q",
            title=None,
            scale=alt.Scale(type="log", base=quantity.base, nice=False, padding=8),
            axis=quantity.axis,
        ),
        color=alt.Color(
            "title:N",
            scale=alt.Scale(domain=titles, range=[one.colour for one in marks]),
            legend=legend,
        ),
    )
    # By another column than the colours, whose legend one without a legend cannot join.
    drawn = lines.mark_line(strokeWidth=2.2).encode(
        strokeDash=alt.StrokeDash(
            "method:N",
            scale=alt.Scale(domain=names, range=[list(one.dash) for one in marks]),
            legend=None,
        )
    )
    chosen = alt.FieldEqualPredicate(field="N", equal=length)
    points = lines.mark_point(filled=True, opacity=1).encode(
        shape=alt.Shape(
            "title:N",
            scale=alt.Scale(domain=titles, range=[one.shape for one in marks]),
            legend=legend,
        ),
        size=alt.condition(chosen, alt.value(130), alt.value(34)),
        tooltip=[
            alt.Tooltip("title:N", title="Method"),
            alt.Tooltip("N:Q", format=",d"),
            alt.Tooltip("flops:Q", title="FLOPs", format=".3s"),
            alt.Tooltip("memory:Q", title="Memory, bytes", format=",d"),
        ],
    )
    return alt.LayerChart(layer=[drawn, points])


def _length_rule(length: int, dark: bool) -> alt.Chart:
    rule = alt.Chart(pd.DataFrame({"N": [length]}))
    return rule.mark_rule(color=ink(dark).accent, strokeWidth=1.2, opacity=0.75).encode(x=_x())


def _room(room: pd.DataFrame, dark: bool) -> alt.LayerChart:
    base = alt.Chart(room).encode(x=_x(), y=alt.Y("bytes:Q"))
    tone = ink(dark).muted
    line = base.mark_line(color=tone, strokeWidth=1.2, strokeDash=[1, 3])
    label = (
        alt.Chart(room.head(1))
        .encode(x=_x(), y="bytes:Q")
        .mark_text(text="free on this machine", align="left", dy=-7, color=tone, fontSize=11.5)
    )
    return alt.LayerChart(layer=[line, label])
