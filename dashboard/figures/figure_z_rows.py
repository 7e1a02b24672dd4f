"""Charts with one row a method: marks along a value axis, their spread, and the value in words at the edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import pandas as pd

from attn_core.naming import called
from dashboard.figures import axes
from dashboard.figures.axes import Extent
from dashboard.figures.figure_z_series import STAR, method_of
from dashboard.figures.series import Series
from dashboard.figures.sweep_layers import FAILURES, PAPER
from dashboard.figures.theme import ink

# A number on paper; on the page as wide as its column.
Width = float | Literal["container"]
ROW = 22
LABEL_ROOM = 116
WIDTH = 300.0
# Each layer has shapes of its own: methods, outcomes.
OWN_SHAPES = alt.Resolve(scale=alt.ScaleResolveMap(shape="independent"))
TOOLTIP = {
    "called": "Method",
    "what": "What",
    "n": "N",
    "shown": "Value",
    "spread": "Interval",
    "note": "Note",
}


@dataclass(frozen=True)
class Rows:
    """What all layers share: the rows from top to bottom and the value axis."""

    lines: Sequence[Series]
    x: Extent
    x_axis: alt.Axis
    title: str
    dark: bool

    @property
    def height(self) -> int:
        return ROW * max(len(self.lines), 2)

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.lines]

    def across(self, field: str = "value") -> alt.X:
        return alt.X(f"{field}:Q", title=self.title, scale=self.x.scale, axis=self.x_axis)

    def down(self) -> alt.Y:
        return alt.Y(
            "method:N", title=None, sort=self.names, scale=alt.Scale(domain=self.names),
            axis=alt.Axis(
                domain=False, grid=True, ticks=False, labelOpacity=0, labelLimit=LABEL_ROOM,
                minExtent=LABEL_ROOM, maxExtent=LABEL_ROOM,
            ),
        )  # fmt: skip

    @property
    def colour(self) -> alt.Color:
        colours = [one.colour for one in self.lines]
        return alt.Color(
            "method:N", scale=alt.Scale(domain=self.names, range=colours), legend=None
        )

    @property
    def shape(self) -> alt.Shape:
        shapes = [one.shape for one in self.lines]
        return alt.Shape("method:N", scale=alt.Scale(domain=self.names, range=shapes), legend=None)


def rows_of(
    lines: Sequence[Series], seen: Sequence[float], unit: str, title: str, log: bool, dark: bool
) -> Rows:
    """The axes, wide enough for every number that is drawn."""
    log = log and all(value > 0 for value in seen)
    x = axes.around(seen, log, WIDTH, 14, 14)
    axis = alt.Axis(labelExpr=unit, grid=True, labelOverlap=True, **ticks(x, unit, 5))
    return Rows(lines, x, axis, title, dark)


def ticks(extent: Extent, unit: str, most: int) -> dict[str, Any]:
    """Few round values; left to the browser where the axis is linear, or spans less than a decade."""
    if unit == axes.BYTES:
        steps = axes.doublings(extent) if extent.log else axes.binary_steps(extent)
    else:
        steps = axes.decades(extent) if extent.log else []
    if len(steps) < 2:
        return {"tickCount": most}
    return {"values": steps[:: -(-len(steps) // most)]}


def names(rows: Rows) -> list[alt.Chart]:
    """The method of each row, and below it in small what of its parameters is not the default."""
    names = [called(one.name) for one in rows.lines]
    first = [called(method_of(one.name)) for one in rows.lines]
    table = pd.DataFrame(
        {
            "method": rows.names,
            "first": first,
            "second": [
                name.removeprefix(of).strip() for name, of in zip(names, first, strict=True)
            ],
        }
    )
    base = alt.Chart(table).encode(x=alt.value(0), y=rows.down())
    common: dict[str, Any] = {
        "align": "right",
        "baseline": "middle",
        "dx": -9,
        "limit": LABEL_ROOM,
        "tooltip": None,
    }
    lone = base.transform_filter("datum.second == ''")
    double = base.transform_filter("datum.second != ''")
    tone = ink(rows.dark)
    return [
        lone.mark_text(fontSize=12, color=tone.text, **common).encode(text="first:N"),
        double.mark_text(fontSize=12, color=tone.text, dy=-6, **common).encode(text="first:N"),
        double.mark_text(fontSize=10, color=tone.muted, dy=6, **common).encode(text="second:N"),
    ]


def tips() -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in TOOLTIP.items()]


def band(rows: Rows, low: float, high: float, words: str) -> alt.Chart:
    """A stretch of the value axis, over every row."""
    table = pd.DataFrame({"low": [low], "high": [high], "what": [words]})
    base = alt.Chart(table).mark_rect(color=ink(rows.dark).muted, opacity=0.2)
    return base.encode(
        x=rows.across("low"), x2="high:Q", tooltip=alt.Tooltip("what:N", title="Band")
    )


def rule(rows: Rows, value: float, words: str) -> alt.Chart:
    """One height that every row is read against."""
    table = pd.DataFrame({"value": [value], "what": [words]})
    base = alt.Chart(table).mark_rule(
        color=ink(rows.dark).muted, strokeWidth=1.4, strokeDash=[5, 3]
    )
    return base.encode(x=rows.across(), tooltip=alt.Tooltip("what:N", title="Line"))


def whiskers(rows: Rows, table: pd.DataFrame, width: float = 2.0) -> alt.Chart:
    base = alt.Chart(table).mark_rule(strokeWidth=width, opacity=0.75, clip=True, tooltip=None)
    return base.encode(x=rows.across("low"), x2="high:Q", y=rows.down(), color=rows.colour)


def marks(rows: Rows, table: pd.DataFrame) -> alt.Chart:
    """The method's own mark."""
    base = alt.Chart(table).mark_point(filled=True, opacity=1, strokeWidth=0, size=78)
    return base.encode(
        x=rows.across(), y=rows.down(), color=rows.colour, shape=rows.shape, tooltip=tips()
    )


def hollow(rows: Rows, table: pd.DataFrame, size: float = 46) -> alt.Chart:
    """The same mark, empty and smaller: the method, but not trained."""
    base = alt.Chart(table).mark_point(
        filled=True, size=size, strokeWidth=1.3, opacity=1, fill=PAPER[rows.dark]
    )
    return base.encode(
        x=rows.across(), y=rows.down(), stroke=alt.Stroke(
            "method:N",
            scale=alt.Scale(domain=rows.names, range=[one.colour for one in rows.lines]),
            legend=None,
        ),
        shape=rows.shape, tooltip=tips(),
    )  # fmt: skip


def stars(rows: Rows, table: pd.DataFrame) -> alt.Chart:
    """What was published: a mark and a colour that nothing of ours has."""
    tone = ink(rows.dark).accent
    base = alt.Chart(table).mark_point(
        shape=STAR,
        size=52,
        strokeWidth=1.4,
        stroke=tone,
        fill=PAPER[rows.dark],
        opacity=1,
        filled=True,
    )
    return base.encode(x=rows.across(), y=rows.down(), tooltip=tips())


def failures(rows: Rows, table: pd.DataFrame) -> alt.Chart:
    """A mark at the right edge where there is no number; several of one row stand side by side. `place` counts
    them, `published` says whose they are."""
    tone = ink(rows.dark)
    colours = [one.colour for one in rows.lines]
    base = alt.Chart(table).mark_point(size=30, strokeWidth=1.8, filled=False, opacity=1)
    return base.encode(
        x=alt.value("width"), xOffset=alt.XOffset("shift:Q", scale=None), y=rows.down(),
        color=alt.condition(
            "datum.published", alt.value(tone.accent),
            alt.Color("method:N", scale=alt.Scale(domain=rows.names, range=colours), legend=None),
        ),
        shape=alt.Shape(
            "outcome:N",
            scale=alt.Scale(domain=list(FAILURES), range=list(FAILURES.values())), legend=None,
        ),
        tooltip=[
            alt.Tooltip("called:N", title="Method"), alt.Tooltip("n:N", title="N"),
            alt.Tooltip("outcome:N", title="Outcome"), alt.Tooltip("message:N", title="Why"),
        ],
    )  # fmt: skip


def words(rows: Rows, table: pd.DataFrame) -> alt.Chart:
    """The value of each row, beside it."""
    base = alt.Chart(table).mark_text(
        align="left",
        baseline="middle",
        dx=12,
        fontSize=12,
        color=ink(rows.dark).text,
        tooltip=None,
    )
    return base.encode(x=alt.value("width"), y=rows.down(), text="shown:N")
