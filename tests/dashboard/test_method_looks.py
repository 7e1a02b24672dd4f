"""Charts whose rows name methods: the legend shows titles, in the catalogue's order and colours."""

import json

import altair as alt
import pandas as pd
import pytest
import vl_convert

from attn_core import METHODS
from dashboard.figures.method_looks import looks
from dashboard.figures.palette import mark

NAMES = ["low_rank", "flash", "nystromformer"]
ORDER = ["flash", "nystromformer", "low_rank"]


@pytest.mark.parametrize("dark", [False, True])
def test_scales_are_in_catalogue_order_with_the_palettes_marks(dark):
    colour, shape = (one.to_dict()["scale"] for one in looks(NAMES, dark))
    marks = [mark(METHODS[name], dark) for name in ORDER]
    assert colour == {"domain": ORDER, "range": [one.colour for one in marks]}
    assert shape == {"domain": ORDER, "range": [one.shape for one in marks]}


def test_the_drawn_legend_shows_titles_and_no_names():
    colour, shape = looks(NAMES)
    points = alt.Chart(pd.DataFrame({"method": NAMES})).mark_point()
    drawing = vl_convert.vegalite_to_svg(
        json.dumps(points.encode(color=colour, shape=shape).to_dict())
    )
    for name in ORDER:
        assert f">{METHODS[name].short_title}</text>" in drawing
        assert f">{name}</text>" not in drawing
