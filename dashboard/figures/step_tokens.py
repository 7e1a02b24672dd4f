"""Tokens in reading order, each with its place and its number in the vocabulary."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from dashboard.figures.conditions import either
from dashboard.figures.layers import layered
from dashboard.figures.matrix_map import plain
from dashboard.figures.theme import ink

ACROSS, HIGH = 8, 46


def token_rows(tokens: Sequence[str], ids: Sequence[int], first: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "place": [first + at for at in range(len(tokens))],
            "token": [plain(token) for token in tokens],
            "begins a word": [token.startswith("▁") for token in tokens],
            "number": list(ids),
            "column": [at % ACROSS for at in range(len(tokens))],
            "line": [at // ACROSS for at in range(len(tokens))],
        }
    )


def token_strip(
    tokens: Sequence[str], ids: Sequence[int], first: int, pinned: int, dark: bool = False
) -> alt.LayerChart:
    table = token_rows(tokens, ids, first)
    tone = ink(dark)
    table["pinned"] = table["place"] == pinned
    x = alt.X("column:O", axis=None, scale=alt.Scale(padding=0.08))
    y = alt.Y("line:O", axis=None, scale=alt.Scale(padding=0.14))
    tips = [alt.Tooltip("place:O"), alt.Tooltip("token:N"), alt.Tooltip("number:Q", format=",")]
    base = alt.Chart(table).encode(x=x, y=y, tooltip=tips)
    accent = either(alt.StrokeValue, "datum.pinned", tone.accent, tone.muted)
    width = either(alt.StrokeWidthValue, "datum.pinned", 2.5, 0.6)
    boxes = base.mark_rect(filled=True, fill=tone.grid, cornerRadius=4).encode(
        stroke=accent, strokeWidth=width
    )
    words = base.mark_text(fontSize=13, dy=-6, color=tone.text).encode(text=alt.Text("token:N"))
    numbers = base.mark_text(fontSize=10.5, dy=11, color=tone.muted).encode(
        text=alt.Text("number:Q", format=",")
    )
    lines = -(-len(tokens) // ACROSS)
    return layered([boxes, words, numbers], dark, width="container", height=HIGH * lines)
