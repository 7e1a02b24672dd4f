"""Charts on their way to a reader who waits: half the time of drawing one is its check against Vega-Lite's schema, and
thousands of marks are painted faster than they are made nodes of a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import altair as alt
import pandas as pd
from altair.utils import schemapi

PAINTED = {"embedOptions": {"renderer": "canvas"}}
MANY = 1_000


class Unchecked(alt.LayerChart):
    """Describes itself without the check. Tests and exports describe the chart itself, and check it."""

    def to_dict(self, validate: bool = False, **options: Any) -> dict[str, Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return super().to_dict(validate=False, **options)


def on_screen(draw: Callable[[], alt.LayerChart]) -> alt.LayerChart:
    """What `draw` draws. The flag is for all threads: another's charts may miss a check too, which is no harm."""
    with schemapi.debug_mode(False):
        chart = draw()
        if _rows(chart) > MANY:
            chart.usermeta = PAINTED
    # Made anew from its parts it would be copied layer by layer, which takes as long as the check.
    # Assigned plainly, altair would take the class for one of the chart's properties.
    object.__setattr__(chart, "__class__", Unchecked)
    return chart


def _rows(chart: Any) -> int:
    own = len(chart.data) if isinstance(chart.data, pd.DataFrame) else 0
    return own + sum(map(_rows, chart.layer if isinstance(chart, alt.LayerChart) else ()))
