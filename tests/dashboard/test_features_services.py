"""The numbers of the Feature maps page are the operator's own, and agree with dense formulas in fp64."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from attn_core.fidelity.kernel_estimate import log_kernels
from attn_core.sources import SourceSpec, load_source
from dashboard.figures.feature_errors import curve_points, error_curve, predicted_points, slope_of
from dashboard.figures.feature_map import feature_map, feature_rows, span_of
from dashboard.figures.feature_norms import norm_map, pair_chart, pair_points
from dashboard.figures.feature_spread import spread_chart, weight_rows, weight_scatter
from dashboard.figures.kernel_scatter import kernel_scatter
from dashboard.services import feature_pairs
from dashboard.services import feature_studies as studies
from dashboard.services import feature_words as words
from dashboard.services import features as service

SMALL = {"spread": 0.2, "head_dim": 16}


def source(role: str = "encoder", length: int = 60, **given):
    return load_source(SourceSpec(kind="synthetic", role=role, length=length, **(SMALL | given)))


def plain_features(x: torch.Tensor, omega: torch.Tensor) -> torch.Tensor:
    x = x.double() * x.shape[-1] ** -0.25
    return (x @ omega.double() - x.square().sum(-1, keepdim=True) / 2).exp() / omega.shape[
        1
    ] ** 0.5


def test_pairs_are_those_of_the_plain_formula():
    asked = service.ask(source(length=100), 0, "performer", {"features": 32})
    found = service.pairs(asked)
    q, k = asked.source.q[0, 0, found.rows], asked.source.k[0, 0, found.columns]
    omega = service.directions(asked)
    expected = plain_features(q, omega) @ plain_features(k, omega).T
    np.testing.assert_allclose(np.exp(found.estimate), expected, rtol=1e-4)
    np.testing.assert_allclose(found.exact, (q.double() @ k.double().T) / 4, rtol=1e-6)
    assert found.shift == 0 and found.seen.all() and len(found.rows) == service.ROWS
    table = feature_pairs.pair_rows(asked, found)
    assert len(table) == service.ROWS**2
    first = table.iloc[0]
    assert 10 ** first["exact"] == pytest.approx(math.exp(found.exact[0, 0]))
    assert table["i"].max() == found.rows[-1] and table["j"].max() == found.columns[-1]


def test_kernels_of_their_own_are_scaled_to_the_same_total_and_masked_pairs_left_out():
    asked = service.ask(source("decoder"), 0, "kernelized", {})
    found = service.pairs(asked)
    assert not asked.estimates and found.shift != 0
    table = feature_pairs.pair_rows(asked, found)
    assert (table["j"] <= table["i"]).all()
    assert (10 ** table["exact"]).sum() == pytest.approx((10 ** table["estimate"]).sum())


@pytest.mark.parametrize("params", [{}, {"kernel": "relu"}])
@pytest.mark.parametrize("role", ["encoder", "decoder", "cross"])
def test_features_multiplied_out_are_the_engines_output(role, params):
    given = {"keys": 70} if role == "cross" else {}
    asked = service.ask(source(role, heads=2, **given), 1, "performer", params)
    found = service.built(asked)
    assert found.difference is not None and found.difference < 1e-4


def test_calibration_holds_the_means_of_equal_parts():
    asked = service.ask(source(), 0, "performer", {})
    table = feature_pairs.pair_rows(asked, service.pairs(asked))
    found = feature_pairs.calibration(table)
    assert found["pairs"].sum() == len(table) and len(found) == 8
    low = table.nsmallest(int(found["pairs"].iloc[0]), "exact")
    assert 10 ** found["exact"].iloc[0] == pytest.approx((10 ** low["exact"]).mean())
    assert 10 ** found["estimate"].iloc[0] == pytest.approx((10 ** low["estimate"]).mean())
    assert (found["low"] <= found["high"]).all()


def test_maps_show_the_features_of_evenly_spaced_tokens_and_the_pinned_one():
    asked = service.ask(source(length=200), 0, "performer", {"features": 128})
    rows = service.shown_rows(200, 7)
    assert 7 in rows and len(rows) == service.ROWS + 1
    logs, which = service.feature_logs(asked, "k", rows)
    plain = plain_features(asked.source.k[0, 0, rows], service.directions(asked))[:, which]
    np.testing.assert_allclose(np.exp(logs), plain, rtol=1e-4)
    table = feature_rows(logs, rows, which)
    low, high = span_of(table)
    assert 0 <= high - math.log10(float(plain.max())) <= 0.5 and high - low <= 7
    chart = feature_map(table, (low, high), side="key j", pin=7).to_dict()
    assert len(chart["layer"]) == 2


def test_exact_zeros_have_a_state_of_their_own():
    asked = service.ask(source(), 0, "kernelized", {"feature_map": "relu"})
    logs, which = service.feature_logs(asked, "q", [0, 1])
    table = feature_rows(logs, [0, 1], which)
    assert table["zero"].any() and table.loc[table["zero"], "power"].isna().all()
    assert len(feature_map(table, span_of(table), side="query i").to_dict()["layer"]) == 2


@pytest.mark.parametrize(
    ("method", "params", "said"),
    [
        ("performer", {"features": 10**9}, "features is at most 4,096"),
        ("kernelized", {"random_features": 5_000}, "random_features is at most 4,096"),
        ("performer", {"features": 0}, "features must be"),
        ("performer", {"features": 4_096}, "choose fewer features"),
    ],
)
def test_what_would_not_fit_is_refused_in_a_sentence(method, params, said):
    long = load_source(SourceSpec(kind="synthetic", length=65_536, head_dim=8))
    with pytest.raises(ValueError, match=said):
        service.ask(long, 0, method, params)


def test_the_curve_falls_as_theory_says_where_norms_are_small():
    found = studies.curve(source(spread=0.05), 0, 8)
    points = curve_points(found.rows, "kernel")
    assert set(points["variant"]) == {"orthogonal", "independent"}
    assert slope_of(points, "independent") == pytest.approx(-0.5, abs=0.08)
    independent = points[points["variant"] == "independent"]
    np.testing.assert_allclose(independent["median"], found.predicted["kernel"], rtol=0.35)
    lines = predicted_points(points, found.predicted, "kernel")
    assert set(lines["name"]) == {"theory, independent", "1/√m from m = 16"}
    assert "1/√m is m^−0.50" in words.curve_words(
        points,
        found,
        "kernel",
        {one: slope_of(points, one) for one in ("orthogonal", "independent")},
    )
    matrix = curve_points(found.rows, "matrix")
    assert set(matrix["variant"]) == set(studies.NAMES)
    assert (
        len(
            error_curve(
                matrix, predicted_points(matrix, found.predicted, "matrix"), title="e"
            ).layer
        )
        == 5
    )


def test_a_prediction_far_above_what_was_measured_is_said_and_not_drawn():
    found = studies.curve(source(spread=2.0, head_dim=64), 0, 8)
    points = curve_points(found.rows, "kernel")
    assert len(set(predicted_points(points, found.predicted, "kernel")["name"])) == 1
    assert "so rare" in words.curve_words(
        points, found, "kernel", {"orthogonal": 0, "independent": 0}
    )


def test_progress_reaches_the_end_once_and_a_known_curve_is_not_measured_again():
    one, said = source(length=9, seed=4), []
    studies.curve(one, 0, 8, 1.0, lambda done, total: said.append(done / total))
    assert said == sorted(said) and said[-1] == 1.0
    again: list[float] = []
    studies.curve(one, 0, 8, 1.0, lambda done, total: again.append(done / total))
    assert not again


def test_spread_norms_and_compared_maps_are_drawn_from_what_was_measured():
    one = source()
    table = studies.pair_spread(one, 0, 3, 5, 64)
    assert len(table) == 2 * studies.PAIR_SEEDS
    predicted = studies.pair_prediction(one, 0, 3, 5, 64)
    own = table[table["variant"] == "independent"]["ratio"]
    assert own.std() == pytest.approx(predicted, rel=0.3)
    assert len(spread_chart(table).layer) == 3
    grid = studies.norm_table(one, 0, 64)
    assert len(grid) == len(studies.FACTORS) ** 2
    assert len(norm_map(grid).layer) == 2
    assert "the median error is" in words.norm_words(grid)
    found = studies.compared(one, 0, 64)
    assert [x.variant for x in found] == ["orthogonal", "relu", "elu+1"]
    assert found[0].exact.sum(-1) == pytest.approx(1, abs=1e-5)
    assert found[0].own.sum(-1) == pytest.approx(1, abs=1e-5)
    errors = studies.error_table(found)
    assert (errors["matrix least"] <= errors["matrix"]).all()
    assert len(weight_scatter(weight_rows(found[0].exact, found[0].own), "relu").layer) == 2


def test_the_scatter_frames_the_pinned_pair_and_errors_stand_against_theory():
    asked = service.ask(source(), 0, "performer", {})
    table = feature_pairs.pair_rows(asked, service.pairs(asked))
    chart = kernel_scatter(
        table, feature_pairs.calibration(table), colour="#c2500a", unit="u", pin=(0, 0)
    )
    assert len(chart.layer) == 6
    points = pair_points(table)
    one = points.iloc[7]
    assert one["error"] == pytest.approx(abs(10 ** (one["estimate"] - one["exact"]) - 1))
    line = pair_chart(points, 256, colour="#c2500a").layer[-1].data
    at = line.iloc[30]
    assert 10 ** at["log_error"] == pytest.approx(math.sqrt(math.expm1(at["square"]) / 256))


def test_huge_kernels_stay_in_logarithms_and_in_words():
    asked = service.ask(source(spread=800.0), 0, "performer", {})
    table = feature_pairs.pair_rows(asked, service.pairs(asked))
    assert np.isfinite(table["exact"]).all() and table["exact"].max() > 300
    kernel_scatter(table, feature_pairs.calibration(table), colour="#c2500a", unit="u").to_dict()
    assert "nan" not in words.verdict(asked, service.pairs(asked))
    assert words.power(5_000.0) == "3·10²¹⁷¹"


def test_the_verdict_says_both_what_is_typical_and_what_the_picture_s_means_show():
    """Estimates with a long tail: three in four of the largest kernels come out at 0.1, the others at 3."""
    asked = service.ask(source(length=20), 0, "performer", {})
    exact = np.repeat([0.0, 5.0], [360, 40])
    gap = np.concatenate([np.zeros(360), np.tile(np.log10([0.1, 0.1, 0.1, 3.0]), 10)])
    logs = [(one * math.log(10)).reshape(20, 20) for one in (exact, exact + gap)]
    found = replace(service.counted_pairs(asked), exact=logs[0], estimate=logs[1])
    said = words.verdict(asked, found)
    assert "Over all 400 pairs" in said
    assert "typically comes out at 0.100×, summed up at 0.825×" in said, said


def test_a_verdict_has_words_for_estimates_beyond_every_number():
    asked = service.ask(source(length=6), 0, "performer", {})
    found = service.counted_pairs(asked)
    assert "NaN" not in words.verdict(asked, replace(found, estimate=found.exact + 2_000.0))


def test_the_verdict_counts_every_pair_of_a_short_source_and_says_which_of_a_long_one():
    short, long = source(length=48), source(length=300)
    asked = service.ask(short, 0, "performer", {})
    q, k = short.q[0, 0].double(), short.k[0, 0].double()
    off = (
        log_kernels(service.built(asked).op, q.float(), k.float())[0]
        - (q @ k.T) * q.shape[1] ** -0.5
    ).expm1()
    assert (
        f"Over all 2,304 pairs the estimate is typically off by {words.percent(float(off.abs().median()))};"
        in (words.verdict(asked, service.counted_pairs(asked)))
    )
    asked = service.ask(long, 0, "performer", {})
    assert "Over 16,384 pairs of 128 × 128 evenly spaced tokens" in words.verdict(
        asked, service.counted_pairs(asked)
    )


def test_what_takes_a_while_counts_what_it_has_done():
    one, said = source(seed=77), []

    def report(done: int, total: int) -> None:
        said.append((done, total))

    for measure, total in (
        (lambda: studies.norm_table(one, 0, 16, report), studies.GRID_SEEDS),
        (lambda: studies.pair_spread(one, 0, 1, 2, 16, report), 2 * studies.pair_seeds(16)),
        (lambda: studies.compared(one, 0, 16, report), 3),
    ):
        said.clear()
        measure()
        assert said == [(done, total) for done in range(total)]
        said.clear()
        measure()
        assert not said
