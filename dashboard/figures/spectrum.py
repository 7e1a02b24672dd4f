"""Singular values, their energy, and errors against rank, held against the best possible."""

from __future__ import annotations

import json
from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from attn_core import METHODS
from attn_core.amounts import percent
from dashboard.figures import powers
from dashboard.figures.frames import column, numbers, where
from dashboard.figures.layers import layered
from dashboard.figures.palette import mark
from dashboard.figures.theme import ink

# Below, a singular value is rounding.
FLOOR = 1e-8
ERROR_FLOOR = 1e-4
BEST = "best possible"


def spectrum_rows(singular: Sequence[float], energy: Sequence[float]) -> pd.DataFrame:
    """A row a direction: its number from 1, its singular value, and the energy up to it."""
    values = np.asarray(singular, dtype=float)
    return pd.DataFrame(
        {
            "k": np.arange(1, len(values) + 1),
            "singular": values,
            "energy": np.asarray(energy, dtype=float)[1:],
        }
    )


def spectrum_chart(
    rows: pd.DataFrame, rank: int, *, dark: bool = False, height: int = 150
) -> alt.LayerChart:
    tone = ink(dark)
    least = FLOOR * max(rows["singular"])
    drawn = rows.assign(log=np.log10(numbers(rows, "singular").clip(lower=least)))
    span = powers.ends(drawn["log"])
    y = alt.Y(
        "log:Q", title="singular value", scale=powers.scale(*span), axis=powers.axis(*span, most=4)
    )
    said = [alt.Tooltip("k:Q"), alt.Tooltip("singular:Q", title="σ", format=".4~g")]
    base = alt.Chart(drawn).encode(x=_ranks(drawn), y=y)
    layers = [
        base.mark_line(color=tone.accent, strokeWidth=2),
        base.mark_point(filled=True, size=26, color=tone.accent, opacity=1).encode(tooltip=said),
        _chosen(rank, drawn, dark),
    ]
    return layered(layers, dark, height=height)


def energy_chart(
    rows: pd.DataFrame, rank: int, *, dark: bool = False, height: int = 150
) -> alt.LayerChart:
    tone = ink(dark)
    y = alt.Y("energy:Q", title="energy up to k", scale=alt.Scale(domain=[0, 1.02], nice=False),
              axis=alt.Axis(format="~%", tickCount=4))  # fmt: skip
    said = [alt.Tooltip("k:Q"), alt.Tooltip("energy:Q", title="energy", format=".4~%")]
    base = alt.Chart(rows).encode(x=_ranks(rows), y=y)
    layers = [
        base.mark_area(color=tone.accent, opacity=0.12),
        base.mark_line(color=tone.accent, strokeWidth=2),
        base.mark_point(filled=True, size=26, color=tone.accent, opacity=1).encode(tooltip=said),
        _chosen(rank, rows, dark),
    ]
    return layered(layers, dark, height=height)


def _ranks(rows: pd.DataFrame) -> alt.X:
    last = max(rows["k"])
    ticks = [2**power for power in range(12) if 2**power <= last]
    return alt.X("k:Q", title="rank k", scale=alt.Scale(type="log", base=2, domain=[1, max(last, 2)], nice=False),
                 axis=alt.Axis(values=ticks, format="d"))  # fmt: skip


def _chosen(rank: int, rows: pd.DataFrame, dark: bool) -> alt.Chart:
    """Where the chosen method's rank lies."""
    frame = pd.DataFrame({"k": [rank]})
    rule = alt.Chart(frame).mark_rule(color=ink(dark).muted, strokeDash=[3, 3], strokeWidth=1.2)
    return rule.encode(x=_ranks(rows))


def rank_chart(
    rows: pd.DataFrame,
    best: Sequence[float],
    chosen: str,
    rank: int,
    *,
    dark: bool = False,
    height: int = 365,
) -> alt.LayerChart:
    """`best` is by rank from 0. An error below the floor is no point of a line but an open mark at the floor; of the
    best possible the first of them stands for all that follow, for it never rises."""
    curve = pd.DataFrame(
        {"k": np.arange(1, len(best)), "error": np.asarray(best, dtype=float)[1:], "method": BEST}
    )
    ranks = _ranks(curve)
    names = [BEST, *dict.fromkeys(rows["method"])]
    looks = [mark(METHODS[one], dark) for one in names[1:]]
    tone, exact = ink(dark), mark(METHODS["softmax"], dark).colour
    # One for all three: a channel without a legend is in conflict with those that have it.
    titles = {BEST: BEST} | {one: METHODS[one].short_title for one in names[1:]}
    key = alt.Legend(
        orient="bottom", columns=2, symbolOpacity=1, labelExpr=f"{json.dumps(titles)}[datum.label]"
    )
    colour = alt.Color("method:N", scale=alt.Scale(domain=names, range=[exact, *(one.colour for one in looks)]),
        legend=key)  # fmt: skip
    shape = alt.Shape(
        "method:N",
        legend=key,
        scale=alt.Scale(domain=names, range=["circle", *(one.shape for one in looks)]),
    )
    dash = alt.StrokeDash("method:N", legend=key, scale=alt.Scale(
        domain=names, range=[[1, 0], *(list(one.dash) for one in looks)]))  # fmt: skip
    both = pd.concat([curve, rows], ignore_index=True)
    tiny = numbers(both, "error") < ERROR_FLOOR
    both = both.assign(
        title=column(both, "method").map(titles),
        off=numbers(both, "error").map(error_words),
        log=np.log10(numbers(both, "error").clip(lower=ERROR_FLOOR)),
    )
    repeated = tiny & (column(both, "method") == BEST) & tiny.shift(fill_value=False)
    below = where(both, tiny & ~repeated)
    span = powers.ends(both["log"])
    y = alt.Y(
        "log:Q",
        title="relative error of the matrix",
        scale=powers.scale(*span),
        axis=powers.axis(*span),
    )
    said = [
        alt.Tooltip("title:N", title="method"), alt.Tooltip("k:Q"), alt.Tooltip("off:N", title="error"),
        alt.Tooltip("best:Q", title="best of rank k", format=".3~%"),
        alt.Tooltip("would do:Q", title="rank that would do"),
    ]  # fmt: skip
    base = alt.Chart(where(both, ~tiny)).encode(x=ranks, y=y, color=colour)
    of_methods = base.transform_filter(f"datum.method != '{BEST}'")
    ours = where(both, (column(both, "method") == chosen) & (column(both, "k") == rank))
    layers = [
        _chosen(rank, curve, dark),
        base.transform_filter(f"datum.method == '{BEST}'").mark_line(strokeWidth=2.4),
        of_methods.mark_line(strokeWidth=1.8).encode(strokeDash=dash),
        of_methods.mark_point(filled=True, size=52, opacity=1).encode(shape=shape, tooltip=said),
        alt.Chart(below).mark_point(shape="triangle-down", size=80, strokeWidth=1.8, filled=False, opacity=1).encode(
            x=ranks, y=y, color=colour, tooltip=said
        ),
        alt.Chart(ours).mark_point(size=190, stroke=tone.accent, strokeWidth=2.2, filled=False).encode(
            x=ranks, y=y, tooltip=said
        ),
    ]  # fmt: skip
    return layered(layers, dark, height=height)


def error_words(error: float) -> str:
    """In a tool-tip: what lies below the scale is said to."""
    return percent(error) + ("" if error >= ERROR_FLOOR else ", below the scale")
