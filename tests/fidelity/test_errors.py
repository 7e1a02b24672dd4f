"""Errors, lost mass and divergence are those of the dense matrices."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from attn_core.fidelity import compare, comparison
from attn_core.fidelity.rows import kl_divergence, total_variation
from tests.fidelity.given import (
    ALL,
    CASES,
    EXACT,
    Fixed,
    build,
    close,
    dense_softmax,
    inputs,
    padding,
    per_head,
    value,
    window,
)


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
