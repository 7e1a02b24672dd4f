"""The colours and markers of a chart whose rows name methods: a legend of titles, in catalogue order."""

from __future__ import annotations

import json
from collections.abc import Collection

import altair as alt

from attn_core import METHODS
from attn_core.naming import called
from dashboard.figures.palette import mark


def looks(methods: Collection[str], dark: bool = False) -> tuple[alt.Color, alt.Shape]:
    """Of the column `method`, for these names."""
    names = [name for name in METHODS if name in set(methods)]
    marks = [mark(METHODS[name], dark) for name in names]
    titles = json.dumps({name: called(name) for name in names}, ensure_ascii=False)
    legend = alt.Legend(title=None, labelExpr=f"{titles}[datum.label]")
    return (
        alt.Color(
            "method:N",
            legend=legend,
            scale=alt.Scale(domain=names, range=[one.colour for one in marks]),
        ),
        alt.Shape(
            "method:N",
            legend=legend,
            scale=alt.Scale(domain=names, range=[one.shape for one in marks]),
        ),
    )
