"""A chart of layers in the look of all charts. Altair copies every layer four times when it puts them together, which
takes longer than all else that makes a chart; here they are put together as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import altair as alt

from dashboard.figures import theme

OWN_COLOURS = {"scale": {"color": "independent"}}


def layered(
    layers: Sequence[alt.Chart | alt.LayerChart], dark: bool, **properties: Any
) -> alt.LayerChart:
    """`layers` are the chart's own from here on. `properties` are those of a layered chart: width, height, resolve,
    autosize, a config of its own."""
    chart = alt.LayerChart(**{"config": theme.config(dark), **properties})
    chart.params = list(_lifted(layers)) or alt.Undefined
    chart.layer = list(layers)
    return chart


def _lifted(layers: Sequence[alt.Chart | alt.LayerChart]) -> Iterator[Any]:
    """The layers' parameters, which Vega-Lite wants at the top: a selection with the name of its layer."""
    for at, layer in enumerate(layers):
        found: Any = layer.params
        if found is alt.Undefined:
            continue
        layer.name = f"layer-{at}"
        layer.params = alt.Undefined
        for one in found:
            if isinstance(one, alt.SelectionParameter):
                one = alt.TopLevelSelectionParameter(**one.to_dict(), views=[layer.name])
            yield one
