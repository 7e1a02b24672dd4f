"""Figure Z, left: how good each translator became, and how it got there."""

from __future__ import annotations

from dataclasses import dataclass

import altair as alt
import pandas as pd

from attn_core.naming import called
from dashboard.figures import axes
from dashboard.figures import figure_z_rows as row
from dashboard.figures.figure_z_metrics import PLAIN, QUALITY, Metric
from dashboard.figures.figure_z_rows import Width
from dashboard.figures.figure_z_series import lines_of
from dashboard.figures.frames import column, records, where
from dashboard.figures.theme import ink

CURVES_HEIGHT = 88
# What the curves can show: one unit at a time, since the stages learn different things.
CURVES = {
    "val_ce": ("Validation CE", "val_ce", ("teacher", "transfer", "logits")),
    "teacher": ("Loss of the teacher", "loss", ("teacher",)),
    "transfer": ("Loss of attention transfer", "loss", ("transfer",)),
    "logits": ("Loss of distillation", "loss", ("logits",)),
}
STUDENT_WORDS = {
    "distilled": "distilled",
    "teacher": "teacher",
    "drop-in": "dropped in, not trained",
    "identity": "no attention at all",
    "published": "published",
}
OWN = ("distilled", "teacher")


@dataclass(frozen=True)
class Noise:
    """A band within which differences mean nothing, and what strays that far."""

    low: float
    high: float
    of: str

    @property
    def ends(self) -> tuple[float, float]:
        return self.low, self.high


def described(found: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """The values as words, for tooltips and labels."""
    spread = [
        "" if pd.isna(low) else f"{metric.words(low)} – {metric.words(high)}"
        for low, high in zip(found["low"], found["high"], strict=True)
    ]
    return found.assign(
        called=[called(label) for label in found["method"]],
        shown=["" if pd.isna(value) else metric.words(value) for value in found["value"]],
        spread=spread,
        what=[STUDENT_WORDS.get(student, student) for student in found["student"]],
        n=[f"{int(length):,}" if pd.notna(length) else "" for length in found["length"]],
        note=[
            f"{seeds} {'seed' if seeds == 1 else 'seeds'}{'. ' if why else ''}{why}"
            for seeds, why in zip(found["seeds"], found["message"], strict=True)
        ],
        published=column(found, "student") == "published",
    )


def row_labels(found: pd.DataFrame) -> list[str]:
    """The methods that have a row: every one with a cell; the teacher's own only where no student has it."""
    return list(dict.fromkeys(column(found, "method")))


def ours(found: pd.DataFrame) -> pd.DataFrame:
    return where(found, column(found, "student") != "published")


def published(found: pd.DataFrame) -> pd.DataFrame:
    """What others published stands at their own length, whichever ours is."""
    return where(found, column(found, "student") == "published")


def own(found: pd.DataFrame) -> pd.DataFrame:
    """What stands for a method: its distilled student, and the teacher where it has none."""
    rows = where(found, column(found, "student").isin(OWN))
    trained = set(where(rows, column(rows, "student") == "distilled")["method"])
    keep = (column(rows, "student") == "distilled") | ~column(rows, "method").isin(trained)
    return where(rows, keep)


def ok(found: pd.DataFrame) -> pd.DataFrame:
    return where(found, column(found, "outcome").eq("ok") & column(found, "value").notna())


def failed(found: pd.DataFrame) -> pd.DataFrame:
    """What has no number, with its place from the right edge."""
    rows = where(found, ~column(found, "outcome").eq("ok"))
    rows = where(rows, column(rows, "student").isin([*OWN, "published"]))
    return rows.assign(shift=-9.0 * rows.groupby("method").cumcount() - 4)


def quality_chart(
    found: pd.DataFrame,
    metric: str,
    length: int,
    *,
    noise: Noise | None = None,
    width: Width = "container",
    dark: bool = False,
) -> alt.LayerChart:
    """Final values at the trained length, a row a method. `found` are summary lines of the metric at that length;
    `noise` is how far exact attention strays, and over what."""
    form = QUALITY[metric]
    found = described(found, form)
    known = ok(found)
    ends = [
        *known["value"],
        *known["low"].dropna(),
        *known["high"].dropna(),
        *(noise.ends if noise else ()),
    ]
    title = f"{form.title} at N = {length:,} ({form.direction})"
    rows = row.rows_of(lines_of(row_labels(found), dark), ends, form.unit, title, form.log, dark)
    parts = row.names(rows)
    if noise is not None and noise.low < noise.high:
        spread = f"{noise.of}: {form.words(noise.low)} – {form.words(noise.high)}"
        parts.append(row.band(rows, *noise.ends, spread))
    teacher = where(known, column(known, "student") == "teacher")
    for one in records(teacher)[:1]:
        parts.append(row.rule(rows, one["value"], f"teacher {one['shown']}"))
    parts += _marks(rows, known)
    missing = failed(found)
    if len(missing):
        parts.append(row.failures(rows, missing))
    return alt.LayerChart(layer=parts, height=rows.height, width=width, resolve=row.OWN_SHAPES)


def _marks(rows: row.Rows, known: pd.DataFrame) -> list[alt.Chart]:
    parts = []
    for student, draw in (
        ("drop-in", row.hollow),
        ("identity", row.marks),
        ("published", row.stars),
    ):
        if len(some := where(known, column(known, "student") == student)):
            parts.append(draw(rows, some))
    main = own(known)
    if len(main):
        parts += [
            row.whiskers(rows, where(main, column(main, "low").notna())),
            row.marks(rows, main),
        ]
    alone = where(known, column(known, "student").isin(["identity", "published"]))
    beside = pd.concat([main, alone.sort_values("student")])
    if len(beside):
        parts.append(row.words(rows, beside.drop_duplicates("method")))
    return parts


def curve_points(curves: pd.DataFrame, which: str) -> pd.DataFrame:
    """One line a model and seed: its value against its own step; stages of one student follow each other."""
    _, value, stages = CURVES[which]
    rows = where(curves, column(curves, "stage").isin(stages) & curves[value].notna())
    ends: dict[tuple[str, int], int] = {}
    for one in records(where(curves, column(curves, "stage") == "transfer")):
        of = (one["method"], one["seed"])
        ends[of] = max(ends.get(of, 0), int(one["step"]))
    behind = [
        ends.get((one["method"], one["seed"]), 0)
        if which == "val_ce" and one["stage"] == "logits"
        else 0
        for one in records(rows, "method", "seed", "stage")
    ]
    names = [
        "teacher" if one["student"] == "teacher" else one["method"]
        for one in records(rows, "student", "method")
    ]
    return rows.assign(
        value=rows[value], at=column(rows, "step").astype(float) + behind, line=names,
        series=[f"{name} {seed}" for name, seed in zip(names, rows["seed"], strict=True)],
    )  # fmt: skip


def curves_there(curves: pd.DataFrame) -> list[str]:
    """What of CURVES has at least one point."""
    return [which for which in CURVES if len(curve_points(curves, which))]


def curves_chart(
    curves: pd.DataFrame, which: str, *, width: Width = "container", dark: bool = False
) -> alt.LayerChart:
    """Training, as far as it came; a line a model and seed, in its method's colour, the teacher's dotted."""
    title, _, _ = CURVES[which]
    points = curve_points(curves, which)
    lines = lines_of(dict.fromkeys(column(points, "method")), dark)
    log = bool(len(points)) and bool((points["value"] > 0).all())
    y = axes.around(points["value"], log, CURVES_HEIGHT, 6, 6)
    table = points[["line", "series", "method", "seed", "stage", "at", "value", "tokens_per_s"]]
    base = alt.Chart(table).encode(
        x=alt.X("at:Q", title="Step", axis=alt.Axis(tickCount=5, format=",d", grid=False)),
        y=alt.Y("value:Q", title=None, scale=y.scale, axis=alt.Axis(labelExpr=PLAIN, **row.ticks(y, PLAIN, 4))),
        color=alt.Color(
            "method:N", legend=None,
            scale=alt.Scale(domain=[one.name for one in lines], range=[one.colour for one in lines]),
        ),
        detail="series:N",
    )  # fmt: skip
    drawn = base.mark_line(strokeWidth=1.6, clip=True, tooltip=None).encode(
        strokeDash=alt.condition("datum.line == 'teacher'", alt.value([2, 2]), alt.value([1, 0]))
    )
    points_tip = base.mark_point(size=60, opacity=0, clip=True).encode(
        tooltip=[
            alt.Tooltip("line:N", title="Model"), alt.Tooltip("stage:N", title="Stage"),
            alt.Tooltip("seed:N", title="Seed"), alt.Tooltip("at:Q", title="Step", format=",d"),
            alt.Tooltip("value:Q", title=title, format=".3~g"),
            alt.Tooltip("tokens_per_s:Q", title="Tokens/s", format=",.3~s"),
        ]
    )  # fmt: skip
    return alt.LayerChart(
        layer=[drawn, points_tip, corner(title, dark)], height=CURVES_HEIGHT, width=width
    )


def corner(text: str, dark: bool, *, left: bool = False) -> alt.Chart:
    """What the vertical axis shows, in the upper corner that the lines leave free."""
    base = alt.Chart(pd.DataFrame({"text": [text]})).mark_text(
        align="left" if left else "right", baseline="top", dx=4 if left else -2, fontSize=12,
        color=ink(dark).muted, tooltip=None,
    )  # fmt: skip
    return base.encode(x=alt.value(0 if left else "width"), y=alt.value(0), text="text:N")
