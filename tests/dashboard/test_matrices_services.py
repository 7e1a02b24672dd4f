"""The numbers of the Attention matrices page are the engine's."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from attn_core import METHODS
from attn_core.environment import describe
from attn_core.fidelity import compare
from attn_core.matrix import ScoreView
from attn_core.sources import SourceSpec, check_affordable, load_source
from attn_core.views import codes, pooled, statistics
from attn_core.views.overview import BASE
from dashboard.figures.matrix_map import Look, MatrixData, matrix_map
from dashboard.figures.row_bars import row_bars
from dashboard.services import matrix_fidelity as fidelity
from dashboard.services import matrix_profiles as profiles
from dashboard.services.matrices import beside, error_map, exact_view, map_of, numbers
from dashboard.services.matrix_budget import budget, curve, ladder, predicted, rates
from dashboard.services.matrix_overviews import Made
from dashboard.services.matrix_rows import RUNS, read_rows, runs
from dashboard.services.matrix_scene import MODES, exact_spec, scene, why_no_rows
from dashboard.services.matrix_words import verdict
from dashboard.services.pinned import pinned, strongest
from dashboard.services.viewport import Viewport, around, parse, reported, whole

SHAPES = [("encoder", 0), ("decoder", 0), ("cross", 77), ("cross", 20)]


def source_of(role: str = "encoder", keys: int = 0, length: int = 50, **more):
    return load_source(
        SourceSpec(
            kind="synthetic", role=role, length=length, keys=keys, spread=2.0, heads=2, **more
        )
    )


def chosen(role: str) -> tuple[str, dict]:
    return ("performer", {"features": 32}) if role == "cross" else ("longformer", {"window": 5})


@pytest.mark.parametrize(("role", "keys"), SHAPES)
def test_rows_say_what_statistics_says(role, keys):
    source = source_of(role, keys)
    name, params = chosen(role)
    view = source.operator(name, **params).view(source.q, source.k, causal=source.causal)
    found = read_rows(view.one(1), None, source.v[0, 1])
    told = statistics(view)
    np.testing.assert_allclose(found.exact.entropy, told.row_entropy.value[1], atol=1e-6)
    profile = np.nan_to_num(found.exact.by_distance)
    np.testing.assert_allclose(profile, told.distance_profile.value[1], atol=1e-7)
    assert np.isnan(found.exact.by_distance).sum() == int((told.distance_pairs == 0).sum())
    block = view.block(slice(None), slice(None))[0, 1]
    np.testing.assert_allclose(found.exact.received, block.mean(0), atol=1e-6)
    np.testing.assert_allclose(found.exact.total, block.sum(1), atol=1e-5)


@pytest.mark.parametrize(("role", "keys"), SHAPES)
def test_rows_say_what_the_comparison_says(role, keys):
    source = source_of(role, keys)
    name, params = chosen(role)
    one = beside(source, 1, name, params)
    found = read_rows(one.exact, one.view, source.v[0, 1])
    op = source.operator(name, **params)
    told = compare(op, source.q, source.k, source.v, causal=source.causal, spectrum_entries=0)
    apart = found.apart
    error = np.sqrt(apart.error.sum() / apart.norm.sum())
    assert error == pytest.approx(float(told.matrix_error.value[1]), rel=1e-5)
    output = np.sqrt((apart.delta_z**2).sum() / (apart.z**2).sum())
    assert output == pytest.approx(float(told.head_output_error.value[1]), rel=1e-5)
    np.testing.assert_allclose(apart.kl, told.row_kl.value[0, 1], rtol=1e-4, atol=1e-6)
    if told.lost_mass.defined:
        assert apart.lost.mean() == pytest.approx(float(told.lost_mass.value[1]), rel=1e-5)
    else:
        assert apart.no_pattern


def test_negative_mass_and_no_divergence_where_weights_are_signed():
    source = source_of(length=96)
    one = beside(source, 0, "nystromformer", {"landmarks": 8})
    found = read_rows(one.exact, one.view, source.v[0, 0])
    block = one.view.block(slice(None), slice(None))[0, 0].double()
    np.testing.assert_allclose(found.apart.negative, -block.clamp(max=0).sum(1), atol=1e-7)
    assert found.apart.no_kl and why_no_rows(MODES["row KL"], found)


def test_a_divergence_that_is_endless_everywhere_is_said_and_not_drawn():
    source = source_of(length=96)
    one = beside(source, 0, "longformer", {"window": 4})
    found = read_rows(one.exact, one.view, source.v[0, 0])

    def why(kl):
        return why_no_rows(MODES["row KL"], replace(found, apart=replace(found.apart, kl=kl)))

    endless = np.full(96, np.inf)
    assert "infinite in every row" in why(endless)
    assert why(np.r_[0.5, endless[1:]]) == why(found.apart.kl) == ""


def test_too_many_rows_are_read_in_runs_each_in_full():
    source = source_of(length=128)
    view = exact_view(source, 0)
    found = read_rows(view, None, source.v[0, 0], most=128 * 32)
    assert len(found.index) == 32 and not found.whole and "32 of 128" in found.words
    assert found.index[0] == 0 and found.index[-1] == 127
    rows = view.block(slice(None), slice(None))[0, 0][found.index]
    np.testing.assert_allclose(found.exact.received, rows.mean(0), atol=1e-6)
    assert len(runs((0, 1 << 16), 1 << 16)) == RUNS


def test_what_is_seen_is_measured_in_the_part_alone():
    source = source_of()
    one = beside(source, 0, "longformer", {"window": 5})
    part = Viewport(10, 30, 5, 25)
    found = {one.name: one for one in fidelity.measured(fidelity.in_part(source, 0, one, part))}
    exact = one.exact.block(slice(10, 30), slice(5, 25))[0, 0].double()
    method = one.view.block(slice(10, 30), slice(5, 25))[0, 0].double()
    assert found["matrix error"].value == pytest.approx(
        float((method - exact).norm() / exact.norm()), rel=1e-6
    )
    assert found["largest difference"].value == pytest.approx(
        float((method - exact).abs().max()), rel=1e-6
    )
    assert found["weight seen, exact"].value == pytest.approx(float(exact.sum(1).mean()), rel=1e-6)


def test_the_whole_is_the_engines_report():
    source = source_of()
    one = beside(source, 1, "longformer", {"window": 5})
    report = fidelity.whole_report(source, one)
    recall, variation = fidelity.from_report(report, 1)
    assert recall.value == float(report.top_k_recall.value[1, -1])
    assert variation.value == float(report.total_variation.value[1])


@pytest.mark.parametrize("reduce", ["mean", "max"])
def test_a_pooled_map_is_the_engines_pooled_block(reduce):
    source = source_of(length=200)
    one = beside(source, 0, "performer", {"features": 16})
    part = Viewport(20, 180, 0, 200)
    data = map_of(one.view, source, part, reduce, most=32)
    told = pooled(one.view, slice(20, 180), slice(0, 200), 32, reduce)[0]
    np.testing.assert_allclose(data.values, told, rtol=1e-5)
    assert data.first == (20, 0) and data.each == (5, 6.25)


def test_masked_cells_are_those_that_the_pattern_forbids():
    source = source_of("decoder")
    one = beside(source, 0, "longformer", {"window": 5, "global_tokens": 1})
    data = map_of(one.view, source, whole(50, 50))
    i, j = np.indices((50, 50))
    np.testing.assert_array_equal(data.masked, ~((j <= i) & ((i - j <= 5) | (j == 0))))


def test_error_maps_are_differences_and_ratios():
    source = source_of()
    one = beside(source, 0, "performer", {"features": 32})
    part = whole(50, 50)
    exact = one.exact.block(slice(None), slice(None))[0, 0].numpy()
    method = one.view.block(slice(None), slice(None))[0, 0].numpy()
    signed, ratio = (error_map(one, source, part, kind) for kind in ("signed", "ratio"))
    np.testing.assert_allclose(signed.values, method - exact, atol=1e-7)
    np.testing.assert_allclose(ratio.values, np.log2(method / exact), atol=1e-4)
    assert signed.signed and ratio.signed


def test_numbers_are_saved_as_they_are_and_not_too_many():
    source = source_of()
    view = exact_view(source, 0)
    part = Viewport(3, 9, 1, 50)
    np.testing.assert_array_equal(
        numbers(view, part, 6 * 49), view.block(slice(3, 9), slice(1, 50))[0, 0]
    )
    with pytest.raises(ValueError, match="zoom in"):
        numbers(view, part, 6 * 49 - 1)


def test_profiles_keep_the_mean_when_they_are_thinned():
    source = source_of(length=700)
    found = read_rows(exact_view(source, 0), None, source.v[0, 0])
    table = profiles.received({"exact": found.exact})
    assert len(table) == profiles.BINS
    assert table["value"].mean() == pytest.approx(1 / 700, rel=0.01)
    near = profiles.distances({"exact": found.exact})
    assert near["distance"].iloc[0] == 0.5
    assert near["value"].iloc[0] == pytest.approx(found.exact.by_distance[0])


def test_the_future_is_no_pair_of_a_distance():
    source = source_of("decoder", length=64)
    evenly = torch.zeros_like(source.q[:, :1])
    view = ScoreView(evenly, evenly, 1.0, causal=True)
    found = read_rows(view, None, source.v[0, 0]).exact
    rows = 1 / torch.arange(1, 65, dtype=torch.float64)
    expected = [rows[apart:].mean().item() for apart in range(64)]
    np.testing.assert_allclose(found.by_distance, expected, rtol=1e-6)
    assert found.pairs.tolist() == list(range(64, 0, -1))


def test_a_bin_of_distances_is_the_mean_of_its_pairs():
    source = source_of(length=700)
    found = read_rows(exact_view(source, 0), None, source.v[0, 0]).exact
    table = profiles.distances({"exact": found})
    edges = np.unique(np.geomspace(1, 700, profiles.BINS // 2).astype(int))
    last = slice(*edges[-2:])
    mean = np.average(found.by_distance[last], weights=found.pairs[last])
    assert table["value"].iloc[-1] == pytest.approx(mean)
    assert mean != pytest.approx(found.by_distance[last].mean(), rel=1e-3)


def test_the_strongest_keys_are_keys_that_are_met():
    source = source_of("decoder", length=20)
    views = {"exact": source.operator("softmax").view(source.q, source.k, causal=True)}
    assert strongest(source, views, 1, 2)["key j"].isin([0, 1, 2]).all()
    assert len(strongest(source, views, 1, 2)) == 3
    assert len(strongest(source, views, 1, 19)) == 10


def test_each_matrix_names_its_strongest_keys():
    source = source_of(length=64)
    one = beside(source, 0, "performer", {"features": 16})
    views = {"exact": exact_view(source, 0), "performer": one.view}
    table = strongest(source, views, 0, 5)
    rows = {name: view.block(slice(5, 6), slice(None))[0, 0, 0] for name, view in views.items()}
    assert not set(rows["exact"].topk(2).indices.tolist()) & set(
        rows["performer"].topk(2).indices.tolist()
    )
    for row in rows.values():
        assert set(row.topk(5).indices.tolist()) <= set(table["key j"])
    assert table["exact"].is_monotonic_decreasing and len(table) == 10


def test_a_pair_outside_a_pattern_is_said_to_be():
    source = source_of(length=40)
    views = {"exact": source.operator("softmax").view(source.q, source.k)}
    views["Longformer"] = source.operator("longformer", window=4).view(source.q, source.k)
    assert "Longformer 0 (outside its pattern)" in pinned(source, views, 0, 30, 9).words
    assert "outside" not in pinned(source, views, 0, 30, 29).words


def test_rounding_is_not_drawn_as_an_error():
    near = MatrixData(np.full((4, 4), 5e-8), signed=True)
    domain = matrix_map(near).to_dict()["layer"][0]["encoding"]["color"]["scale"]["domain"]
    assert (domain[0], domain[5], domain[-1]) == (-1e-6, 0, 1e-6)
    chart, table = row_bars(np.arange(3), np.array([5e-8, 0.0, np.inf]), "nats", None, 0, 90)
    assert table["to"].tolist() == [0.0, 0.0, 1e-6] and table["value"][0] == 5e-8
    assert chart.to_dict()["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0, 1e-6]


@pytest.mark.parametrize("name", [one.name for one in METHODS.values() if one.family != "exact"])
def test_every_step_of_a_budget_is_one_that_the_method_takes(name):
    method, source = METHODS[name], source_of(length=100)
    steps = ladder(method, source, {})
    param = budget(method)
    assert bool(steps) == (param is not None)
    for step in steps:
        method.resolve({param.name: step})
    if param is not None:
        assert param.default in steps


def test_a_budget_of_ones_own_is_a_step():
    assert 37 in ladder(METHODS["performer"], source_of(), {}, also=37)


def test_more_budget_takes_longer_and_errs_less():
    source = source_of(length=400)
    at, _ = rates(describe())
    table = curve(source, 0, METHODS["longformer"], {}, at)
    assert (table["matrix error"].diff().dropna() <= 1e-9).all()
    shape = source_of(length=4096).shape
    times = [predicted(METHODS["longformer"], {"window": w}, shape, at) for w in (64, 512)]
    assert times[0] < times[1]


def test_no_step_is_offered_that_would_be_refused_but_what_is_asked_for_stays():
    source, whole_ladder = source_of(length=65_536), source_of(length=4_096)
    offered = ladder(METHODS["sparse_transformer"], source, {})
    assert offered and offered[0] in (0, 8) and 1 not in offered
    assert 1 in ladder(METHODS["sparse_transformer"], whole_ladder, {})
    for step in offered:
        check_affordable("sparse_transformer", {"stride": step}, source.shape)
    assert 1 in ladder(METHODS["sparse_transformer"], source, {}, also=1)


def said_of(length: int, window: int):
    """What is said of longformer on the whole, and the rows that it is read from."""
    source, part = source_of(length=length), whole(length, length)
    one = beside(source, 0, "longformer", {"window": window})
    rows = fidelity.in_part(source, 0, one, part)
    at, _ = rates(describe())
    return verdict(source, one, rows, part, at, False), rows


def test_the_sentence_carries_the_measured_error():
    said, rows = said_of(400, 8)
    error = 100 * np.sqrt(rows.apart.error.sum() / rows.apart.norm.sum())
    assert f"{error:.3g}%" in said and f"{rows.apart.lost.mean():.1%}" in said
    assert "the same weights" in said_of(400, 400)[0]


def test_a_sentence_read_off_a_few_rows_says_so():
    said, rows = said_of(4096, 8)
    assert f"is (by {len(rows.index):,} of 4,096 rows" in said and not rows.whole


def test_a_scene_names_what_the_routes_take():
    source = source_of()
    one = beside(source, 0, "longformer", {"window": 5})
    rows = {one.spec.id: fidelity.in_part(source, 0, one, whole(50, 50))}
    found = scene(source, 0, [one], "row KL", "max", Look(), (1, 2), None, rows)
    exact, method, error = found["panes"][0]
    assert (exact["side"], method["side"]) == ("exact", "method")
    assert error["kind"] == "rows" and len(error["values"]) == 50
    infinite = np.isinf(rows[one.spec.id].apart.kl)
    assert [value is None for _, _, value in error["values"]] == infinite.tolist()
    assert (codes.MASKED, codes.NOT_FINITE, codes.ZERO) == (0, 1, 2)  # as colours.js has them
    assert found["legend"]["unsigned"] == codes.table(False)


def test_one_pass_serves_both_sides_where_coarse_levels_need_one():
    small, large = source_of(length=256 << (BASE - 1)), source_of(length=(256 << (BASE - 1)) + 1)
    for source, alone in ((small, True), (large, False)):
        one = beside(source, 0, "performer", {"features": 4})
        assert (exact_spec(source, [one]).method is None) is alone


def test_a_refusal_is_a_sentence():
    one = beside(source_of("decoder"), 0, "linformer", {})
    assert one.sides is None and one.problem.startswith("linformer: the decoder role")


@pytest.mark.parametrize(
    "text",
    ["", "1-2", "5-5_0-9", "9-3_0-9", "0-99_0-9", "-1-9_0-9", "0-9_0-nan", "0-9_0-9 ", "../x"],
)
def test_a_bad_part_is_refused(text):
    with pytest.raises(ValueError, match="i0-i1_j0-j1"):
        parse(text, 50, 50)


def test_a_part_comes_back_from_its_text_and_from_the_browser():
    part = Viewport(3, 9, 1, 50)
    assert parse(part.text, 50, 50) == part
    assert reported([3, 9, 1, 50], 50, 50) == part
    assert reported([-5, 1e8, 49, 40], 50, 50) == Viewport(0, 50, 49, 50)
    for bad in (None, "3,9", [1, 2, 3], [1, 2, 3, float("nan")], [1, 2, 3, "4"]):
        assert reported(bad, 50, 50) is None


def test_the_matrix_times_the_values_is_the_output():
    source = source_of()
    one = beside(source, 1, "nystromformer", {"landmarks": 8})
    out = source.operator("nystromformer", landmarks=8)(source.q, source.k, source.v)
    block = numbers(one.view, whole(50, 50), 2500)
    torch.testing.assert_close(
        torch.from_numpy(block) @ source.v[0, 1], out[0, 1], atol=1e-4, rtol=1e-4
    )


def test_the_part_around_a_pair_stays_inside():
    assert around(500, 20, 100, 1000, 1000) == Viewport(450, 550, 0, 100)
    assert around(999, 999, 100, 1000, 1000) == Viewport(900, 1000, 900, 1000)
    assert around(5, 5, 100, 40, 200) == Viewport(0, 40, 0, 100)


def test_an_overview_says_what_is_known_of_its_end():
    assert Made(True, False, True).words.endswith("the worker starts")
    told = Made(True, False, True, progress=0.254, eta=26.4, later=2).words
    assert told == "Making the overview: 25%, about 26 s left, then 2 more"
