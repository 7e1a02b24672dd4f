"""An axis with a wide empty stretch: drawn short, marked, and every point still at its place in order."""

from __future__ import annotations

import json
import re
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import pytest
import vl_convert

from attn_core.tradeoff.axes import AXES
from dashboard.components import linked_points
from dashboard.figures.broken_axis import SHORT, WIDE, widest
from dashboard.figures.drawn_axis import DrawnAxis, break_note, shortened
from dashboard.figures.export import Figure, svg
from dashboard.figures.tradeoff_scatter import break_note as scatter_note
from dashboard.figures.tradeoff_scatter import tradeoff_scatter

SCALES = Path(linked_points.__file__).parent / "scales.js"
ERROR, TIME, SIZE = AXES["output_error"], AXES["time_s"], 400.0


def table(*values: float) -> pd.DataFrame:
    return pd.DataFrame({name: values for name in (ERROR.name, ERROR.low, ERROR.high)})


def test_only_what_is_wider_than_all_the_rest_is_drawn_short():
    found = widest(np.array([1.0, 1e-7, 0.01, 0.1]))
    assert found is not None
    assert (found.low, found.high) == pytest.approx((1e-7, 0.01))
    assert found.drawn < 5
    assert widest(np.array([1e-4, 0.01, 0.1, 1.0])) is None  # as wide as the rest
    assert widest(np.array([0.02, 0.5, 1.0])) is None  # no two powers of ten
    assert widest(np.array([1e-7, 1.0])) is None  # nothing beside it that would gain room
    assert widest(np.array([])) is None
    assert widest(np.array([0.5])) is None


def test_the_stretch_has_its_share_of_the_axis_however_short_the_rest_is():
    found = widest(np.array([1e-7, 0.9, 1.0]))
    assert found is not None
    assert found.drawn == pytest.approx(SHORT * np.log10(1 / 0.9))


def test_the_page_shortens_by_the_same_rule():
    ((wide, short),) = re.findall(r"const WIDE = ([\d.]+), SHORT = ([\d.]+);", SCALES.read_text())
    assert (float(wide), float(short)) == (WIDE, SHORT)


def drawn(make, *values: float) -> list[float]:
    """Where the marks of the values are in the picture, in pixels."""
    rows = table(*values)
    chart = alt.Chart(rows).mark_point().encode(**{
        "x" if make is alt.X else "y": DrawnAxis(make, ERROR, rows, SIZE).channel()
    }).properties(width=SIZE, height=SIZE)  # fmt: skip
    svg = vl_convert.vegalite_to_svg(json.dumps(chart.to_dict()))
    marks = svg[svg.index("mark-symbol") :]
    found = re.findall(r'transform="translate\(([-\d.]+),([-\d.]+)\)"', marks)[: len(values)]
    return [float(one[0 if make is alt.X else 1]) for one in found]


@pytest.mark.parametrize("make", [alt.X, alt.Y])
def test_points_beside_the_stretch_keep_their_proportions_and_gain_its_room(make):
    exact, near, middle, far = drawn(make, 1e-7, 0.01, 0.1, 1.0)
    assert (exact < near < middle < far) == (make is alt.X)
    assert abs(far - middle) == pytest.approx(abs(middle - near), abs=0.5)
    assert abs(near - exact) < abs(middle - near)
    assert min(exact, far) >= 0
    assert max(exact, far) <= SIZE


@pytest.mark.parametrize(
    ("exact", "named"),
    [
        ((1.3e-7, 1.4e-7), 1e-7),
        ((3.1e-7, 3.2e-7), 3e-7),
        ((1.46e-7, 1.5e-7), 1.5e-7),
        ((4.98e-7, 4.987986e-7), 4e-7),
    ],
)
def test_no_tick_lies_in_the_stretch_and_both_sides_have_one(exact, named):
    axis = DrawnAxis(alt.Y, ERROR, table(*exact, 0.01, 0.1, 1.0), SIZE)
    ticks = axis.channel().to_dict()["axis"]["values"]
    assert ticks[0] == pytest.approx(named)
    assert ticks[1:] == [tick for tick in ticks if tick >= 0.01]
    assert len(ticks) > 2
    assert axis.ends[0] <= ticks[0] and ticks[-1] <= axis.ends[1]


def test_the_stretch_is_marked_where_it_is_and_only_there():
    plain, broken = table(0.01, 0.1, 1.0), table(1e-7, 0.01, 0.1, 1.0)
    assert DrawnAxis(alt.Y, ERROR, plain, SIZE).breaks(SIZE, dark=False) == []
    band, sign = (
        one.to_dict() for one in DrawnAxis(alt.Y, ERROR, broken, SIZE).breaks(SIZE, dark=False)
    )
    row = next(iter(band["datasets"].values()))[0]
    assert 1e-7 < row["low"] < row["middle"] < row["high"] < 0.01
    assert sign["mark"]["type"] == "text"


def test_a_linear_axis_is_never_broken():
    accuracy = AXES["token_accuracy"]
    assert not accuracy.log
    values = [1e-7, 0.4, 0.5, 0.9]
    rows = pd.DataFrame({name: values for name in (accuracy.name, accuracy.low, accuracy.high)})
    assert shortened(accuracy, rows) is None


def study() -> pd.DataFrame:
    """Exact attention and three approximations, the quicker the worse."""
    errors, seconds = [1e-7, 0.01, 0.1, 1.0], [0.08, 0.04, 0.02, 0.01]
    rows = pd.DataFrame({
        "run_id": "r", "label": ["flash", "performer", "linformer", "low_rank"], "length": 2048, "budget": "",
        "method": ["flash", "performer", "linformer", "low_rank"], "budget_value": np.nan, "params": [{}] * 4,
    })  # fmt: skip
    for axis, values in ((ERROR, errors), (TIME, seconds)):
        rows = rows.assign(**dict.fromkeys((axis.name, axis.low, axis.high), values))
    return rows


@pytest.mark.parametrize(("across", "up"), [(TIME, ERROR), (ERROR, TIME)])
def test_a_figure_for_paper_has_the_stretch_and_spreads_what_lies_beside_it(across, up):
    """The chart stands there between a title and a foot, where its own size goes by another name."""
    rows = study()
    chart = tradeoff_scatter(rows, ["front"] * 4, across, up)
    picture = svg(Figure(chart, rows, "Title", "setting", "machine", "note")).decode()
    marks = re.findall(
        r'method: [^>]*roledescription="point"[^>]*translate\(([-\d.]+),([-\d.]+)\)', picture
    )
    places = [float(one[0 if across is ERROR else 1]) for one in marks]
    assert len(places) == 4
    short, *decades = np.abs(np.diff(places))
    assert decades[0] == pytest.approx(decades[1], abs=0.5)
    assert 20 < short < decades[0]
    assert "//" in picture


def test_on_a_page_the_stretch_is_as_wide_as_the_page_makes_it():
    axis = DrawnAxis(alt.X, ERROR, table(1e-7, 0.01, 0.1, 1.0), SIZE, stretched=True)
    found = axis.channel().to_dict()
    assert [one["expr"].split(" * ")[0] for one in found["scale"]["range"]] == ["width"] * 4
    _, sign = axis.breaks(SIZE, dark=False)
    assert sign.to_dict()["encoding"]["y"] == {"value": {"expr": "height"}}


def test_a_break_is_explained_where_there_is_one_and_only_there():
    assert "drawn shorter" in break_note(table(1e-7, 0.01, 0.1, 1.0), ERROR)
    assert break_note(table(0.01, 0.1, 1.0), ERROR) == ""


def test_a_point_without_a_place_shortens_nothing():
    """Exact attention without a time is not on a chart of errors against times."""
    rows = study()
    labels = ["unmeasured", "front", "front", "front"]
    assert "drawn shorter" in scatter_note(rows, ["front"] * 4, TIME, ERROR)
    assert scatter_note(rows, labels, TIME, ERROR) == ""


def test_an_axis_too_short_for_a_round_number_has_a_tick_all_the_same():
    (tick,) = (
        DrawnAxis(alt.X, ERROR, table(0.33, 0.44), SIZE).channel().to_dict()["axis"]["values"]
    )
    assert tick == pytest.approx(0.4)
