"""A chart ready to be shown: its specification and its rows apart, so that it can be kept and shown again.

Making a chart takes Altair longer than its numbers take the engine, most of it checking the specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any

import altair as alt
import pandas as pd

from dashboard.figures.on_screen import PAINTED

# Pixels are the plot's own; Streamlit would fit axes and legend into them.
AROUND = {"type": "pad", "contains": "content"}
_numbers = count()


@dataclass(frozen=True, eq=False)
class Prepared:
    spec: Mapping[str, Any]
    rows: Mapping[str, pd.DataFrame]

    @cached_property
    def weight(self) -> int:
        return sum(int(rows.memory_usage(deep=True).sum()) for rows in self.rows.values())

    def shown(self) -> dict[str, Any]:
        """As Streamlit takes it, which changes what it is given."""
        return {**self.spec, "datasets": dict(self.rows)}


def prepared(chart: alt.LayerChart, *, fixed: bool) -> Prepared:
    """`fixed`: the plot has a size of its own. Every encoding must name its type, for the rows are taken out."""
    rows: dict[str, pd.DataFrame] = {}

    def apart(one: Any) -> Any:
        one = one.copy(deep=False)
        if isinstance(one.data, pd.DataFrame):
            # A name is never used for other rows: a browser keeps rows by their name.
            name = f"rows-{next(_numbers)}"
            rows[name], one.data = one.data, alt.NamedData(name)
        return one

    chart = apart(chart)
    chart.layer = [apart(layer) for layer in chart.layer]
    spec = chart.properties(usermeta=PAINTED).to_dict(validate=False)
    return Prepared({**spec, "autosize": AROUND} if fixed else spec, rows)
