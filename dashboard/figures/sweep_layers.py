"""The layers of a sweep's chart. Every layer knows only its own small table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import altair as alt
import pandas as pd

from attn_core.naming import called
from dashboard.figures.axes import Extent
from dashboard.figures.series import Series, below_first
from dashboard.figures.theme import ink

Channel = TypeVar("Channel")
PAPER = {False: "#ffffff", True: "#15171b"}
# Strokes, not letters: they look the same in every font. A cross for "did not fit", a dash for "does not exist".
FAILURES = {
    "oom": "M-1,-1L1,1M-1,1L1,-1",
    "unsupported": "M-1,0L1,0",
    "timeout": "M-1,-1L1,-1L-1,1L1,1Z",
    "error": "M0,-1L0,0.3M0,0.8L0,1",
    "cancelled": "M-0.5,-1L-0.5,1M0.5,-1L0.5,1",
}
LABEL_SIZE = 12
LABEL_GAP = 17.0
FAILURE_GAP = 9.0
TOOLTIP = {
    "series": "Method",
    "queries": "N",
    "shown": "Value",
    "spread": "p20 – p80",
    "samples_count": "Samples",
    "outcome": "Outcome",
}


@dataclass(frozen=True)
class Canvas:
    """What all layers share: the two axes and the lines that exist."""

    x: Extent
    y: Extent
    x_axis: alt.Axis
    y_axis: alt.Axis
    lines: Sequence[Series]
    dark: bool
    y_title: str | None = None

    def across(self, field: str = "queries") -> alt.X:
        return alt.X(f"{field}:Q", title="Sequence length N", scale=self.x.scale, axis=self.x_axis)

    def up(self, field: str = "value") -> alt.Y:
        return alt.Y(f"{field}:Q", title=self.y_title, scale=self.y.scale, axis=self.y_axis)

    @property
    def colour(self) -> alt.Color:
        return self._by_line(alt.Color, [one.colour for one in self.lines])

    @property
    def stroke(self) -> alt.Stroke:
        return self._by_line(alt.Stroke, [one.colour for one in self.lines])

    @property
    def fill(self) -> alt.Fill:
        return self._by_line(alt.Fill, [one.colour for one in self.lines])

    @property
    def shape(self) -> alt.Shape:
        return self._by_line(alt.Shape, [one.shape for one in self.lines])

    @property
    def dash(self) -> alt.StrokeDash:
        return self._by_line(alt.StrokeDash, [list(one.dash) for one in self.lines])

    @property
    def opacity(self) -> alt.Opacity:
        # In an order, without which the browser warns.
        return self._by_line(alt.Opacity, [one.opacity for one in self.lines], "O")

    def _by_line(
        self, channel: Callable[..., Channel], values: list[Any], kind: str = "N"
    ) -> Channel:
        names = [one.name for one in self.lines]
        scale = alt.Scale(domain=names, range=values)
        return channel(f"series:{kind}", scale=scale, legend=None)

    def sorted(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Later rows are drawn on top."""
        order = {name: place for place, name in enumerate(below_first(list(self.lines)))}
        return rows.sort_values(
            ["series", "queries"], key=lambda c: c.map(order) if c.name == "series" else c
        )


def band(canvas: Canvas, rows: pd.DataFrame) -> alt.Chart:
    """p20 to p80 around each line."""
    base = alt.Chart(rows[["series", "queries", "low", "high"]]).mark_area(
        opacity=0.14, clip=True, tooltip=None
    )
    return base.encode(
        x=canvas.across(), y=canvas.up("low"), y2="high:Q", color=canvas.colour, detail="series:N"
    )


def lines(canvas: Canvas, rows: pd.DataFrame) -> list[alt.Chart]:
    """Line and markers; a hollow marker is a median whose interval stayed wide."""
    table = rows[
        ["series", "queries", "value", *(c for c in TOOLTIP if c not in ("series", "queries"))]
    ]
    base = alt.Chart(table).encode(x=canvas.across(), y=canvas.up())
    drawn = base.mark_line(strokeWidth=2.1, tooltip=None).encode(
        color=canvas.colour, strokeDash=canvas.dash, opacity=canvas.opacity
    )
    tips = [
        alt.Tooltip(
            f"{field}:{'Q' if field in ('queries', 'samples_count') else 'N'}", title=title
        )
        for field, title in TOOLTIP.items()
    ]
    points = base.mark_point(filled=True, size=42, strokeWidth=1.4).encode(
        shape=canvas.shape,
        tooltip=tips,
        opacity=canvas.opacity,
        stroke=canvas.stroke,
        fill=alt.condition(
            alt.datum.outcome == "unstable", alt.value(PAPER[canvas.dark]), canvas.fill
        ),
    )
    return [drawn, points]


def quiet_lines(canvas: Canvas, rows: pd.DataFrame, dash: list[int]) -> alt.Chart:
    """What the measured lines are read against, hardly louder than the grid."""
    base = alt.Chart(rows[["series", "queries", "value"]])
    drawn = base.mark_line(strokeWidth=1, strokeDash=dash, opacity=0.55, clip=True, tooltip=None)
    return drawn.encode(x=canvas.across(), y=canvas.up(), color=canvas.colour, detail="series:N")


def noise(canvas: Canvas, rows: pd.DataFrame) -> list[alt.Chart]:
    """The same method measured twice: how far from 1 a ratio strays when nothing differs."""
    tone = ink(canvas.dark).muted
    base = alt.Chart(rows[["queries", "value", "low", "high"]]).encode(x=canvas.across())
    return [
        base.mark_area(color=tone, opacity=0.16, clip=True, tooltip=None).encode(
            y=canvas.up("low"), y2="high:Q"
        ),
        base.mark_line(
            color=tone, strokeWidth=1, strokeDash=[2, 3], clip=True, tooltip=None
        ).encode(y=canvas.up()),
    ]


def unity(canvas: Canvas) -> alt.Chart:
    """The height at which a ratio says: no difference."""
    rule = alt.Chart(pd.DataFrame({"value": [1.0]}))
    return rule.mark_rule(color=ink(canvas.dark).muted, strokeWidth=1, tooltip=None).encode(
        y=canvas.up()
    )


def crossings(canvas: Canvas, rows: pd.DataFrame) -> list[alt.Chart]:
    """Where a line passes the yardstick's: a ring at the length, a bar over its interval."""
    base = alt.Chart(rows)
    bar = base.mark_rule(strokeWidth=5, opacity=0.28, clip=True, tooltip=None).encode(
        x=canvas.across("low"), x2="high:Q", y=canvas.up("value"), color=canvas.colour
    )
    ring = base.mark_point(
        shape="circle", size=130, strokeWidth=2, fill=PAPER[canvas.dark], opacity=1
    ).encode(
        x=canvas.across(),
        y=canvas.up("value"),
        color=canvas.colour,
        tooltip=[
            alt.Tooltip("series:N", title="Method"),
            alt.Tooltip("queries:Q", title=f"As fast as {called('flash')} at N", format=",.0f"),
        ],
    )
    return [bar, ring]


def failures(canvas: Canvas, rows: pd.DataFrame) -> alt.Chart:
    """One mark a cell without a number, along the top edge; a line of marks belongs to one method."""
    names = [one.name for one in canvas.lines if one.name in set(rows["series"])]
    places = rows["series"].map(names.index)
    heights = [canvas.y.at(canvas.y.pixels - 6.0 - FAILURE_GAP * place) for place in places]
    table = rows[["series", "queries", "outcome", "message"]].assign(value=heights)
    base = alt.Chart(table).mark_point(size=26, strokeWidth=1.6, filled=False, opacity=0.95)
    return base.encode(
        x=canvas.across(),
        y=canvas.up(),
        color=canvas.colour,
        shape=alt.Shape(
            "outcome:N",
            scale=alt.Scale(domain=list(FAILURES), range=list(FAILURES.values())),
            legend=None,
        ),
        tooltip=[
            alt.Tooltip("series:N", title="Method"),
            alt.Tooltip("queries:Q", title="N", format=",d"),
            alt.Tooltip("outcome:N", title="Outcome"),
            alt.Tooltip("message:N", title="Why"),
        ],
    )


def end_labels(canvas: Canvas, rows: pd.DataFrame) -> list[alt.Chart]:
    """The legend, at the right edge and as near to each line's end as the others let it be. `rows` have
    `series`, `text`, `queries`, `value` (where the line ends), `longest` (the longest length of all) and
    `place` (the label's own height)."""
    edge = alt.value("width")
    base = alt.Chart(rows)
    marker = base.mark_point(filled=True, size=46, xOffset=22, opacity=1, tooltip=None).encode(
        x=edge, y=canvas.up("place"), color=canvas.colour, shape=canvas.shape
    )
    words = base.mark_text(
        align="left",
        baseline="middle",
        dx=34,
        fontSize=LABEL_SIZE,
        tooltip=None,
        color=ink(canvas.dark).text,
    ).encode(x=edge, y=canvas.up("place"), text="text:N")
    # A line that ends early gets no leader: it would look like a measurement.
    reaching = rows[rows["queries"] >= rows["longest"]].drop(columns="text")
    leader = (
        alt.Chart(reaching)
        .mark_rule(strokeWidth=1, opacity=0.5, x2Offset=14, tooltip=None)
        .encode(x=canvas.across(), x2=edge, y=canvas.up(), y2="place:Q", color=canvas.colour)
    )
    return [leader, marker, words]
