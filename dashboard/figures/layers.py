"""A chart of layers in the look of all charts, made in one step: altair copies every layer at each further one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from dashboard.figures import theme

OWN_COLOURS = {"scale": {"color": "independent"}}


def layered(
    layers: Sequence[alt.Chart | alt.LayerChart], dark: bool, **properties: Any
) -> alt.LayerChart:
    """`properties` are those of a layered chart: width, height, resolve, autosize, a config of its own."""
    return alt.LayerChart(layer=layers, **{"config": theme.config(dark), **properties})
