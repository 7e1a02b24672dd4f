"""Numbers of Figure Z put together: means, intervals, ratios; what is no number stays none."""

import math

import pandas as pd
import pytest

from dashboard.services import figure_z
from dashboard.services import figure_z_summary as s
from dashboard.services.figure_z_views import View, parts
from tests.dashboard import planted_figure_z as planted


@pytest.fixture(scope="module")
def found() -> figure_z.Results:
    return figure_z.read("x", "planted", "here", planted.SETTINGS, {}, planted.rows(2))


def one(rows: pd.DataFrame, method: str, length: int, student: str = "distilled") -> dict:
    (row,) = (
        row
        for row in rows.to_dict(orient="records")
        if (row["method"], row["length"], row["student"]) == (method, length, student)
    )
    return row


def cells(*rows: dict) -> pd.DataFrame:
    return figure_z.table(rows, figure_z.COLUMNS["cell"])


def test_seeds_become_their_mean_with_an_interval_around_it(found):
    row = one(s.of_metric(found.summary, "token_accuracy"), "performer", 512)
    both = [planted.accuracy("performer", 512, seed) for seed in (0, 1)]
    assert row["value"] == pytest.approx(sum(both) / 2)
    assert row["low"] <= min(both) < max(both) <= row["high"]
    assert row["seeds"] == 2


def test_an_interval_is_never_narrower_than_what_a_seed_says_of_itself():
    rows = [
        planted.cell("flash", "distilled", "bleu", 256, 60.0, seed=seed, low=55.0, high=66.0)
        for seed in (0, 1)
    ]
    assert s.interval(rows) == (55.0, 66.0)


def test_one_seed_without_an_interval_has_none():
    row = one(
        s.summary(cells(planted.cell("flash", "distilled", "bleu", 256, 60.0))), "flash", 256
    )
    assert math.isnan(row["low"])
    assert math.isnan(row["high"])


def test_many_seeds_give_the_same_interval_twice():
    rows = [
        planted.cell("flash", "distilled", "bleu", 256, 60.0 + seed, seed=seed)
        for seed in range(7)
    ]
    low, high = s.interval(rows)
    assert (low, high) == s.interval(rows)
    assert 60 < low < 63 < high < 66


def test_what_was_refused_has_an_outcome_and_a_reason_and_no_number(found):
    for metric in ("token_accuracy", "generalization", "forward_s"):
        row = one(s.of_metric(found.summary, metric), "linformer", 512)
        assert row["outcome"] == "unsupported"
        assert "must be at most 256" in row["message"]
        assert math.isnan(row["value"])


def test_a_seed_that_failed_is_said_beside_the_mean_of_the_others():
    good = planted.cell("flash", "distilled", "bleu", 256, 60.0)
    bad = planted.cell(
        "flash", "distilled", "bleu", 256, None, seed=1, outcome="oom", message="too large"
    )
    row = one(s.summary(cells(good, bad)), "flash", 256)
    assert (row["value"], row["outcome"]) == (60.0, "ok")
    assert row["message"] == "1 of 2 seeds without a number: too large"


def test_ratios_are_normalised_by_the_teacher():
    assert s.normalised(0.8, 0.9, 0.7, 0.9) == pytest.approx((0.8 / 0.9) / (0.7 / 0.9))
    assert s.normalised(0.7, 0.9, 0.7, 0.9) == pytest.approx(1.0)
    assert s.normalised(0.8, 0.9, 0.0, 0.9) is None
    assert s.normalised(0.8, 0.9, None, 0.9) is None


def test_ratios_that_are_divided_here_equal_those_that_were_stored(found):
    stored = s.generalization(found.summary, "token_accuracy", 256)[1]
    without = found.cells[found.cells["metric"] != "generalization"]
    divided = s.generalization(s.summary(without), "token_accuracy", 256)[1]
    for method, length in (("performer", 512), ("longformer", 1024), ("flash", 256)):
        assert one(divided, method, length)["value"] == pytest.approx(
            one(stored, method, length)["value"], rel=5e-3
        )
    assert one(divided, "linformer", 512)["outcome"] == "unsupported"


def test_a_metric_without_ratios_falls_back_to_token_accuracy_by_name(found):
    metric, rows = s.generalization(found.summary, "kl_to_teacher", 256)
    assert metric == "token_accuracy"
    assert one(rows, "performer", 1024)["value"] == pytest.approx((0.95 / planted.KEPT) ** 2)


def test_each_metric_has_its_own_ratios(found):
    metric, rows = s.generalization(found.summary, "val_ce", 256)
    assert metric == "val_ce"
    own = s.of_metric(found.summary, "val_ce")
    values = {n: one(own, "performer", n)["value"] for n in (256, 1024)}
    exact = {n: one(own, "flash", n, "teacher")["value"] for n in (256, 1024)}
    expected = (values[1024] / values[256]) / (exact[1024] / exact[256])
    assert one(rows, "performer", 1024)["value"] == pytest.approx(expected)


def test_the_noise_floor_is_the_spread_of_exact_attention_trained_again(found):
    band = found.noise("token_accuracy")
    assert band.ends == (planted.accuracy("flash", 256, 1), planted.accuracy("flash", 256, 0))
    assert band.of == "exact attention trained again, over 2 seeds"


def test_the_noise_floor_of_one_seed_is_called_what_it_is():
    once = planted.cell("flash", "distilled", "bleu", 256, 61.0, low=58.0, high=63.0)
    band = s.noise_floor(s.summary(cells(once)), "bleu", 256, {"flash"})
    assert band is not None
    assert band.ends == (58.0, 63.0)
    assert band.of == "exact attention trained again once: other test rows, not other trainings"


def test_the_noise_floor_of_one_number_reaches_to_the_teacher():
    teacher = planted.cell("flash", "teacher", "bleu", 256, 62.0)
    again = planted.cell("flash", "distilled", "bleu", 256, 61.0)
    band = s.noise_floor(s.summary(cells(teacher, again)), "bleu", 256, {"flash"})
    assert band is not None
    assert band.ends == (61.0, 62.0)
    assert band.of == "exact attention trained again once, and its teacher"
    assert s.noise_floor(s.summary(cells(teacher)), "bleu", 256, {"flash"}) is None


def test_published_numbers_stand_in_our_row_and_are_not_averaged_into_it():
    found = figure_z.read("x", "", "here", planted.ARTICLE, {}, planted.article_rows())
    rows = s.of_metric(found.summary, "published_quality")
    label = "kernelized random_features=32"
    assert one(rows, label, 128)["value"] == pytest.approx(0.11)
    assert one(rows, label, 2048, "published")["value"] == pytest.approx(0.05198)


def test_what_is_shown_is_what_was_asked_for(found):
    looked = parts(found, View("bleu", "peak_bytes", "val_ce"))
    assert set(looked.quality_rows["length"]) == {256}
    assert set(looked.quality_rows["metric"]) == {"bleu"}
    assert set(looked.speed_rows["metric"]) == {"peak_bytes"}
