"""Fidelity metrics are right where they mean something, and say so where they do not."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest
import torch
from torch import Tensor

from attn_core import METHODS, Dims
from attn_core.contract import ROLES, AttentionOp
from attn_core.fidelity import Report, compare, comparison
from attn_core.fidelity.rows import kl_divergence, top_k_recall, total_variation
from attn_core.fidelity.spectrum import effective_rank
from attn_core.matrix import FactorView, MatrixView
from attn_core.patterns import Pattern
from attn_core.views import Metric

ALL = slice(None)
CASES = [(name, role) for name in METHODS for role in ROLES if role in METHODS[name].roles]
REFUSED = [(name, role) for name in METHODS for role in ROLES if (name, role) not in CASES]
SMALL = {"rank": 6, "landmarks": 6, "features": 32, "window": 3, "stride": 4}
SMALL |= {"bucket": 8, "block": 4, "chunk": 8, "scales": (1, 4)}
EXACT = [case for case in CASES if METHODS[case[0]].family == "exact"]


def random(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, dtype=torch.float64, generator=generator)


def inputs(role: str = "encoder", queries: int = 40) -> tuple[Tensor, Tensor, Tensor]:
    keys = queries + 9 if role == "cross" else queries
    return random(2, 3, queries, 8), random(2, 3, keys, 8, seed=1), random(2, 3, keys, 5, seed=2)


def build(name: str, q: Tensor, k: Tensor) -> AttentionOp:
    params = {key: value for key, value in SMALL.items() if key in METHODS[name].defaults}
    return METHODS[name].build(Dims(q.shape[1], q.shape[3], q.shape[2], k.shape[2]), **params)


def padding(keys: int) -> Tensor:
    return torch.arange(keys) < torch.tensor([[keys], [keys - 6]])


def dense_softmax(q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> Tensor:
    scores = q @ k.transpose(-2, -1) / q.shape[3] ** 0.5
    if causal:
        scores = scores.masked_fill(~torch.ones(scores.shape[-2:]).tril().bool(), -torch.inf)
    if key_keep is not None:
        scores = scores.masked_fill(~key_keep[:, None, None], -torch.inf)
    return scores.softmax(-1).nan_to_num(0.0)


class Fixed(AttentionOp):
    """Whatever matrix it is given, whatever the queries and keys."""

    def __init__(self, matrix: Tensor, **facts) -> None:
        super().__init__(Dims(matrix.shape[1], 8, matrix.shape[2], matrix.shape[3]))
        self.weights, self.facts = matrix, facts
        self.method = replace(METHODS["softmax"], name="fixed")
        self.reads: list[int] = []

    def attend(self, q, k, v, key_keep, causal):
        return self.weights @ v

    def matrix(self, q, k, key_keep, causal):
        return FixedView(self)


class FixedView(MatrixView):
    def __init__(self, op: Fixed) -> None:
        super().__init__(op.weights[..., :1], op.weights[..., :1, :].transpose(-2, -1))
        self.op = op
        for name, fact in op.facts.items():
            setattr(self, name, fact)

    def read(self, i, j):
        block = self.op.weights[:, :, slice(*i), slice(*j)]
        self.op.reads.append(block.numel())
        return block


def value(metric: Metric) -> Tensor:
    assert metric.value is not None, metric.reason
    return metric.value


def per_head(values: Tensor) -> Tensor:
    return values.transpose(0, 1).flatten(1)


def close(metric: Metric, expected: Tensor, tolerance: float = 1e-9) -> None:
    torch.testing.assert_close(value(metric), expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize(("name", "role"), EXACT)
def test_exact_attention_is_at_no_distance_from_itself(name, role, padded):
    q, k, v = inputs(role)
    keep = padding(k.shape[2]) if padded else None
    report = compare(build(name, q, k), q, k, v, keep, causal=role == "decoder")
    for metric in (
        report.output_error,
        report.head_output_error,
        report.row_output_error,
        report.matrix_error,
        report.row_kl,
        report.kl_infinite_share,
        report.row_total_variation,
        report.negative_mass,
    ):
        assert value(metric).abs().max() < 1e-12
    assert value(report.top_k_recall).min() == 1
    torch.testing.assert_close(value(report.exact_spectrum), value(report.approximate_spectrum))


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize(("name", "role"), CASES)
def test_errors_agree_with_the_dense_matrices(name, role, padded, monkeypatch):
    monkeypatch.setattr(comparison, "STRIP_ENTRIES", 6 * 50 * 7)
    (q, k, v), causal = inputs(role), role == "decoder"
    keep = padding(k.shape[2]) if padded else None
    op = build(name, q, k)
    report = compare(op, q, k, v, keep, causal)
    exact, view = dense_softmax(q, k, keep, causal), op.view(q, k, keep, causal)
    approximate, target = view.block(ALL, ALL), exact @ v
    output_gap, matrix_gap = op(q, k, v, keep, causal) - target, approximate - exact
    close(report.output_error, output_gap.norm() / target.norm(), 1e-7)
    heads = per_head(output_gap).norm(dim=1) / per_head(target).norm(dim=1)
    close(report.head_output_error, heads, 1e-7)
    close(report.row_output_error, output_gap.norm(dim=-1) / target.norm(dim=-1), 1e-7)
    error = per_head(matrix_gap).norm(dim=1) / per_head(exact).norm(dim=1)
    close(report.matrix_error, error, 1e-7)
    negative = per_head(approximate.clamp(max=0).abs()).sum(1)
    close(report.negative_mass, negative / per_head(approximate.abs()).sum(1))
    if view.signed or not view.row_sums_to_one:
        assert not report.row_total_variation.defined
        return
    close(report.row_total_variation, matrix_gap.abs().sum(-1) / 2)
    kl = torch.where(exact > 0, exact * (exact / approximate).log(), 0.0).sum(-1)
    close(report.row_kl, kl, 1e-6)
    finite = per_head(kl).isfinite()
    close(report.kl_infinite_share, 1 - finite.double().mean(1))
    if finite.any(1).all():
        means = [row[use].mean() for row, use in zip(per_head(kl), finite, strict=True)]
        close(report.kl, torch.stack(means), 1e-6)


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize(("name", "role"), CASES)
def test_lost_mass_is_exact_attention_outside_the_pattern(name, role, padded):
    (q, k, v), causal = inputs(role), role == "decoder"
    keep = padding(k.shape[2]) if padded else None
    op = build(name, q, k)
    report, pattern = compare(op, q, k, v, keep, causal), op.view(q, k, keep, causal).pattern
    if pattern is None:
        assert "no pattern" in report.lost_mass.reason
        return
    lost = dense_softmax(q, k, keep, causal) * ~pattern.block(ALL, ALL)
    close(report.lost_mass, per_head(lost.sum(-1)).mean(1))


def window(length: int, reach: int) -> Pattern:
    def rule(i: Tensor, j: Tensor) -> Tensor:
        return (i - j).abs() <= reach

    return Pattern(length, length, rule, lambda: torch.zeros(length))


class PerHead:
    """A pattern that depends on the data, so each batch element and head has its own."""

    def __init__(self, mask: Tensor) -> None:
        self.mask = mask

    def block(self, rows: slice, cols: slice) -> Tensor:
        return self.mask[:, :, rows, cols]


@pytest.mark.parametrize("per_head", [False, True])
def test_a_pattern_loses_mass_and_makes_the_divergence_infinite(per_head, monkeypatch):
    monkeypatch.setattr(comparison, "STRIP_ENTRIES", 6 * 40 * 7)
    q, k, v = inputs()
    exact, pattern = dense_softmax(q, k, None, False), window(40, 25)
    mask = pattern.block(ALL, ALL).expand(2, 3, -1, -1).clone()
    if per_head:
        mask[1, 2] = torch.ones(40, 40).bool()
        pattern = PerHead(mask)
    kept = exact * mask
    op = Fixed(kept / kept.sum(-1, keepdim=True), pattern=pattern)
    report = compare(op, q, k, v)
    lost = (exact * ~mask).sum(-1).transpose(0, 1).flatten(1).mean(1)
    close(report.lost_mass, lost)
    # Rows whose window reaches both ends see everything: their divergence is finite.
    blind = (~mask).any(-1).transpose(0, 1).flatten(1).double()
    close(report.kl_infinite_share, blind.mean(1))
    assert torch.equal(value(report.row_kl).isinf(), (~mask).any(-1))
    finite = value(report.row_kl).masked_fill(value(report.row_kl).isinf(), 0.0)
    close(report.kl, finite.transpose(0, 1).flatten(1).sum(1) / (1 - blind).sum(1))


def test_a_divergence_that_is_infinite_in_every_row_has_no_mean():
    q, k, v = inputs()
    report = compare(Fixed(torch.eye(40).double().expand(2, 3, -1, -1)), q, k, v)
    assert report.kl.reason == "no row with a finite divergence in head 0, 1, 2"
    assert value(report.kl_infinite_share).tolist() == [1, 1, 1]


def test_the_divergence_ignores_what_single_precision_rounds_away():
    exact = torch.tensor([[1 - 1e-30, 1e-30], [0.5, 0.5], [0.999, 0.001]], dtype=torch.float64)
    approximate = torch.tensor([[1.0, 0.0], [0.25, 0.75], [1.0, 0.0]], dtype=torch.float64)
    expected = torch.tensor([0.0, 0.5 * torch.log(torch.tensor(4 / 3)).item(), torch.inf])
    torch.testing.assert_close(kl_divergence(exact, approximate), expected.double())


def test_an_approximation_that_attends_to_nothing_is_as_far_as_can_be():
    exact = torch.tensor([[0.25, 0.75]], dtype=torch.float64)
    nothing = torch.zeros_like(exact)
    assert total_variation(exact, nothing).tolist() == [1.0]
    assert kl_divergence(exact, nothing).tolist() == [torch.inf]


def recall(
    exact: list[float], found: list[float], count: int, **masks: list[bool] | None
) -> float:
    shaped = {
        key: None if mask is None else torch.tensor([[[mask]]]) for key, mask in masks.items()
    }
    wide = torch.tensor([[[exact]]]).double(), torch.tensor([[[found]]]).double()
    masked = shaped.get("allowed"), shaped.get("reachable")
    return top_k_recall(*wide, *masked, (count,)).item()


def test_recall_counts_the_largest_keys_that_are_found():
    assert recall([4, 3, 2, 1], [9, 1, 8, 0], 2) == 0.5
    assert recall([4, 3, 2, 1], [0, 0.1, 0.2, 0.3], 1) == 0
    assert recall([4, 3, 2, 1], [-3, -2, -4, -5], 2) == 1


def test_recall_looks_at_allowed_keys_only():
    allowed = [True, True, True, False]
    assert recall([4, 3, 2, 0], [3, 2, 1, 9], 2, allowed=allowed) == 1
    assert recall([4, 3, 2, 0], [1, 2, 3, 9], 3, allowed=allowed) == 1
    # A row with two allowed keys cannot be asked for three.
    assert recall([4, 3, 0, 0], [2, 1, 9, 9], 3, allowed=[True, True, False, False]) == 1


def test_recall_never_finds_a_key_outside_the_pattern():
    reachable = [False, True, True, True]
    assert recall([4, 3, 2, 1], [0, 3, 2, 1], 2, reachable=reachable) == 0.5
    assert recall([4, 3, 2, 1], [0, 3, 2, 1], 4, reachable=reachable) == 0.75


def test_recall_gives_an_approximation_that_cannot_tell_keys_apart_only_what_chance_would():
    assert recall([4, 3, 2, 1], [1, 1, 1, 1], 1) == 0.25
    assert recall([4, 3, 2, 1], [2, 1, 1, 1], 2) == pytest.approx(2 / 3)


def test_recall_accepts_any_choice_among_exact_ties():
    assert recall([1, 1, 1, 1], [1, 2, 3, 4], 2) == 1
    assert recall([1, 1, 1, 1], [1, 1, 1, 1], 2) == 1


def test_recall_of_a_matrix_is_the_mean_over_its_rows(monkeypatch):
    monkeypatch.setattr(comparison, "STRIP_ENTRIES", 6 * 40 * 7)
    q, k, v = inputs()
    approximate = random(2, 3, 40, 40, seed=5).softmax(-1)
    report = compare(Fixed(approximate), q, k, v, top_k=(1, 5, 64))
    assert report.top_k == (1, 5, 40)
    exact = dense_softmax(q, k, None, False)
    for column, count in enumerate(report.top_k):
        sides = [
            torch.zeros_like(exact).scatter(-1, matrix.topk(count).indices, 1.0)
            for matrix in (exact, approximate)
        ]
        hits = (sides[0] * sides[1]).sum(-1) / count
        torch.testing.assert_close(value(report.top_k_recall)[:, column], per_head(hits).mean(1))


def test_the_truncated_svd_attains_the_best_rank_error():
    q, k, v = inputs()
    u, s, vh = torch.linalg.svd(dense_softmax(q, k, None, False))
    for rank in (1, 4, 40, 50):
        truncated = (u[..., :rank] * s[..., None, :rank]) @ vh[..., :rank, :]
        report = compare(Fixed(truncated, signed=True), q, k, v, rank=rank)
        close(report.best_rank_error, value(report.matrix_error)[:, None], 1e-7)
        close(report.best_rank_output_error, value(report.head_output_error)[:, None], 1e-7)


@pytest.mark.parametrize("rank", [1, 3, 10])
def test_no_matrix_of_rank_k_is_nearer_than_the_best_rank_error(rank):
    q, k, v = inputs("cross")
    exact = dense_softmax(q, k, None, False)
    u, s, _ = torch.linalg.svd(exact, full_matrices=False)
    for seed, noise in enumerate((0.0, 1e-3, 1e-1, 1.0)):
        left = (u * s[..., None, :])[..., :rank] + noise * random(*u.shape[:3], rank, seed=seed)
        # The best partner of these columns, by least squares.
        right = torch.linalg.lstsq(left, exact).solution
        report = compare(Fixed(left @ right, signed=True), q, k, v, rank=(rank,))
        gap = value(report.matrix_error) - value(report.best_rank_error)[:, 0]
        assert gap.min() > -1e-10


@pytest.mark.parametrize(("name", "role"), CASES)
def test_methods_with_factors_are_held_against_the_best_of_their_rank(name, role):
    (q, k, v), causal = inputs(role), role == "decoder"
    op = build(name, q, k)
    factors = op.view(q, k, causal=causal).factors()
    rank = 5 if factors is None else factors[0].shape[3]
    report = compare(op, q, k, v, causal=causal, rank=rank)
    assert value(report.best_rank_error).shape == (3, 1)
    if factors is not None:
        assert (value(report.matrix_error) >= value(report.best_rank_error)[:, 0] - 1e-9).all()


def test_effective_rank_counts_singular_values_by_their_share():
    singular = torch.tensor([[2.0, 2, 2, 2, 0], [3, 0, 0, 0, 0], [3, 1, 0, 0, 0]]).double()
    uneven = 0.75**-0.75 * 0.25**-0.25
    torch.testing.assert_close(effective_rank(singular), torch.tensor([4.0, 1, uneven]).double())


def test_spectra_are_those_of_both_matrices():
    q, k, v = inputs()
    approximate = random(2, 3, 40, 40, seed=5).softmax(-1)
    report = compare(Fixed(approximate), q, k, v)
    close(report.exact_spectrum, torch.linalg.svdvals(dense_softmax(q, k, None, False)))
    close(report.approximate_spectrum, torch.linalg.svdvals(approximate))
    close(report.approximate_effective_rank, effective_rank(torch.linalg.svdvals(approximate)))


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
