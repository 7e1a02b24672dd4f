"""Figure Z as charts: every number where it belongs, every failure a mark, and files that hold all of it."""

import csv
import io
import json
from typing import Any

import pytest

from dashboard.figures import export
from dashboard.figures import figure_z as figures
from dashboard.figures.figure_z_agreement import agreement_chart, agreement_points
from dashboard.figures.figure_z_quality import curve_points, curves_there
from dashboard.figures.figure_z_series import STAR, lines_of
from dashboard.services import figure_z
from dashboard.services.figure_z_views import View, automatic, metrics, parts
from tests.dashboard import planted_figure_z as planted

LOOK = View("token_accuracy", "forward_s", "val_ce")


@pytest.fixture(scope="module")
def found() -> figure_z.Results:
    return figure_z.read(
        "x", "planted", "here", planted.SETTINGS, {"line": "a machine"}, planted.rows(2)
    )


@pytest.fixture(scope="module")
def article() -> figure_z.Results:
    return figure_z.read("x", "article", "here", planted.ARTICLE, {}, planted.article_rows())


def layers(chart: Any) -> list[dict]:
    """Every layer of a chart with the rows that it draws."""
    spec = chart.to_dict()
    data = spec["datasets"]
    return [
        layer | {"rows": data[layer["data"]["name"]]}
        for layer in spec["layer"]
        if "name" in layer.get("data", {})
    ]


def marks(chart: Any) -> list[dict]:
    return [one for one in layers(chart) if one["mark"]["type"] == "point"]


def drawn_values(chart: Any) -> set[float]:
    return {
        row["value"] for one in marks(chart) for row in one["rows"] if row.get("outcome") == "ok"
    }


def test_the_final_values_are_those_of_the_rows(found):
    chart = figures.charts(parts(found, LOOK), "quality")[-1]
    expected = (planted.accuracy("performer", 256, 0) + planted.accuracy("performer", 256, 1)) / 2
    assert any(value == pytest.approx(expected) for value in drawn_values(chart))
    (words,) = (
        one
        for one in layers(chart)
        if one["mark"]["type"] == "text" and one["encoding"]["text"]["field"] == "shown"
    )
    assert {row["method"]: row["shown"] for row in words["rows"]}["performer"] == "91.9%"


def test_untrained_models_are_hollow_and_smaller(found):
    drawn = marks(figures.charts(parts(found, LOOK), "quality")[-1])
    by = {row["student"]: one["mark"] for one in drawn for row in one["rows"]}
    assert by["drop-in"]["size"] < by["distilled"]["size"]
    assert "fill" in by["drop-in"]
    assert "fill" not in by["distilled"]


def test_a_refused_length_is_a_mark_at_the_top_edge_and_never_a_number(found):
    (chart,) = figures.charts(parts(found, LOOK), "generalization")
    refused = [one for one in marks(chart) if "outcome" in str(one["encoding"].get("shape", ""))]
    (layer,) = refused
    assert {(row["method"] if "method" in row else row["series"], row["queries"]) for row in layer["rows"]} == {
        ("linformer", 512.0), ("linformer", 1024.0),
    }  # fmt: skip
    high = max(
        row["value"] for one in marks(chart) for row in one["rows"] if row.get("outcome") == "ok"
    )
    assert all(row["value"] > high for row in layer["rows"])
    numbers = [row for one in marks(chart) for row in one["rows"] if row.get("outcome") == "ok"]
    assert {row["queries"] for row in numbers if row["series"] == "linformer"} == {256}


def test_what_did_not_fit_in_memory_is_a_mark_in_the_speed_panel(found):
    look = View("token_accuracy", "train_forward_backward_s", "val_ce")
    growth = figures.charts(parts(found, look), "speed")[0]
    outcomes = {row["outcome"] for one in marks(growth) for row in one["rows"]}
    assert {"ok", "oom", "unsupported"} <= outcomes
    values = {
        row["value"] for one in marks(growth) for row in one["rows"] if row["outcome"] == "ok"
    }
    assert max(values) < 0.2


def test_the_noise_floor_is_a_band_and_the_teacher_a_line(found):
    drawn = layers(figures.charts(parts(found, LOOK), "quality")[-1])
    (band,) = (one for one in drawn if one["mark"]["type"] == "rect")
    low, high = found.noise("token_accuracy").ends
    assert (band["rows"][0]["low"], band["rows"][0]["high"]) == (
        pytest.approx(low),
        pytest.approx(high),
    )
    rules = [one for one in drawn if one["mark"].get("strokeDash")]
    assert rules[0]["rows"][0]["value"] == pytest.approx(planted.TEACHER)


def test_published_numbers_have_a_mark_that_no_method_has(article):
    looked = parts(article, View("published_quality", "forward_s", "teacher"))
    for name in figures.TITLES:
        chart = figures.charts(looked, name)[-1]
        stars = [one for one in marks(chart) if one["mark"].get("shape") == STAR]
        assert stars, name
        assert all(
            row.get("student", "published") == "published" for one in stars for row in one["rows"]
        )
    assert STAR not in {line.shape for line in lines_of(article.cells["method"])}
    colours = {line.colour for line in lines_of(article.cells["method"])}
    assert stars[0]["mark"]["stroke"] not in colours


def test_the_metrics_offered_are_those_with_numbers(article, found):
    assert list(metrics(article).values()) == ["published_quality", "val_ce"]
    assert "published_quality" not in metrics(found).values()


def test_a_student_goes_on_where_its_transfer_ended(found):
    points = curve_points(found.curves, "val_ce")
    of = points[points["line"] == "performer"]
    assert of["at"].min() > 60
    assert of["at"].max() == 180
    assert points[points["line"] == "teacher"]["at"].max() == 600


def test_losses_of_different_stages_are_never_on_one_axis(found):
    for which in ("teacher", "transfer", "logits"):
        assert set(curve_points(found.curves, which)["stage"]) == {which}
    assert curves_there(found.curves) == ["val_ce", "teacher", "transfer", "logits"]


def test_a_live_run_shows_the_stage_it_is_in(found):
    rows = planted.rows(1) | {
        "curve": [one for one in planted.curve_rows(1) if one["stage"] != "logits"]
    }
    live = figure_z.read("x", "", "here", planted.SETTINGS, {}, rows)
    assert automatic(live, live=True) == "transfer"
    assert automatic(found, live=False) == "val_ce"


def test_agreement_counts_the_seeds_together_and_shows_chance(found):
    points = agreement_points(found.agreement, "both")
    far = points[(points["method"] == "longformer") & (points["distance_low"] == 128)]
    assert far["value"].item() == pytest.approx(0.5)
    rules = [
        one
        for one in layers(agreement_chart(found.agreement, "both"))
        if one["mark"]["type"] == "rule"
    ]
    assert rules[0]["rows"][0]["value"] == 0.5


def test_agreement_of_few_probes_is_faint_with_its_count_and_no_whisker_leaves_the_axes():
    row = next(iter(planted.agreement_rows()))
    rows = [
        row | {"distance_low": low, "correct": correct, "total": total}
        for low, correct, total in ((8, 60, 60), (16, 1, 3))
    ]
    table = figure_z.table(rows, figure_z.COLUMNS["agreement"])
    drawn = layers(agreement_chart(table, "both"))
    (points,) = (
        one for one in drawn if one["mark"]["type"] == "point" and "opacity" in one["encoding"]
    )
    assert [one["strength"] for one in points["rows"]] == [1.0, 0.3]
    assert [one["probes"] for one in points["rows"]] == ["60", "3, too few to tell"]
    assert "probes" in {tip["field"] for tip in points["encoding"]["tooltip"]}
    bottom = points["encoding"]["y"]["scale"]["domain"][0]
    assert all(one["low"] > bottom for one in points["rows"])


@pytest.mark.parametrize("form", ["svg", "pdf", "png"])
def test_the_whole_figure_is_one_picture(found, form):
    figure = figures.whole(parts(found, LOOK), found.cells, "Figure Z", "setting", "a machine")
    data = export.FORMATS[form].render(figure)
    assert len(data) > 5000
    if form == "svg":
        text = data.decode()
        for words in (*figures.TITLES.values(), "Performer", "a machine", "Linformer, refused"):
            assert words in text


def test_an_exported_table_holds_every_cell(found):
    figure = figures.whole(parts(found, LOOK), found.cells, "Figure Z", "setting", "a machine")
    lines = list(csv.DictReader(io.StringIO(export.csv(figure).decode())))
    assert len(lines) == len(found.cells)
    refused = [line for line in lines if line["outcome"] == "unsupported"]
    assert refused
    assert all(line["value"] == "" for line in refused)
    assert "NaN" not in export.json(figure).decode()
    assert json.loads(export.json(figure))


@pytest.mark.parametrize("name", list(figures.TITLES))
def test_each_panel_is_a_picture_of_its_own(found, name):
    figure = figures.alone(parts(found, LOOK), name, "setting", "a machine")
    assert figures.TITLES[name] in export.svg(figure).decode()
    assert len(figure.rows)


def test_nothing_measured_yet_draws_nothing(found):
    rows = {kind: [] for kind in planted.rows()} | {"curve": list(planted.curve_rows(1))[:3]}
    begun = figure_z.read("x", "", "here", planted.SETTINGS, {}, rows)
    looked = parts(begun, View("token_accuracy", "forward_s", "teacher"))
    assert [len(figures.charts(looked, name)) for name in figures.TITLES] == [1, 0, 0]
    assert export.svg(figures.whole(looked, begun.cells, "t", "s", "f"))


def test_a_method_that_the_catalogue_lacks_is_drawn_in_grey_and_last():
    lines = lines_of(["mystery", "performer", "flash"])
    assert [line.label for line in lines] == ["flash", "performer", "mystery"]
