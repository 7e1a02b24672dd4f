"""What a browser's console would hear from charts whose channels share one field."""

import pytest
import torch
import vl_convert

from attn_core import get_method
from attn_core.sources import SourceSpec, load_source
from attn_core.steps import Array
from dashboard.figures.cost_curves import FLOPS, cost_curve
from dashboard.figures.feature_errors import curve_points, error_curve, predicted_points
from dashboard.figures.feature_map import feature_map, feature_rows
from dashboard.figures.feature_norms import norm_map
from dashboard.figures.spectrum import rank_chart
from dashboard.figures.step_cells import Labels, part_of
from dashboard.figures.step_panels import step_panel
from dashboard.services import feature_studies as studies
from dashboard.services import low_rank
from dashboard.services.prediction import Question, answer


def feature_picture(legend):
    table = feature_rows(torch.randn(6, 8).numpy(), range(6), range(8))
    return feature_map(table, (-2.0, 2.0), side="query i", legend=legend)


def source():
    return load_source(SourceSpec(kind="synthetic", length=48, head_dim=16))


def norms():
    return norm_map(studies.norm_table(source(), 0, 64))


def ranks():
    asked = low_rank.ask(source(), 0, "low_rank", {"rank": 8})
    best = low_rank.decomposed(source(), 0).best.tolist()
    return rank_chart(low_rank.rank_table(asked), best, "low_rank", 8)


def costs():
    return cost_curve(answer(Question(get_method("low_rank"), 3000)).rows, FLOPS, 3000)


def errors():
    found = studies.curve(source(), 0, 2)
    points = curve_points(found.rows, "kernel")
    lines = predicted_points(points, found.predicted, "kernel")
    return error_curve(points, lines, title="error")


@pytest.mark.parametrize(
    "chart",
    [lambda: feature_picture(True), lambda: feature_picture(False), norms, ranks, costs, errors],
    ids=["features", "features without legend", "norms", "ranks", "costs", "errors"],
)
def test_channels_of_one_field_agree_on_their_legend(chart, capfd):
    vega = vl_convert.vegalite_to_vega(chart().to_json(), show_warnings=True)
    said = "".join(capfd.readouterr())
    assert "Conflicting" not in said
    assert len(vega.get("legends", [])) <= 1


def test_numbers_along_an_axis_keep_apart():
    array = Array("φ(Q)", torch.rand(48, 64), "query i", "feature of φ", "query")
    shown = step_panel(array, part_of(array, 0, 0), Labels(), pin=(0, 0)).to_dict()
    axis = shown["layer"][0]["encoding"]["x"]["axis"]
    assert axis["labelOverlap"] and axis["labelSeparation"] >= 5
