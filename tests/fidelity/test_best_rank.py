"""Spectra, and how near a matrix of so many factors could be."""

from __future__ import annotations

import pytest
import torch

from attn_core.fidelity import compare
from attn_core.fidelity.spectrum import effective_rank
from tests.fidelity.given import (
    CASES,
    Fixed,
    build,
    close,
    dense_softmax,
    inputs,
    random,
    value,
)


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
