"""The charts of the Masks page: what they draw is what they were given, and it can be exported."""

from __future__ import annotations

import pandas as pd
import pytest
import torch

from attn_core import get_method
from attn_core.masks import Shares, anatomy_of, shares
from dashboard.figures.export import FORMATS, Figure
from dashboard.figures.lost_mass import lost_map
from dashboard.figures.mask_cost import cost_chart
from dashboard.figures.on_screen import on_screen
from dashboard.figures.pattern_map import (
    STATES,
    PatternData,
    part_colour,
    pattern_cells,
    pattern_map,
)
from dashboard.figures.receptive_field import field_map, growth_chart


def data(length: int = 50, padding: int = 0, causal: bool = False, size: int = 64) -> PatternData:
    tokens = length - padding
    method = get_method("longformer")
    anatomy = anatomy_of(method, length, tokens, causal, window=3, global_tokens=1)
    return PatternData(shares(anatomy, size), length, tokens, causal)


def test_a_cell_of_many_pairs_counts_them():
    table = pattern_cells(data(1_000, size=10)).set_index(["i", "j"])
    assert table.loc[(500, 500), "pairs"] == 10_000
    # 97 whole rows of 7, less the three corners at each end; nothing global here.
    assert table.loc[(500, 500), "allowed"] == 700 - 2 * (1 + 2 + 3)
    assert table.loc[(500, 500), "share"] == pytest.approx(0.0688)
    assert table.loc[(500, 500), "part"] == "band"
    assert table.loc[(500, 0), "part"] == "global" and table.loc[(500, 0), "allowed"] == 100
    assert table.loc[(500, 200), "part"] == "outside"


def test_a_cell_on_the_edge_of_time_is_not_the_future():
    table = pattern_cells(data(1_000, causal=True, size=10))
    part = {(row["i"], row["j"]): row["part"] for row in table.to_dict(orient="records")}
    assert (part[500, 500], part[500, 600], part[500, 300]) == ("band", "future", "outside")


def test_all_parts_and_states_of_a_map_differ_in_colour():
    for dark in (False, True):
        for parts in (
            ("band", "global"), ("band", "stride"), ("own block", "summary"),
            ("window", "global", "random"), ("single tokens", "means of 4", "means of 16"),
            ("round 1", "round 2", "round 3", "round 4", "alone"),
        ):  # fmt: skip
            assert len({part_colour(part, parts, dark) for part in parts}) == len(parts)


def frames(chart) -> list[dict]:
    return [row for rows in chart.to_dict()["datasets"].values() for row in rows if "below" in row]


def test_the_map_frames_the_cell_of_the_pinned_pair():
    framed = pattern_map(data(1_000, size=10), pin=(250, 999), selectable="pick")
    assert frames(framed) == [{"row": 1.5, "below": 2.5, "column": 8.5, "right": 9.5}]
    assert frames(pattern_map(data(50), pin=(50, 0))) == []


def test_states_come_last_in_the_legend():
    drawn = pattern_map(data(50, 10, True)).to_dict()
    domain = drawn["layer"][0]["encoding"]["color"]["scale"]["domain"]
    assert domain == ["band", "global", *STATES]


def figures() -> dict[str, Figure]:
    field = pd.DataFrame(
        {"layer": [0, 1], "from": [0, 0], "to": [9, 9], "tokens": [1, 9], "share": [1 / 9, 1.0]}
    )
    growth = pd.DataFrame(
        {"label": ["A", "A"], "pattern": ["A · Longformer"] * 2, "layer": [0, 1], "tokens": [1, 9],
         "share": [1 / 9, 1.0]}
    )  # fmt: skip
    lost = pd.DataFrame(
        {
            "layer": [0, 0],
            "head": [0, 1],
            "lost": [0.25, 0.0],
            "worst": [0.5, 0.0],
            "worst query": [3, 0],
        }
    )
    cost = pd.DataFrame(
        {"pattern": ["A · Longformer", "Softmax"], "method": ["longformer", "softmax"],
         "times flops": [0.1, 1.0], "times memory": [0.2, 1.0]}
    )  # fmt: skip
    charts = {
        "map": (pattern_map(data(), size=560), pattern_cells(data())),
        "field": (field_map(field, 3), field),
        "growth": (growth_chart(growth, {"A": get_method("longformer")}), growth),
        "lost": (lost_map(lost, 0.25), lost),
        "cost": (cost_chart(cost), cost),
    }
    return {
        name: Figure(chart, rows, "title", "setting", "machine")
        for name, (chart, rows) in charts.items()
    }


@pytest.mark.parametrize("name", ["map", "field", "growth", "lost", "cost"])
def test_every_chart_can_be_saved_in_every_format(name):
    figure = figures()[name]
    for suffix, form in FORMATS.items():
        assert len(form.render(figure)) > 80, suffix


def test_nothing_at_all_can_be_drawn():
    """One token, which a pattern may leave alone."""
    nothing = Shares(
        torch.tensor([0, 1]), ("band",), torch.zeros(1, 1).long(), torch.zeros(1, 1, 1).long()
    )
    table = pattern_cells(PatternData(nothing, 1, 1, False))
    assert table["part"].tolist() == ["outside"]
    assert pattern_map(PatternData(nothing, 1, 1, False)).to_dict()
    assert lost_map(
        pd.DataFrame(
            {"layer": [0], "head": [0], "lost": [0.0], "worst": [0.0], "worst query": [0]}
        ),
        0.0,
    )


@pytest.mark.parametrize("name", ["map", "field", "growth", "lost", "cost"])
def test_a_chart_with_its_rows_apart_is_the_same_chart(name):
    figure = figures()[name]
    whole, apart = figure.chart.to_dict(), on_screen(lambda: figure.chart, own_size=True)
    assert [layer["encoding"] for layer in apart.spec["layer"]] == [
        layer["encoding"] for layer in whole["layer"]
    ]
    rows = [pd.DataFrame(found) for found in whole["datasets"].values()]
    assert sorted(map(len, rows)) == sorted(map(len, apart.rows.values()))
    assert set(apart.shown()["datasets"]) == set(apart.rows)


def test_channels_of_one_field_share_their_legend():
    rows = pd.DataFrame(
        {"pattern": ["A · Longformer"], "layer": [1], "share": [0.5], "tokens": [3]}
    )
    chart = growth_chart(rows, {"A": get_method("longformer")}).to_dict()
    channels = [
        layer["encoding"][name] for layer in chart["layer"] for name in ("color", "strokeDash", "shape")
        if name in layer["encoding"]
    ]  # fmt: skip
    assert len(channels) == 4
    assert all(one["legend"] and one["legend"] == channels[0]["legend"] for one in channels)
