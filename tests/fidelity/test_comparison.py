"""A comparison says what is not defined and why, is bounded, and can be stopped."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest
import torch

from attn_core.fidelity import Report, compare, comparison
from attn_core.fidelity.rows import top_k_recall
from attn_core.matrix import FactorView
from attn_core.views import Metric
from tests.fidelity.given import (
    ALL,
    CASES,
    REFUSED,
    Fixed,
    build,
    close,
    dense_softmax,
    inputs,
    random,
    value,
    window,
)


def test_matrices_too_large_to_decompose_keep_every_other_metric():
    q, k, v = inputs()
    op = Fixed(random(2, 3, 40, 40, seed=5).softmax(-1))
    whole = compare(op, q, k, v, spectrum_entries=6 * 40 * 40)
    streamed = compare(op, q, k, v, spectrum_entries=6 * 40 * 40 - 1)
    spectral = {
        "exact_spectrum",
        "approximate_spectrum",
        "exact_effective_rank",
        "approximate_effective_rank",
        "best_rank_error",
        "best_rank_output_error",
    }
    for name, metric in metrics(streamed).items():
        assert metrics(whole)[name].unit == metric.unit
        if name in spectral:
            assert metrics(whole)[name].defined
            assert "9,600 entries, more than the 9,599 that are decomposed" in metric.reason
        elif metric.defined:
            torch.testing.assert_close(value(metric), value(metrics(whole)[name]))


def metrics(report: Report) -> dict[str, Metric]:
    pairs = ((field.name, getattr(report, field.name)) for field in fields(report))
    return {name: item for name, item in pairs if isinstance(item, Metric)}


def test_strips_of_the_approximation_are_bounded(monkeypatch):
    monkeypatch.setattr(comparison, "STRIP_ENTRIES", 6 * 40 * 3)
    q, k, v = inputs()
    op = Fixed(random(2, 3, 40, 40).softmax(-1))
    compare(op, q, k, v, spectrum_entries=1)
    assert max(op.reads) == 6 * 40 * 3
    assert sum(op.reads) == 6 * 40 * 40


@pytest.mark.parametrize(
    ("facts", "reason"),
    [({"signed": True}, "negative"), ({"row_sums_to_one": False}, "sum to one")],
)
def test_rows_that_are_not_distributions_have_no_divergence_but_an_output_error(facts, reason):
    q, k, v = inputs()
    weights = random(2, 3, 40, 40)
    op = Fixed(weights if "signed" in facts else weights.abs(), **facts)
    report = compare(op, q, k, v)
    for name in ("kl", "kl_infinite_share", "row_kl", "total_variation", "row_total_variation"):
        assert reason in metrics(report)[name].reason
        assert not metrics(report)[name].defined
    assert report.output_error.defined
    assert report.top_k_recall.defined
    assert (value(report.negative_mass) > 0).all() == ("signed" in facts)


def test_rows_with_nothing_to_attend_to_are_left_out_and_marked():
    q, k, v = inputs()
    keep = torch.ones(2, 40, dtype=torch.bool)
    keep[1] = False
    weights = random(2, 3, 40, 40, seed=5).softmax(-1)
    weights[:, :, ::4, 0] = 0
    both = compare(Fixed(weights), q, k, v, keep)
    first = compare(Fixed(weights[:1]), q[:1], k[:1], v[:1])
    assert both.empty_rows.sum() == both.zero_output_rows.sum() == 3 * 40
    assert both.empty_rows[1].all()
    assert value(both.kl_infinite_share).tolist() == [0.25] * 3
    for name in ("output_error", "kl", "total_variation", "top_k_recall"):
        torch.testing.assert_close(value(metrics(both)[name]), value(metrics(first)[name]))
    assert value(both.row_output_error)[1].max() == 0
    assert "zero in 3 of 6" in both.exact_effective_rank.reason


def test_causal_rows_before_any_real_key_are_left_out():
    q, k, v = inputs("decoder")
    keep = torch.arange(40).expand(2, -1) >= 4
    report = compare(build("softmax", q, k), q, k, v, keep, causal=True)
    assert report.empty_rows.sum(-1).unique().tolist() == [4]
    assert value(report.output_error) < 1e-12
    assert value(report.top_k_recall).min() == 1


def test_nothing_but_padding_leaves_every_metric_undefined_or_finite():
    q, k, v = inputs()
    report = compare(build("softmax", q, k), q, k, v, torch.zeros(2, 40).bool())
    assert "zero in every row" in report.output_error.reason
    for name in ("head_output_error", "matrix_error", "kl", "top_k_recall", "best_rank_error"):
        assert "in head 0, 1, 2" in metrics(report)[name].reason


def test_padded_queries_can_be_left_out():
    q, k, v = inputs()
    keep = torch.ones(2, 40, dtype=torch.bool)
    keep[:, 33:] = False
    weights = random(2, 3, 40, 40, seed=5).softmax(-1)
    weights[:, :, 33:] = torch.nan
    report = compare(Fixed(weights), q, k, v, query_keep=keep)
    part = compare(Fixed(weights[:, :, :33]), q[:, :, :33], k, v)
    for name in ("output_error", "matrix_error", "kl", "top_k_recall", "best_rank_error"):
        torch.testing.assert_close(value(metrics(report)[name]), value(metrics(part)[name]))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_narrow_inputs_are_compared_in_double_precision(dtype):
    q, k, v = (tensor.to(dtype) for tensor in inputs())
    report = compare(build("softmax", q, k), q, k, v)
    for metric in metrics(report).values():
        assert metric.value is None or metric.value.dtype == torch.float64
    # What is left is the rounding of the operator itself, which is not hidden.
    assert 0 < value(report.output_error) < 4 * torch.finfo(dtype).eps
    assert value(report.matrix_error).max() < 1e-5


def test_an_operator_that_is_not_finite_yields_no_numbers():
    q, k, v = inputs()
    weights = random(2, 3, 40, 40, seed=5).softmax(-1)
    weights[0, 1, 2, 3] = torch.nan
    calls: list[tuple[int, int]] = []
    report = compare(
        Fixed(weights), q, k, v, on_progress=lambda done, total: calls.append((done, total))
    )
    for name, metric in metrics(report).items():
        if name != "lost_mass":
            assert "not finite" in metric.reason, name
    assert calls[-1][0] == calls[-1][1]


def test_a_role_the_method_refuses_stays_refused():
    q, k, v = inputs()
    op = Fixed(random(2, 3, 40, 40).softmax(-1))
    op.method = replace(op.method, roles=frozenset({"encoder"}))
    with pytest.raises(ValueError, match="fixed: the decoder role"):
        compare(op, q, k, v, causal=True)
    for name, role in REFUSED:
        q, k, v = inputs(role)
        with pytest.raises(ValueError, match=name):
            compare(build(name, q, k), q, k, v, causal=role == "decoder")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rank": 0}, "rank must be integers of at least 1, got 0"),
        ({"rank": ()}, "rank must be .* got "),
        ({"rank": 2.0}, "rank must be .* got 2.0"),
        ({"top_k": (1, True)}, "top_k must be .* got"),
        ({"query_keep": torch.ones(2, 41).bool()}, r"query_keep must be bool of shape \(2, 40\)"),
    ],
)
def test_a_bad_argument_is_named_with_what_is_allowed(arguments, message):
    q, k, v = inputs()
    with pytest.raises(ValueError, match=message):
        compare(build("softmax", q, k), q, k, v, **arguments)


@pytest.mark.parametrize(("spectrum_entries", "total"), [(6 * 40 * 40, 17), (1, 5)])
def test_progress_never_goes_back_and_ends_complete(spectrum_entries, total, monkeypatch):
    """Five strips, then two decompositions for each of six matrices, where there are any."""
    monkeypatch.setattr(comparison, "STRIP_ENTRIES", 6 * 40 * 9)
    q, k, v = inputs()
    calls: list[tuple[int, int]] = []
    compare(
        build("softmax", q, k),
        *(q, k, v),
        spectrum_entries=spectrum_entries,
        on_progress=lambda done, total: calls.append((done, total)),
    )
    assert calls == [(done, total) for done in range(1, total + 1)]


def test_an_exception_in_progress_stops_the_work(monkeypatch):
    monkeypatch.setattr(comparison, "STRIP_ENTRIES", 6 * 40)
    q, k, v = inputs()
    op = Fixed(random(2, 3, 40, 40).softmax(-1))

    def cancel(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare(op, q, k, v, on_progress=cancel)
    assert len(op.reads) == 2


@pytest.mark.parametrize(("name", "role"), CASES)
def test_one_token_is_enough(name, role):
    q, k, v = inputs(role, queries=1)
    report = compare(build(name, q, k), q, k, v, causal=role == "decoder")
    assert value(report.output_error).isfinite()
    json.dumps(report.to_dict(), allow_nan=False)


def test_a_report_is_plain_data_with_or_without_its_rows():
    q, k, v = inputs()
    pattern = window(40, 3)
    weights = dense_softmax(q, k, None, False) * pattern.block(ALL, ALL)
    report = compare(Fixed(weights / weights.sum(-1, keepdim=True), pattern=pattern), q, k, v)
    full = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert set(full) == {field.name for field in fields(report)}
    assert full["row_kl"]["value"][0][0][0] == "infinity"
    assert full["output_error"]["value"] == pytest.approx(value(report.output_error).item())
    brief = report.to_dict(rows=False)
    assert {name for name in full if name.startswith("row_")} == set(full) - set(brief)
    assert brief["empty_rows"] == 0


def test_factor_views_are_compared_like_any_other():
    q, k, v = inputs()
    left, right = random(2, 3, 40, 4).softmax(-1), random(2, 3, 4, 40, seed=1).softmax(-1)
    op = Fixed(left @ right)
    expected = compare(op, q, k, v)
    op.matrix = lambda *_: FactorView(left, right)  # type: ignore[method-assign]
    close(compare(op, q, k, v).kl, value(expected.kl))


def test_rounding_of_the_inputs_costs_exact_attention_no_recall():
    """Keys at equal distances have equal weights but for rounding: which of them comes first says nothing."""
    exact = torch.tensor(
        [[[[0.3, 0.2, 0.2 * (1 + 1e-8), 0.1, 0.2 * (1 - 1e-8)]]]], dtype=torch.float64
    )
    other = exact.clone()
    other[..., [1, 2]] = exact[..., [2, 1]]
    other[..., 4] *= 1 + 1e-7
    assert top_k_recall(exact, other, None, None, (2,)).item() == 1.0
    clearly = torch.tensor([[[[0.3, 0.1, 0.2, 0.1, 0.3]]]], dtype=torch.float64)
    assert top_k_recall(clearly, 1 - clearly, None, None, (2,)).item() == 0.0
