"""A finished run by the published recipe: what it opens on, ratios that exist, and published numbers at their own N."""

import pytest

from dashboard.figures import figure_z as figures
from dashboard.figures.figure_z_series import STAR
from dashboard.services import bundles, figure_z
from dashboard.services import figure_z_captions as captions
from dashboard.services import figure_z_findings as f
from dashboard.services.figure_z_ratios import why_other
from dashboard.services.figure_z_views import View, metrics, parts
from tests.dashboard import planted_figure_z as planted
from tests.dashboard.planted_figure_z import cell
from tests.dashboard.test_figure_z_figures import layers, marks

FULL, LONGER = 2048, 4096


def rows() -> list[dict]:
    """The small scale as the engine leaves it: token accuracy is nothing, published numbers are of the full size."""
    found = planted.article_rows()["cell"]
    for method, student in (
        ("softmax", "teacher"),
        ("kernelized random_features=32", "distilled"),
    ):
        for length in (128, 256):
            found.append(cell(method, student, "token_accuracy", length, 0.0))
            found.append(cell(method, student, "val_ce", length, 9.6))
    return found


@pytest.fixture(scope="module")
def found() -> figure_z.Results:
    return figure_z.read(
        "x", "article", "here", planted.ARTICLE, {}, planted.article_rows() | {"cell": rows()}
    )


def look(found: figure_z.Results, metric: str = "published_quality") -> figures.Parts:
    return parts(found, View(metric, "forward_s", None))


def test_it_opens_on_the_published_measure_on_the_page_and_in_exports(found):
    assert next(iter(metrics(found).values())) == "published_quality"
    drawn = bundles.drawings(found)
    assert {"quality", "generalization", "speed"} <= set(drawn)
    assert drawn["quality"]().title.endswith("CE or MSE")
    assert "Generalization" in bundles.rendered(drawn["figure_z"](), "svg").decode()


def test_a_metric_without_ratios_says_why_and_which_are_drawn(found):
    looked = look(found, "token_accuracy")
    assert looked.ratio_metric == "published_quality"
    assert figures.charts(looked, "generalization")
    why = why_other(found, "token_accuracy")
    assert why == (
        "The teacher's token accuracy is 0% at N = 128: nothing can be divided by it. "
        "Drawn instead: ratios of “As published”."
    )
    assert why in captions.note(found, looked)
    assert why_other(found, "published_quality") == ""
    assert why_other(found, "val_ce") == ""


def test_a_run_of_one_length_says_that_it_looks_at_no_other():
    short = [row for row in rows() if row["length"] == 128]
    one = planted.ARTICLE | {"lengths": [128]}
    found = figure_z.read("x", "", "here", one, {}, planted.article_rows() | {"cell": short})
    assert why_other(found, "published_quality") == "This run looks at no length beyond N = 128."
    assert found.lengths == [128]


def test_published_numbers_stand_at_their_own_length(found):
    assert found.lengths == [128, 256]
    looked = look(found)
    for name, length in (("quality", FULL), ("generalization", LONGER), ("speed", FULL)):
        chart = figures.charts(looked, name)[-1]
        (stars,) = (one for one in marks(chart) if one["mark"].get("shape") == STAR)
        assert {row.get("length", row.get("queries")) for row in stars["rows"]} == {length}
    assert "Stars: published numbers, at N = 2,048 and 4,096," in captions.key_to_marks(looked)
    words = f.sentences(found, "published_quality")
    assert "Softmax 10.9 here, 11.5 published" in words
    assert "full size, trained at N = 2,048." in words


def test_stars_are_in_the_key_only_where_one_is_drawn(found):
    no_published_memory = parts(found, View("token_accuracy", "peak_bytes", None))
    assert "Stars" in captions.key_to_marks(no_published_memory, "generalization")
    assert "Stars" not in captions.key_to_marks(no_published_memory, "quality")
    assert "Stars" not in captions.key_to_marks(no_published_memory, "speed")


def test_a_published_failure_is_a_mark_that_says_fails_and_no_number(found):
    (chart,) = figures.charts(look(found), "generalization")
    (fails,) = (one for one in layers(chart) if one["mark"].get("text") == "fails")
    assert {(row["series"], row["queries"]) for row in fails["rows"]} == {
        ("linformer rank=8", float(LONGER))
    }
    assert "Linformer rank=8 refused here, fails published" in f.sentences(
        found, "published_quality"
    )


def test_every_row_of_the_speed_panel_has_a_number_or_a_mark():
    ours = [row for row in rows() if row["student"] != "published"]
    known = [row for row in rows() if row not in ours or row["method"] != "longformer window=8"]
    known.append(cell("performer", "distilled", "forward_s", 256, 1e-3))
    found = figure_z.read(
        "x", "", "here", planted.ARTICLE, {}, planted.article_rows() | {"cell": known}
    )
    chart = figures.charts(look(found), "speed")[-1]
    (names,) = {tuple(one["encoding"]["y"]["scale"]["domain"]) for one in marks(chart)}
    assert "performer" not in names
    shown = [
        one
        for one in layers(chart)
        if one["mark"]["type"] == "text" and one["mark"]["align"] == "left"
    ]
    assert {row["method"] for one in shown for row in one["rows"]} == set(names)
    assert "longformer window=8" in names
