"""A sweep as charts: time, memory, rates and ratios against sequence length, for one run or several."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from dashboard.figures import axes, sweep_data
from dashboard.figures import sweep_layers as layer
from dashboard.figures.amounts import sizes_line
from dashboard.figures.export import Figure
from dashboard.figures.frames import column, where
from dashboard.figures.quantities import QUANTITIES, YARDSTICK, quantity_named, values
from dashboard.figures.series import named_by_series, series_of
from dashboard.figures.theme import config

HEIGHT = 340
# What the plot's width is about, for room at its ends; the page decides the rest.
PLOT_WIDTH = 800.0
FLOOR_DASH, AGAIN_DASH = [1, 4], [6, 2]
# What the lines and their bands are, for a subtitle.
BAND = "median, band p20 to p80"
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
    is_ratio = quantity == "speedup" or (form.relative and relative_to is not None)
    unit = "speedup" if is_ratio else quantity
    drawn = sweep_data.described(values(rows, quantity, relative_to, per_token), unit)
    failed = where(rows, ~sweep_data.timed(rows))
    beside: list[tuple[pd.DataFrame, list[int]]] = []
    if unit == "time":
        again = sweep_data.second_measurings(nulls, rows, per_token)
        quiet = sweep_data.floors(rows, per_token) if floors else NONE
        beside = [(t, dash) for t, dash in ((quiet, FLOOR_DASH), (again, AGAIN_DASH)) if len(t)]
    # Ratios are read against 1, so it stays in sight.
    seen = [*drawn["value"], *([1.0] if is_ratio else [])]
    seen += [value for table, _ in beside for value in table["value"]]
    canvas = _canvas(rows, failed, seen, axes.TIMES if is_ratio else form.unit, scale, dark)
    parts = [layer.quiet_lines(canvas, table, dash) for table, dash in beside]
    if is_ratio:
        twice = sweep_data.noise(nulls)
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
    )


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
    """Every chart of a run as it is exported: light, with the setting below the title."""
    figures = []
    for name, form in QUANTITIES.items():
        if name == "speedup" and "flash" not in set(rows["label"]):
            continue  # there is nothing to be faster than
        chart = sweep_chart(rows, name, nulls=nulls, slopes=slopes, crossovers=crossovers)
        figures.append(
            Figure(
                chart,
                flat(rows),
                f"{form.title} against sequence length",
                f"{sizes_line(run.settings)} · {BAND}",
                environment_line,
            )
        )
    return figures


def flat(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as a table file takes them: no raw samples, parameters as words, nothing a reader must parse."""
    kept = rows.drop(columns=[c for c in ("samples", "series") if c in rows])
    if "params" in kept:
        words = [", ".join(f"{k}={v}" for k, v in (p or {}).items()) for p in kept["params"]]
        kept = kept.assign(params=words)
    return kept.astype(object).where(kept.notna(), None)


__all__ = ["BAND", "QUANTITIES", "YARDSTICK", "flat", "sweep_chart", "sweep_figures"]
