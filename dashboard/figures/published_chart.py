"""Published costs beside measured ones, both as ratios to exact attention: hollow and filled, never one series."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any, cast

import altair as alt
import numpy as np
import pandas as pd

from attn_core import METHODS
from attn_core.naming import called
from attn_core.tradeoff.published import EXACT
from dashboard.figures import axes
from dashboard.figures.frames import records, where
from dashboard.figures.layers import layered
from dashboard.figures.method_looks import looks
from dashboard.figures.theme import ink

WIDTH, HEIGHT = 560, 380
ROOM = 0.7
# Of one method at one length.
MOST_MARKS = 24
MEASURED = ("method", "length", "place", "ratio", "ratio_low", "ratio_high", "choice")
PRINTED = (
    "method", "length", "place", "ratio", "title", "normalised", "normalised_as", "source", "year", "hardware", "pass",
    "definition",
)  # fmt: skip
NOTE = (
    "Hollow: published, each divided by its own paper's exact attention on its hardware; a dotted line spans what "
    "several papers give of one method and length. Filled: measured here, divided by softmax in the same run, or in "
    "the newest of this setting where that run has none. Below 1 is cheaper than exact attention. Methods stand side "
    f"by side about their length; of more than {MOST_MARKS} choices of one there some are drawn, from the "
    "least to the most."
)


def published_chart(
    printed: pd.DataFrame, measured: pd.DataFrame, methods: list[str], *, dark: bool = False
) -> alt.LayerChart:
    """Rows of one quantity of attn_core.tradeoff.published."""
    names = [name for name in METHODS if name in methods]
    printed = where(
        printed,
        printed["method"].isin(names) & printed["ratio"].notna() & printed["length"].notna(),
    )
    measured = _spread(where(measured, measured["method"].isin(names)))
    printed = printed.assign(title=[called(name) for name in printed["method"]])
    measured = measured.assign(choice=[called(label) for label in measured["label"]])
    # A browser gets what the chart reads, and no more.
    printed, measured = (
        cast(pd.DataFrame, _side_by_side(one, names)[[*columns]])
        for one, columns in ((printed, PRINTED), (measured, MEASURED))
    )
    across = axes.around([*printed["place"], *measured["place"]], True, WIDTH, 16, 16)
    up = axes.around([1.0, *printed["ratio"], *measured["ratio"]], True, HEIGHT)
    x = alt.X(
        "place:Q", title="N", scale=across.scale,
        axis=alt.Axis(format=",d", values=axes.doublings(across)),
    )  # fmt: skip
    y = alt.Y(
        "ratio:Q", title="cost over exact attention's (lower is better)", scale=up.scale,
        axis=alt.Axis(labelExpr=axes.TIMES, values=axes.decades(up)),
    )  # fmt: skip
    colour, shape = looks(names, dark)
    one = alt.Chart(pd.DataFrame({"ratio": [1.0]})).mark_rule(
        color=ink(dark).muted, strokeDash=[5, 4]
    )
    hollow = alt.Chart(printed).mark_point(filled=False, size=90, strokeWidth=1.6).encode(
        x=x, y=y, color=colour, shape=shape,
        tooltip=[
            alt.Tooltip("title:N", title="method"), alt.Tooltip("length:Q", title="N"),
            alt.Tooltip("ratio:Q", title="over exact", format=".3~g"),
            alt.Tooltip("normalised:Q", title="as published", format=".4~g"),
            alt.Tooltip("normalised_as:N", title="normalised"),
            alt.Tooltip("source:N"), alt.Tooltip("year:Q", format="d"), alt.Tooltip("hardware:N"),
            alt.Tooltip("pass:N"), alt.Tooltip("definition:N"),
        ],
    )  # fmt: skip
    base = alt.Chart(measured).encode(x=x, color=colour)
    filled = base.mark_point(filled=True, size=60, opacity=0.85).encode(
        y=y, shape=shape,
        tooltip=[alt.Tooltip("choice:N", title="measured"), alt.Tooltip("ratio:Q", title="over softmax", format=".3~g"),
                 alt.Tooltip("length:Q", title="N")],
    )  # fmt: skip
    bars = base.mark_rule(opacity=0.5, clip=True).encode(
        y=alt.Y("ratio_low:Q", scale=up.scale), y2=alt.Y2("ratio_high:Q")
    )
    spans = (
        alt.Chart(_disagreeing(printed))
        .mark_rule(strokeDash=[2, 3], strokeWidth=1.4, clip=True)
        .encode(x=x, y=alt.Y("least:Q", scale=up.scale), y2=alt.Y2("most:Q"), color=colour)
    )
    return layered([one.encode(y=y), spans, bars, filled, hollow], dark, height=HEIGHT)


def _spread(measured: pd.DataFrame) -> pd.DataFrame:
    """Of many choices of a method at a length some, evenly from the least ratio to the most: more marks lie on
    each other, and take a second to draw."""
    ordered = measured.sort_values("ratio", kind="stable", ignore_index=True)
    groups = ordered.groupby(["method", "length"], sort=False)
    place = groups.cumcount().to_numpy()
    last = np.asarray(groups["ratio"].transform("size"), dtype=int) - 1
    # The first and the last of each group, and between them every so many.
    step = np.maximum(np.ceil(last / (MOST_MARKS - 1)).astype(int), 1)
    return where(ordered, (place % step == 0) | (place == last))


def left_out(printed: pd.DataFrame) -> str:
    """How many published costs have no place on the chart, and why; "" where all have one."""
    reasons = Counter(_why_not(row) for row in records(printed))
    said = [f"{count} {why}" for why, count in reasons.items() if why]
    return f"Published and not drawn: {'; '.join(said)}." if said else ""


def _why_not(row: Mapping[str, Any]) -> str:
    if row["method"] == EXACT:  # what the others are divided by
        return ""
    if not row["known"]:
        return "of methods that the catalogue does not have"
    if math.isnan(row["ratio"]):
        return "where the paper's exact attention ran out of memory"
    return "whose paper names no length" if math.isnan(row["length"]) else ""


def _disagreeing(printed: pd.DataFrame) -> pd.DataFrame:
    """The least and the most that papers give of one method and length, where several do."""
    found = printed.groupby(["method", "place"], sort=False).agg(
        least=("ratio", "min"), most=("ratio", "max"), papers=("source", "nunique")
    )
    return where(found.reset_index(), found["papers"].to_numpy() > 1)


def _side_by_side(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """With a place for each method within `ROOM` doublings about the length: else all stand in one column."""
    share = [names.index(one) / max(len(names) - 1, 1) - 0.5 for one in table["method"]]
    return table.assign(place=table["length"] * 2.0 ** (ROOM * np.array(share, dtype=float)))
