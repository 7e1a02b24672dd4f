"""Figure Z, middle: what is left of the quality at longer lengths, held against the teacher's own loss."""

from __future__ import annotations

import math

import altair as alt
import pandas as pd

from dashboard.figures import axes
from dashboard.figures import sweep_layers as layer
from dashboard.figures.figure_z_metrics import PUBLISHED, QUALITY, RATIO, SPEED
from dashboard.figures.figure_z_quality import described, ok, published
from dashboard.figures.figure_z_rows import Width
from dashboard.figures.figure_z_series import STAR, is_exact, lines_of, short_names
from dashboard.figures.frames import column, records, where
from dashboard.figures.series import Series
from dashboard.figures.theme import ink

HEIGHT = 260
WIDTH = 240.0
TEACHER = "teacher itself"
STRIP = layer.FAILURE_GAP
OUTCOMES = {"unsupported": "refused", "oom": "no memory", "error": "failed", "timeout": "too slow"}


def ratio_chart(
    found: pd.DataFrame,
    metric: str,
    base: int,
    *,
    height: float = HEIGHT,
    width: Width = "container",
    dark: bool = False,
) -> alt.LayerChart:
    """`found` are ratio lines by length; what has none is a mark at the top edge, a line of marks a method. Whoever
    keeps what the teacher keeps is at 1; the teacher's own share and the model without attention are grey lines."""
    found = described(found, SPEED["forward_s"]).assign(
        series=[TEACHER if s == "teacher" else m for m, s in zip(found["method"], found["student"], strict=True)],
        queries=found["length"].astype(float), samples_count=found["seeds"],
    )  # fmt: skip
    # The recipe sets its teacher to 1: that is the line at 1.
    controls = ["identity"] if metric == PUBLISHED else ["identity", "teacher"]
    ours = where(found, column(found, "student").isin(["distilled", *controls]))
    theirs = published(found)
    drawn = _worded(ok(ours))
    missing = _refused(ours)
    stars = _worded(ok(theirs))
    fallen = where(theirs, ~column(theirs, "outcome").eq("ok"))
    lines = lines_of(
        dict.fromkeys(s for s in [*ours["series"], *theirs["series"]] if s != TEACHER), dark
    )
    lines += [_teacher(dark)] if TEACHER in set(ours["series"]) else []
    strips = column(missing, "method").nunique() + bool(len(fallen))
    canvas = _canvas(found, [drawn, stars], lines, metric, base, height, strips, dark)
    parts = [_unity(canvas)]
    if len(drawn):
        bars = where(drawn, column(drawn, "low").notna())
        parts += [_bars(canvas, bars)] if len(bars) else []
        parts += layer.lines(canvas, _exact_below(drawn))
    if len(missing):
        parts.append(layer.failures(canvas, missing))
    if len(stars):
        parts.append(_stars(canvas, stars))
    if len(fallen):
        parts += _fallen(canvas, fallen)
    parts += layer.end_labels(canvas, _labels(canvas, found, ours, drawn))
    return alt.LayerChart(
        layer=parts, height=height, width=width,
        resolve=alt.Resolve(scale=alt.ScaleResolveMap(shape="independent")),
    )  # fmt: skip


def _refused(rows: pd.DataFrame) -> pd.DataFrame:
    return where(rows, ~column(rows, "outcome").eq("ok") & column(rows, "student").eq("distilled"))


def _teacher(dark: bool) -> Series:
    return Series(TEACHER, TEACHER, "", "teacher", ink(dark).muted, "circle", (2, 2), 1.0)


def ratio_title(metric: str, base: int) -> str:
    """What the height is: published errors are divided plainly, the rest is held against the teacher's own change."""
    if metric == PUBLISHED:
        return f"Error over that at N = {base:,}"
    form = QUALITY[metric]
    return f"{form.name} {'kept' if form.higher_is_better else 'grown'}, over the teacher's share"


def _worded(rows: pd.DataFrame) -> pd.DataFrame:
    spread = [
        "" if math.isnan(low) else f"{low:.3f} – {high:.3f}"
        for low, high in zip(rows["low"], rows["high"], strict=True)
    ]
    return rows.assign(shown=[f"{value:.3f}" for value in rows["value"]], spread=spread)


def _canvas(
    found: pd.DataFrame,
    tables: list[pd.DataFrame],
    lines: list[Series],
    metric: str,
    base: int,
    height: float,
    strips: int,
    dark: bool,
) -> layer.Canvas:
    seen = [
        1.0,
        *(v for t in tables for name in ("value", "low", "high") for v in t[name].dropna()),
    ]
    least, most = min(seen), max(seen)
    room = max(most - least, 0.1) * 0.06
    inner = height - 12 - STRIP * strips
    top = most + room + (most - least + 2 * room) * (height - inner) / inner
    y = axes.Extent(least - room, top, False, height)
    own = {float(base), *where(found, ~column(found, "published"))["queries"].dropna()}
    lengths = sorted(own | set(found["queries"].dropna()))
    x = axes.around(lengths, True, WIDTH, 10, 10)
    return layer.Canvas(
        x=x,
        y=y,
        x_axis=alt.Axis(values=lengths, labelExpr=_times(base, own), grid=True, labelOverlap=True),
        y_axis=alt.Axis(labelExpr=RATIO, tickCount=6),
        lines=lines,
        dark=dark,
        y_title=ratio_title(metric, base),
    )


def _times(base: int, own: set[float]) -> str:
    """A tick says the length, and below it how many times the trained one it is; a length that only published
    numbers have is no multiple of ours."""
    times = f"'×' + format(datum.value / {base}, '~g')"
    return f"[format(datum.value, ',d'), indexof({sorted(own)}, datum.value) < 0 ? 'published' : {times}]"


def _exact_below(drawn: pd.DataFrame) -> pd.DataFrame:
    """What is there to compare with is drawn first."""
    plain = [
        student != "distilled" or is_exact(method)
        for method, student in zip(drawn["method"], drawn["student"], strict=True)
    ]
    return drawn.assign(plain=plain).sort_values(
        ["plain", "series", "queries"], ascending=[False, True, True]
    )


def _unity(canvas: layer.Canvas) -> alt.Chart:
    """The teacher."""
    table = pd.DataFrame({"value": [1.0]})
    drawn = alt.Chart(table).mark_rule(color=ink(canvas.dark).muted, strokeWidth=1.2, tooltip=None)
    return drawn.encode(y=canvas.up())


def _bars(canvas: layer.Canvas, rows: pd.DataFrame) -> alt.Chart:
    base = alt.Chart(rows[["series", "queries", "low", "high"]])
    drawn = base.mark_rule(strokeWidth=2, opacity=0.6, clip=True, tooltip=None)
    return drawn.encode(x=canvas.across(), y=canvas.up("low"), y2="high:Q", color=canvas.colour)


def _stars(canvas: layer.Canvas, rows: pd.DataFrame) -> alt.Chart:
    tone = ink(canvas.dark).accent
    base = alt.Chart(rows[["series", "queries", "value", "shown"]]).mark_point(
        shape=STAR, size=60, strokeWidth=1.4, stroke=tone, fill=layer.PAPER[canvas.dark],
        filled=True, opacity=1,
    )  # fmt: skip
    tips = [
        alt.Tooltip("series:N", title="Published"),
        alt.Tooltip("queries:Q", title="N", format=",d"),
        alt.Tooltip("shown:N", title="Ratio"),
    ]
    return base.encode(x=canvas.across(), y=canvas.up(), tooltip=tips)


def _fallen(canvas: layer.Canvas, rows: pd.DataFrame) -> list[alt.Chart]:
    """A failure that was published as a number: a mark in the published colour that says so, below ours."""
    table = rows[["series", "queries", "outcome", "message"]].assign(
        value=canvas.y.at(canvas.y.pixels - 6 - STRIP * column(rows, "method").nunique())
    )
    tone = ink(canvas.dark).accent
    base = alt.Chart(table).encode(x=canvas.across(), y=canvas.up())
    mark = base.mark_point(
        size=30, strokeWidth=1.8, filled=False, opacity=1, color=tone, shape=layer.FAILURES["unsupported"],
    )  # fmt: skip
    words = base.mark_text(
        text="fails", align="right", dx=-8, fontSize=11, color=tone, tooltip=None
    )
    tips = [
        alt.Tooltip("series:N", title="Published"),
        alt.Tooltip("queries:Q", title="N", format=",d"),
        alt.Tooltip("message:N", title="Why"),
    ]
    return [mark.encode(tooltip=tips), words]


def _labels(
    canvas: layer.Canvas, found: pd.DataFrame, ours: pd.DataFrame, drawn: pd.DataFrame
) -> pd.DataFrame:
    """One label a line at its end, with why it ends early; without any ratio, below the others."""
    ends = {
        one["series"]: one
        for one in records(drawn.sort_values("queries"), "series", "queries", "value")
    }
    missing = _refused(ours)
    why = {one["method"]: one["outcome"] for one in records(missing, "method", "outcome")}
    names = short_names(line.name for line in canvas.lines) | {TEACHER: TEACHER}
    table = []
    for line in canvas.lines:
        if line.name not in set(ours["series"]):
            continue
        outcome = why.get(line.name)
        text = names[line.name] + (f", {OUTCOMES.get(outcome, outcome)}" if outcome else "")
        end = ends.get(line.name, {"queries": math.nan, "value": math.nan})
        table.append((line.name, text, end["queries"], end["value"]))
    frame = pd.DataFrame(table, columns=["series", "text", "queries", "value"])
    wanted = [0.0 if math.isnan(v) else canvas.y.pixel(v) for v in frame["value"]]
    places = axes.spread(wanted, layer.LABEL_GAP, canvas.y.pixels)
    longest = max(found["queries"], default=0.0)
    return frame.assign(place=[canvas.y.at(place) for place in places], longest=longest)
