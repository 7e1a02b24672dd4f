"""Agreement with a noun far back: how often the right pronoun is preferred, by distance to what gives it away."""

from __future__ import annotations

import altair as alt
import pandas as pd

from attn_core.amounts import percent
from attn_core.naming import called
from attn_core.training.intervals import of_share
from dashboard.figures import axes
from dashboard.figures.axes import Extent
from dashboard.figures.figure_z_quality import own
from dashboard.figures.figure_z_rows import Width
from dashboard.figures.figure_z_series import lines_of, short_names
from dashboard.figures.frames import column, records, where
from dashboard.figures.series import Series
from dashboard.figures.theme import ink

CHANCE = 0.5
# Of fewer probes than this, even all of them right may be luck.
FEWEST = 20
FAINT = 0.3
HEIGHT = 260
EVIDENCE = {
    "both": "Either language tells the gender",
    "target": "Only the French text tells the gender",
}


def agreement_points(rows: pd.DataFrame, evidence: str) -> pd.DataFrame:
    """A line a method: seeds counted together, by distance; what has no probe is left out."""
    rows = drawn_length(rows)
    rows = own(where(rows, column(rows, "evidence") == evidence))
    keys = ["method", "student", "distance_low", "distance_high"]
    found = rows.groupby(keys, sort=False, dropna=False).agg(
        correct=("correct", "sum"),
        total=("total", "sum"),
    )
    found = where(found.reset_index(), found.reset_index()["total"] > 0)
    counts = zip(found["correct"], found["total"], strict=True)
    spans = [of_share(int(correct), int(total)) for correct, total in counts]
    return found.assign(
        value=found["correct"] / found["total"],
        low=[low for low, _ in spans],
        high=[high for _, high in spans],
    ).sort_values("distance_low")


def drawn_length(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the trained length. Longer ones would mix distance with positions that no model was trained on."""
    return where(rows, column(rows, "length") == column(rows, "length").min())


def agreement_chart(
    rows: pd.DataFrame,
    evidence: str,
    *,
    width: Width = "container",
    dark: bool = False,
) -> alt.LayerChart:
    """Accuracy by distance; at 50% a method guesses."""
    found = agreement_points(rows, evidence)
    lines = lines_of(dict.fromkeys(found["method"]), dark)
    names = [one.name for one in lines]
    bins = [
        distance_words(low, high)
        for low, high in zip(found["distance_low"], found["distance_high"], strict=True)
    ]
    table = found.assign(
        bin=bins,
        shown=[
            f"{percent(v)} of {int(n):,}"
            for v, n in zip(found["value"], found["total"], strict=True)
        ],
    )
    table = table.assign(
        strength=[FAINT if n < FEWEST else 1.0 for n in table["total"]],
        probes=[
            f"{int(n):,}" + (", too few to tell" if n < FEWEST else "") for n in table["total"]
        ],
        called=[called(label) for label in table["method"]],
        span=[
            f"{percent(low)} – {percent(high)}"
            for low, high in zip(table["low"], table["high"], strict=True)
        ],
    )
    strength = alt.Opacity("strength:Q", scale=None, legend=None)
    y = Extent(min(0.4, *found["low"]) - 0.02, 1.02, False, HEIGHT)
    up = alt.Y(
        "value:Q", title=None, scale=y.scale, axis=alt.Axis(labelExpr=axes.SHARE, tickCount=6)
    )
    across = alt.X(
        "bin:N", title="Tokens to the nearest evidence", sort=list(dict.fromkeys(bins)),
        axis=alt.Axis(labelAngle=0), scale=alt.Scale(type="point", padding=0.3),
    )  # fmt: skip

    def by_line(channel, values):
        return channel("method:N", scale=alt.Scale(domain=names, range=values), legend=None)

    colour = by_line(alt.Color, [one.colour for one in lines])
    base = alt.Chart(table).encode(x=across, color=colour)
    rule = alt.Chart(pd.DataFrame({"value": [CHANCE], "text": ["chance"]})).encode(y=up)
    parts = [
        rule.mark_rule(color=ink(dark).muted, strokeDash=[5, 3], strokeWidth=1.2, tooltip=None),
        rule.mark_text(align="left", dx=4, dy=-7, color=ink(dark).muted, fontSize=11).encode(
            x=alt.value(0), text="text:N"
        ),
        base.mark_rule(strokeWidth=2, strokeOpacity=0.35, clip=True, tooltip=None).encode(
            y=alt.Y("low:Q", scale=y.scale), y2="high:Q", opacity=strength
        ),
        base.mark_line(strokeWidth=2, tooltip=None).encode(
            y=up, strokeDash=by_line(alt.StrokeDash, [list(one.dash) for one in lines])
        ),
        base.mark_point(filled=True, size=52).encode(
            y=up,
            opacity=strength,
            shape=by_line(alt.Shape, [one.shape for one in lines]),
            tooltip=[
                alt.Tooltip("called:N", title="Method"), alt.Tooltip("bin:N", title="Tokens"),
                alt.Tooltip("shown:N", title="Right"), alt.Tooltip("span:N", title="95% interval"),
                alt.Tooltip("probes:N", title="Probes"),
            ],
        ),
    ]  # fmt: skip
    parts += _names(found, y, lines, dark)
    return alt.LayerChart(
        layer=parts, height=HEIGHT, width=width,
        resolve=alt.Resolve(scale=alt.ScaleResolveMap(shape="independent")),
    )  # fmt: skip


def distance_words(low: float, high: float) -> str:
    """The bounds of a class of distances: 129–256, or open."""
    if pd.isna(high) or high == float("inf"):
        return f"{int(low):,} or more"
    return f"{int(low):,}" if low == high else f"{int(low):,}–{int(high):,}"


def _names(found: pd.DataFrame, y: Extent, lines: list[Series], dark: bool) -> list[alt.Chart]:
    """The legend, at the right edge, as near to each line's end as the others let it be."""
    ends = {row["method"]: row["value"] for row in records(found, "method", "value")}
    places = axes.spread([y.pixel(ends[one.name]) for one in lines], 16.0, y.pixels)
    names = [one.name for one in lines]
    short = short_names(names)
    table = pd.DataFrame(
        {
            "method": names,
            "value": [y.at(p) for p in places],
            "text": [short[one] for one in names],
        }
    )
    base = alt.Chart(table).encode(x=alt.value("width"), y=alt.Y("value:Q", scale=y.scale))
    colour = alt.Color(
        "method:N", legend=None, scale=alt.Scale(domain=names, range=[one.colour for one in lines])
    )
    shape = alt.Shape(
        "method:N", legend=None, scale=alt.Scale(domain=names, range=[one.shape for one in lines])
    )
    return [
        base.mark_point(filled=True, size=46, xOffset=14, opacity=1, tooltip=None).encode(
            color=colour, shape=shape
        ),
        base.mark_text(
            align="left", dx=26, fontSize=12, color=ink(dark).text, tooltip=None
        ).encode(text="text:N"),
    ]
