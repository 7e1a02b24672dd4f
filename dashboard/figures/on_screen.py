"""Charts on their way to a reader who waits.

Three things cost a reader time. Half of drawing a chart is its check against Vega-Lite's schema, which is left out.
Thousands of marks are painted faster than they are made nodes of a page. And a browser makes a view anew, which takes
it longer than all our numbers, unless its specification is the same as before: rows travel beside it, by the names of
their places, so that a changed setting mostly changes rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import altair as alt
import pandas as pd
from altair.utils import schemapi

PAINTED = {"embedOptions": {"renderer": "canvas"}}
MANY = 1_000
# Pixels are the plot's own; Streamlit would fit axes and legend into them.
PART = {"top_level": False}
AROUND = {"type": "pad", "contains": "content"}


@dataclass(frozen=True, eq=False)
class OnScreen:
    """A chart's specification and its rows apart, so that it can be kept and shown again."""

    spec: Mapping[str, Any]
    rows: Mapping[str, pd.DataFrame]

    @cached_property
    def weight(self) -> int:
        return sum(int(rows.memory_usage(deep=True).sum()) for rows in self.rows.values())

    def shown(self) -> dict[str, Any]:
        """As Streamlit takes it, which changes what it is given."""
        return {**self.spec, "datasets": dict(self.rows)}


def on_screen(
    draw: Callable[[], alt.Chart | alt.LayerChart],
    *,
    own_size: bool = False,
    painted: bool = False,
) -> OnScreen:
    """What `draw` draws for this alone: its rows are taken out, and every encoding must name its type.

    A plot of `own_size` does not give room to its axes and legends. Charts of many rows are painted in any case; one
    that has few at times had better always be `painted`, for another way of drawing is another specification.
    """
    rows: list[pd.DataFrame] = []

    def apart(one: Any) -> None:
        if isinstance(one.data, pd.DataFrame):
            at = next((at for at, known in enumerate(rows) if known is one.data), len(rows))
            if at == len(rows):
                rows.append(one.data)
            one.data = alt.NamedData(f"rows-{at}")
        for layer in one.layer if isinstance(one, alt.LayerChart) else ():
            apart(layer)

    # The flag is for all threads: another's charts may miss a check too, which is no harm.
    with schemapi.debug_mode(False):
        chart = draw()
        apart(chart)
        if painted or sum(map(len, rows)) > MANY:
            chart.usermeta = PAINTED
        # What the chart itself would do first is to copy all its layers.
        parts = super(alt.TopLevelMixin, chart).to_dict(validate=False, context=dict(PART))
    spec = {"$schema": alt.SCHEMA_URL, **parts}
    if own_size:
        spec["autosize"] = AROUND
    return OnScreen(spec, {f"rows-{at}": one for at, one in enumerate(rows)})
