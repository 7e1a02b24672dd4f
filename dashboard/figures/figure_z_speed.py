"""Figure Z, right: how fast, or how large, one call is: against length above, and a row a method below."""

from __future__ import annotations

import altair as alt
import pandas as pd

from dashboard.figures import axes
from dashboard.figures import figure_z_rows as row
from dashboard.figures import sweep_layers as layer
from dashboard.figures.figure_z_metrics import SPEED
from dashboard.figures.figure_z_quality import (
    CURVES_HEIGHT,
    corner,
    described,
    failed,
    ok,
    own,
    published,
    row_labels,
)
from dashboard.figures.figure_z_rows import Width
from dashboard.figures.figure_z_series import lines_of
from dashboard.figures.frames import column, where


def speed_chart(
    found: pd.DataFrame,
    metric: str,
    length: int,
    *,
    width: Width = "container",
    dark: bool = False,
) -> alt.LayerChart:
    """`found` are summary lines of the metric; the rows show the trained length, and published numbers their own."""
    form = SPEED[metric]
    found = described(at_trained(found, length), form)
    labels = row_labels(found)
    known = ok(found)
    ends = [*known["value"], *known["low"].dropna(), *known["high"].dropna()]
    title = f"{form.title} at N = {length:,} ({form.direction})"
    rows = row.rows_of(lines_of(labels, dark), ends, form.unit, title, form.log, dark)
    parts = row.names(rows)
    if len(main := own(known)):
        spread = where(main, column(main, "low").notna())
        parts += [row.whiskers(rows, spread), row.marks(rows, main), row.words(rows, main)]
    if len(some := published(known)):
        parts.append(row.stars(rows, some))
        alone = where(some, ~column(some, "method").isin(main["method"]))
        parts += [row.words(rows, alone)] if len(alone) else []
    if len(missing := failed(found)):
        parts.append(row.failures(rows, missing))
    return alt.LayerChart(layer=parts, height=rows.height, width=width, resolve=row.OWN_SHAPES)


def growth_chart(
    found: pd.DataFrame, metric: str, *, width: Width = "container", dark: bool = False
) -> alt.LayerChart:
    """The same against length; what has no number is a mark at the top edge. The rows below name the lines."""
    form = SPEED[metric]
    found = described(without_controls(found), form)
    labels = row_labels(found)
    ours = own(found).assign(
        series=own(found)["method"],
        queries=own(found)["length"],
        samples_count=own(found)["seeds"],
    )
    drawn = ok(ours)
    missing = where(ours, ~column(ours, "outcome").eq("ok"))
    lines = lines_of(labels, dark)
    log = bool(len(drawn)) and bool((drawn["value"] > 0).all())
    strip = layer.FAILURE_GAP * column(missing, "series").nunique() + 4 if len(missing) else 0
    y = axes.around(drawn["value"], log, CURVES_HEIGHT, 6, 6 + strip)
    lengths = sorted({float(one) for one in ours["queries"]})
    canvas = layer.Canvas(
        x=axes.around(lengths, True, row.WIDTH, 10, 10),
        y=y,
        x_axis=alt.Axis(values=lengths, format=",d", grid=False, labelOverlap=True),
        y_axis=alt.Axis(labelExpr=form.unit, **row.ticks(y, form.unit, 4)),
        lines=lines,
        dark=dark,
    )
    parts = layer.lines(canvas, canvas.sorted(drawn)) if len(drawn) else []
    if len(missing):
        parts.append(layer.failures(canvas, missing))
    return alt.LayerChart(
        layer=[*parts, corner(form.name, dark, left=True)],
        height=CURVES_HEIGHT,
        width=width,
        resolve=row.OWN_SHAPES,
    )


def grows(found: pd.DataFrame) -> bool:
    """Whether there is more than one length to draw a line through."""
    return column(ok(own(found)), "length").nunique() > 1


def at_trained(found: pd.DataFrame, length: int) -> pd.DataFrame:
    """What the rows show: every one of them has a number or a mark."""
    found = without_controls(found)
    here = (column(found, "length") == length) | (column(found, "student") == "published")
    return where(found, here)


def without_controls(found: pd.DataFrame) -> pd.DataFrame:
    """Untrained and attention-free models are as fast as trained ones: they have no rows here."""
    return where(found, column(found, "student").isin(["distilled", "teacher", "published"]))
