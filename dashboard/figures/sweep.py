"""A sweep as charts: time, memory, rates and ratios against sequence length, for one run or several."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from attn_core.naming import called
from dashboard.figures import axes, sweep_data
from dashboard.figures import sweep_layers as layer
from dashboard.figures.amounts import sizes_line
from dashboard.figures.export import Figure
from dashboard.figures.frames import column, where
from dashboard.figures.quantities import QUANTITIES, YARDSTICK, is_ratio, quantity_named, values
from dashboard.figures.reading import reading
from dashboard.figures.series import named_by_series, series_of
from dashboard.figures.theme import config

HEIGHT = 340
# What the plot's width is about, for room at its ends; the page decides the rest.
PLOT_WIDTH = 800.0
FLOOR_DASH, AGAIN_DASH = [1, 4], [6, 2]
NONE = pd.DataFrame()


def sweep_chart(
    rows: pd.DataFrame,
    quantity: str,
    *,
    scale: str = "log",
    relative_to: str | None = None,
    per_token: bool = False,
    nulls: pd.DataFrame | None = None,
    slopes: Mapping[str, float] | None = None,
    crossovers: pd.DataFrame | None = None,
    floors: bool = True,
    dark: bool = False,
) -> alt.LayerChart:
    """One line a method and run. `rows` are stored rows (with a column `run` where there are several runs);
    `nulls` the second measurings, `slopes` exponents by label, `crossovers` rows of label, length, low, high."""
    form = quantity_named(quantity)
    rows, nulls = named_by_series(rows), NONE if nulls is None else nulls
    ratio = is_ratio(quantity, relative_to)
    unit = "speedup" if ratio else quantity
    drawn = sweep_data.described(values(rows, quantity, relative_to, per_token), unit)
    failed = where(rows, ~sweep_data.timed(rows))
    beside: list[tuple[pd.DataFrame, list[int]]] = []
    if unit == "time":
        again = sweep_data.second_measurings(nulls, rows, per_token)
        quiet = sweep_data.floors(rows, per_token) if floors else NONE
        beside = [(t, dash) for t, dash in ((quiet, FLOOR_DASH), (again, AGAIN_DASH)) if len(t)]
    # Two times of one method say nothing about its memory.
    twice = sweep_data.noise(nulls) if ratio and quantity != "memory" else NONE
    # Bands are seen whole, and ratios are read against 1, so it stays in sight.
    seen = [value for table in (drawn, twice) if len(table) for value in _heights(table)]
    seen += [value for table, _ in beside for value in table["value"]] + [1.0] * ratio
    of = f"{form.name} relative to {called(relative_to or '')}, ×"
    title = of if form.relative and ratio else None
    canvas = _canvas(
        rows, failed, seen, axes.TIMES if ratio else form.unit, scale, dark, y_title=title
    )
    parts = [layer.quiet_lines(canvas, table, dash) for table, dash in beside]
    if ratio:
        parts += [*(layer.noise(canvas, twice) if len(twice) else []), layer.unity(canvas)]
    if len(drawn):
        drawn = canvas.sorted(drawn)
        parts += [layer.band(canvas, drawn), *layer.lines(canvas, drawn)]
    if len(failed):
        parts.append(layer.failures(canvas, failed))
    if quantity == "speedup" and crossovers is not None:
        parts += layer.crossings(canvas, sweep_data.crossings(crossovers, canvas.lines))
    printed = (slopes or {}) if unit == "time" else None
    parts += layer.end_labels(canvas, sweep_data.labels(canvas, rows, drawn, unit, printed))
    # All at once: each of a chart's own methods would copy all of it.
    return alt.LayerChart(
        layer=parts,
        resolve=alt.Resolve(scale=alt.ScaleResolveMap(shape="independent")),
        height=canvas.y.pixels,
        width="container",
        config=alt.Config(**config(dark)),
    )


def _canvas(
    rows: pd.DataFrame,
    failed: pd.DataFrame,
    seen: Sequence[float],
    unit: str,
    scale: str,
    dark: bool,
    y_title: str | None,
) -> layer.Canvas:
    """The axes, with room at the top for the marks of failures, and at the side for one label a line."""
    lines, log = series_of(rows, dark), scale == "log"
    height = max(HEIGHT, math.ceil(layer.LABEL_GAP * len(lines)))
    strip = layer.FAILURE_GAP * column(failed, "series").nunique() + 6 if len(failed) else 0
    y = axes.around(seen, log, height, 12, 12 + strip)
    lengths = sorted({int(length) for length in rows["queries"]})
    x = axes.around(map(float, lengths), log, PLOT_WIDTH, 12, 14)
    ticks: dict[str, Any] = {"values": lengths} if log else {"tickCount": 8}
    return layer.Canvas(
        x=x,
        y=y,
        x_axis=alt.Axis(format=",d", labelOverlap=True, grid=True, **ticks),
        y_axis=alt.Axis(labelExpr=unit, **_ticks(y, unit)),
        lines=lines,
        dark=dark,
        y_title=y_title,
    )


def _heights(table: pd.DataFrame) -> list[float]:
    return [value for name in ("value", "low", "high") for value in table[name]]


def _ticks(y: axes.Extent, unit: str) -> dict[str, Any]:
    if unit == axes.BYTES:
        return {"values": axes.doublings(y) if y.log else axes.binary_steps(y)}
    return {"values": axes.decades(y)} if y.log else {"tickCount": 6}


def sweep_figures(
    run: Any,
    rows: pd.DataFrame,
    nulls: pd.DataFrame | None = None,
    environment_line: str = "",
    slopes: Mapping[str, float] | None = None,
    crossovers: pd.DataFrame | None = None,
) -> list[Figure]:
    """Every chart of a run as it is exported: light, with the setting below the title and at its foot how to read
    it."""
    figures = []
    for name in drawable(rows):
        form = QUANTITIES[name]
        chart = sweep_chart(rows, name, nulls=nulls, slopes=slopes, crossovers=crossovers)
        figures.append(
            Figure(
                chart,
                flat(rows),
                f"{form.title} against sequence length",
                sizes_line(run.settings),
                environment_line,
                reading(rows, nulls, name, crossovers=crossovers),
            )
        )
    return figures


def drawable(rows: pd.DataFrame) -> list[str]:
    """The quantities that a run has a chart of: without flash there is nothing to be faster than."""
    known = set(rows["label"])
    return [name for name in QUANTITIES if name != "speedup" or YARDSTICK in known]


def flat(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as a figure's files take them: no raw samples, and nothing where nothing is known."""
    kept = rows.drop(columns=[c for c in ("samples", "ratios", "series") if c in rows])
    return kept.astype(object).where(kept.notna(), None)


__all__ = ["QUANTITIES", "YARDSTICK", "drawable", "flat", "sweep_chart", "sweep_figures"]
