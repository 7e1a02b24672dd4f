"""φ of queries or keys as a map: a row a token, a column a feature."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from dashboard.figures import powers
from dashboard.figures.frames import column
from dashboard.figures.layers import layered
from dashboard.figures.matrix_map import MASKED, MASKED_DARK, plain
from dashboard.figures.theme import ink

# Decades below the largest feature: what is smaller has the last colour.
DECADES = 6
LABELLED = 30
BANDS = alt.Scale(padding=0)
# Cells of broken width would show seams: each reaches a little under the next.
CELL = {
    "width": {"band": 1.15},
    "height": {"band": 1.15},
    "stroke": None,
    "aria": False,
    "clip": True,
}


def feature_rows(
    logs: np.ndarray,
    rows: Sequence[int],
    which: Sequence[int],
    labels: Sequence[str] | None = None,
) -> pd.DataFrame:
    """A row a cell, from log φ (rows, features); exact zeros have no logarithm and a state of their own."""
    at_row, at_feature = np.indices(logs.shape)
    power = logs.ravel() / np.log(10)
    found = pd.DataFrame(
        {
            "row": np.asarray(rows)[at_row.ravel()],
            "feature": np.asarray(which)[at_feature.ravel()],
            "power": np.where(np.isfinite(power), power, np.nan),
            "zero": np.isneginf(power),
        }
    )
    if labels is not None:
        found["token"] = np.asarray([plain(one) for one in labels], dtype=object)[found["row"]]
    return found


def span_of(*tables: pd.DataFrame) -> tuple[float, float]:
    """One range of colours for all maps that stand together, in powers of ten: whole ones, and two, four or six of
    them, since the extremes are others with every drawing of the features, and the colours should not be."""
    known = np.concatenate([one["power"].to_numpy(dtype=float) for one in tables])
    known = known[np.isfinite(known)]
    if not len(known):
        return -1.0, 1.0
    high = math.ceil(known.max())
    pairs = max(1, math.ceil((high - known.min()) / 2))
    return float(high - min(2 * pairs, DECADES)), float(high)


def feature_map(
    table: pd.DataFrame,
    span: tuple[float, float],
    *,
    side: str,
    pin: int | None = None,
    selectable: str = "",
    legend: bool = True,
    dark: bool = False,
    height: int = 310,
    labels: dict[int, str] | None = None,
) -> alt.LayerChart:
    """`side` is `query i` or `key j`. A click makes the selection `selectable`, with its row."""
    tone = ink(dark)
    x = alt.X(
        "feature:O",
        title="feature",
        scale=BANDS,
        # Not by their places: other features would be another specification.
        axis=alt.Axis(labelAngle=0, labelFontSize=10, labelOverlap=True, labelSeparation=30),
    )
    y = alt.Y("row:O", title=side, scale=BANDS, axis=_rows(column(table, "row"), labels))
    said = [alt.Tooltip("row:O", title=side), alt.Tooltip("feature:O")]
    said += [alt.Tooltip("token:N")] if "token" in table else []
    said += [alt.Tooltip("power:Q", title="φ, log10", format=".3f")]
    base = alt.Chart(table).encode(x=x, y=y, tooltip=said)
    places = powers.ticks(*span)
    bar = alt.Legend(
        title="φ(x)", symbolType="square", symbolSize=130, values=places, labelExpr=powers.label(places)
    )  # fmt: skip
    scale = alt.Scale(scheme="viridis", domain=list(span), clamp=True, nice=False)
    bar = bar if legend else None
    marks = base.transform_filter("!datum.zero").mark_rect(**CELL)
    cells = marks.encode(color=alt.Color("power:Q", legend=bar, scale=scale))
    if selectable:
        picked = alt.selection_point(name=selectable, fields=["row"], on="click", empty=False)
        cells = cells.add_params(picked)
    layers = [cells]
    if bool(table["zero"].any()):
        grey = MASKED_DARK if dark else MASKED
        layers.append(base.transform_filter("datum.zero").mark_rect(color=grey, **CELL))
    if pin is not None:
        layers.append(
            alt.Chart(pd.DataFrame({"row": [pin]}))
            .mark_rect(filled=False, stroke=tone.accent, strokeWidth=2)
            .encode(y=y, x=alt.XValue(0), x2=alt.X2Value("width"))
        )
    return layered(layers, dark, height=height)


def _rows(values: pd.Series, labels: dict[int, str] | None) -> alt.Axis:
    shown = sorted(set(values.tolist()))
    if labels and len(shown) <= LABELLED:
        names = json.dumps({str(place): plain(labels[place]) for place in shown})
        return alt.Axis(labelExpr=f"{names}[datum.value]", labelFontSize=10, labelOverlap=False)
    return alt.Axis(labelFontSize=10, labelOverlap=True, labelSeparation=6)
