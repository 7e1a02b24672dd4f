"""Published costs beside measured ones, both as ratios to exact attention: hollow and filled, never one series."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from attn_core import METHODS
from attn_core.naming import called
from dashboard.figures import axes
from dashboard.figures.frames import where
from dashboard.figures.layers import layered
from dashboard.figures.method_looks import looks
from dashboard.figures.theme import ink

WIDTH, HEIGHT = 560, 380
ROOM = 0.7
NOTE = (
    "Hollow: published, each divided by its own paper's exact attention on its hardware. Filled: measured here, "
    "divided by softmax in the same run. Below 1 is cheaper than exact attention. Methods stand side by side about "
    "their length."
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
    measured = where(measured, measured["method"].isin(names))
    printed = printed.assign(title=[called(name) for name in printed["method"]])
    measured = measured.assign(choice=[called(label) for label in measured["label"]])
    printed, measured = (_side_by_side(one, names) for one in (printed, measured))
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
    return layered([one.encode(y=y), bars, filled, hollow], dark, height=HEIGHT)


def _side_by_side(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """With a place for each method within `ROOM` doublings about the length: else all stand in one column."""
    share = [names.index(one) / max(len(names) - 1, 1) - 0.5 for one in table["method"]]
    return table.assign(place=table["length"] * 2.0 ** (ROOM * np.array(share, dtype=float)))
