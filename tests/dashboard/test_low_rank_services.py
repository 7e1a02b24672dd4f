"""The numbers of the Low rank page, against plain decompositions of the dense matrix in fp64."""

import numpy as np
import pandas as pd
import pytest
import torch

from attn_core.sources import SourceSpec, load_source
from dashboard.figures.on_screen import on_screen
from dashboard.figures.ranks import head_map, inverse_chart
from dashboard.figures.spectrum import (
    energy_chart,
    rank_chart,
    spectrum_chart,
    spectrum_rows,
)
from dashboard.services import low_rank as service
from dashboard.services import low_rank_factors as factors
from dashboard.services import low_rank_words as words


def source(role: str = "encoder", length: int = 48, **given):
    return load_source(
        SourceSpec(kind="synthetic", role=role, length=length, head_dim=16, **given)
    )


def dense(one, head: int = 0) -> torch.Tensor:
    q, k = one.q[0, head].double(), one.k[0, head].double()
    scores = q @ k.T / q.shape[1] ** 0.5
    if one.causal:
        scores = scores.masked_fill(~torch.ones_like(scores).bool().tril(), -torch.inf)
    return scores.softmax(-1)


@pytest.mark.parametrize("role", ["encoder", "decoder"])
def test_the_spectrum_is_that_of_the_dense_matrix(role):
    one = source(role, heads=2)
    found = service.decomposed(one, 1)
    plain = torch.linalg.svdvals(dense(one, 1))
    torch.testing.assert_close(found.singular, plain)
    energy = (plain.square().cumsum(0) / plain.square().sum()).numpy()
    np.testing.assert_allclose(found.energy[1:], energy, atol=1e-12)
    assert found.rank_of(0.9) == int(np.searchsorted(energy, 0.9)) + 1


@pytest.mark.parametrize("method", list(service.BUDGETS))
def test_a_methods_error_is_that_of_its_matrix_and_no_better_than_the_best(method):
    one = source(heads=2)
    asked = service.ask(one, 1, method, {service.BUDGETS[method]: 8})
    view = one.operator(method, **{service.BUDGETS[method]: 8}).view(one.q, one.k)
    own = view.block(slice(None), slice(None))[0, 1].detach().double()
    exact = dense(one, 1)
    assert service.error_of(asked) == pytest.approx(
        float((own - exact).norm() / exact.norm()), rel=1e-4
    )
    table = service.rank_table(service.ask(one, 1, "linformer", {"rank": 8}))
    row = table[(table["method"] == method) & (table["k"] == 8)].iloc[0]
    assert row["error"] == pytest.approx(service.error_of(asked))
    assert row["error"] >= row["best"] and row["ratio"] == pytest.approx(
        row["error"] / row["best"]
    )
    u, s, v = torch.linalg.svd(exact)
    truncated = (u[:, : row["would do"]] * s[: row["would do"]]) @ v[: row["would do"]]
    assert float((truncated - exact).norm() / exact.norm()) <= row["error"] + 1e-9


def test_the_chosen_method_keeps_its_settings_and_the_sentence_its_numbers():
    one = source()
    asked = service.ask(one, 0, "linformer", {"rank": 12, "projection": "pool"})
    table = service.rank_table(asked)
    row = table[(table["method"] == "linformer") & (table["k"] == 12)].iloc[0]
    assert row["error"] == pytest.approx(service.error_of(asked))
    said = words.verdict(asked, table)
    assert "At k = 12 the best possible error is" in said
    assert words.percent(row["error"]) in said


@pytest.mark.parametrize("method", service.MAPS)
def test_factors_multiplied_out_are_the_engines_output(method):
    one = source(heads=2, length=90)
    asked = service.ask(one, 1, method, {service.BUDGETS[method]: 8})
    found = factors.inside(asked)
    assert found.difference is not None and found.difference < 1e-4
    for factor in found.factors:
        assert max(factor.data.values.shape) <= factors.MOST_CELLS
        assert np.isfinite(factor.data.values).all()


def test_linformers_and_low_ranks_arrays_are_their_definitions():
    one = source(length=40)
    e, ek, weights = (
        f.data.values
        for f in factors.inside(service.ask(one, 0, "linformer", {"rank": 6})).factors
    )
    keys = e @ one.k[0, 0].numpy()
    np.testing.assert_allclose(ek, keys, atol=1e-5)
    plain = torch.tensor(one.q[0, 0].numpy() @ keys.T / 4).softmax(-1)
    np.testing.assert_allclose(weights, plain, atol=1e-5)
    c, u, v = (
        f.data.values for f in factors.inside(service.ask(one, 0, "low_rank", {"rank": 6})).factors
    )
    np.testing.assert_allclose(
        u, torch.tensor(one.q[0, 0].numpy() @ c.T / 4).softmax(-1), atol=1e-5
    )
    np.testing.assert_allclose(v.sum(0), 1, atol=1e-5)


def test_nystroms_convergence_goes_on_past_what_is_asked_and_ends_at_the_true_inverse():
    one = source()
    asked = service.ask(one, 0, "nystromformer", {"landmarks": 4, "iterations": 3})
    found = factors.convergence(asked, 30)
    assert list(found.rows["iteration"]) == list(range(31))
    assert found.rows["matrix_error"].iloc[3] == pytest.approx(service.error_of(asked), rel=1e-3)
    assert found.rows["matrix_error"].iloc[-1] == pytest.approx(found.limit, rel=1e-2)
    assert "After 3 iterations" in words.convergence_words(found, 3)
    assert len(inverse_chart(found.rows, found.limit, 3).layer) == 5


def test_effective_ranks_cover_every_head_of_every_layer():
    one = load_source(SourceSpec(kind="corpus", length=24, layer=1))
    rows = service.rank_by_head(one)
    assert set(map(tuple, rows[["layer", "head"]].to_numpy())) == {
        (a, b) for a in range(2) for b in range(4)
    }
    here = rows[(rows["layer"] == 1) & (rows["head"] == 2)].iloc[0]
    shares = torch.linalg.svdvals(dense(one, 2))
    shares = shares / shares.sum()
    assert here["effective"] == pytest.approx(
        float((-(shares * shares.log()).sum()).exp()), rel=1e-6
    )
    assert "The lowest effective rank" in words.head_words(rows)
    assert len(head_map(rows, "energy", "t").layer) == 2


def test_long_matrices_are_decomposed_on_request_only_and_longer_ones_never():
    assert service.at_once(source(), 0)
    assert not service.at_once(source(length=513), 0) and not service.too_large(
        source(length=2_048)
    )
    assert "2,049 × 2,049 is not decomposed" in service.too_large(source(length=2_049))


@pytest.mark.parametrize(
    ("method", "params", "said"),
    [
        ("linformer", {"rank": 10**8}, "rank is at most 4,096"),
        ("nystromformer", {"iterations": 10**6}, "iterations is at most 4,096"),
        ("low_rank", {"rank": 4_096}, "choose less or a shorter source"),
    ],
)
def test_what_would_not_fit_is_refused_in_a_sentence(method, params, said):
    long = load_source(SourceSpec(kind="synthetic", length=65_536, head_dim=4))
    with pytest.raises(ValueError, match=said):
        service.ask(long, 0, method, params)


def test_charts_draw_what_was_found():
    one = source()
    asked = service.ask(one, 0, "low_rank", {"rank": 8})
    found = service.decomposed(one, 0)
    rows = spectrum_rows(found.singular.tolist(), found.energy.tolist())
    assert rows["energy"].iloc[-1] == pytest.approx(1)
    for chart in (spectrum_chart(rows, 8), energy_chart(rows, 8, dark=True)):
        assert chart.to_dict()["layer"]
    picture = rank_chart(service.rank_table(asked), found.best.tolist(), "low_rank", 8)
    ring = picture.layer[-1].data
    assert len(ring) == 1 and ring["error"].iloc[0] == pytest.approx(service.error_of(asked))


def test_an_error_below_the_scale_is_an_open_mark_and_no_point_of_a_line():
    best = [1.0, 0.3, 0.01, 5e-5, 2e-5, 0.0]
    rows = pd.DataFrame(
        {"method": "low_rank", "k": [1, 2, 5], "error": [0.5, 0.2, 0.0], "best": best[1:4],
         "ratio": 1.0, "would do": 1}
    )  # fmt: skip
    *lines, below, _ring = rank_chart(rows, best, "low_rank", 2).layer[1:]
    for one in lines:
        assert min(one.data["error"]) >= 1e-4
    marks = below.data.set_index("method")
    assert below.mark.filled is False and set(below.data["log"]) == {-4}
    assert marks["k"].to_dict() == {"best possible": 3, "low_rank": 5}
    assert marks["off"].to_dict() == {
        "best possible": "0.0050%, below the scale", "low_rank": "0%, below the scale",
    }  # fmt: skip


def test_a_chart_drawn_without_the_check_says_the_same():
    found = service.decomposed(source(), 0)
    rows = spectrum_rows(found.singular.tolist(), found.energy.tolist())
    shown, checked = on_screen(lambda: energy_chart(rows, 8)).spec, energy_chart(rows, 8).to_dict()
    assert [one["encoding"] for one in shown["layer"]] == [
        one["encoding"] for one in checked["layer"]
    ]
