"""Feature estimates of the softmax kernel against dense fp64 formulas and against theory."""

import math

import pytest
import torch

from attn_core import Dims, get_method
from attn_core.fidelity import compare, kernel_estimate
from attn_core.fidelity.kernel_estimate import (
    VARIANTS,
    error_rows,
    errors,
    log_kernels,
    norm_grid,
    pair_ratios,
    predicted_spread,
    square_norms,
    variant_op,
)
from attn_core.kernels.features import Features, log_features, log_products

WIDTH = 8


def random(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


def positive_features(op, x: torch.Tensor) -> torch.Tensor:
    """The formula of the paper, plainly."""
    x = x.double() * WIDTH**-0.25
    return (x @ op.omega.double() - x.square().sum(-1, keepdim=True) / 2).exp() * op.count**-0.5


def test_estimates_are_the_products_of_the_papers_features():
    q, k = random(1, 1, 5, WIDTH), random(1, 1, 7, WIDTH, seed=1)
    op = get_method("performer").build(Dims(1, WIDTH, 5, 7), features=24, seed=3).double()
    estimate, exact = log_kernels(op, q, k)
    expected = positive_features(op, q) @ positive_features(op, k).transpose(-2, -1)
    torch.testing.assert_close(estimate.exp(), expected)
    torch.testing.assert_close(log_features(op.features(q)).exp(), positive_features(op, q))
    torch.testing.assert_close(exact, q @ k.transpose(-2, -1) / math.sqrt(WIDTH))


def test_products_of_features_too_large_to_write_down_stay_finite():
    huge = Features(torch.ones(1, 2, 3), torch.full((1, 2), 4_000.0))
    assert log_products(huge, huge).tolist() == [[[pytest.approx(8_000 + math.log(3))] * 2] * 2]
    assert (
        log_products(Features(torch.zeros(1, 1, 3)), Features(torch.ones(1, 1, 3))).item()
        == -math.inf
    )


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("variant", VARIANTS)
def test_errors_agree_with_the_comparison_of_whole_methods(variant, causal):
    q, k, v = (random(1, 1, 20, WIDTH, seed=seed) for seed in range(3))
    op = variant_op(variant, q, k, 16).double()
    found, report = errors(op, q, k, v, causal), compare(op, q, k, v, causal=causal)
    assert found.matrix == pytest.approx(float(report.matrix_error.value[0]), rel=1e-6)
    assert found.output == pytest.approx(float(report.output_error.value), rel=1e-6)
    ratio = (op.features(q)[0].double() @ op.features(k)[0].double().transpose(-2, -1))[0, 0]
    if VARIANTS[variant][1].get("kernel") == "softmax":
        ratio = positive_features(op, q)[0, 0] @ positive_features(op, k)[0, 0].T
    ratio = ratio / (q @ k.transpose(-2, -1) / math.sqrt(WIDTH))[0, 0].exp() - 1
    seen = torch.ones(20, 20, dtype=torch.bool).tril() if causal else torch.ones(20, 20).bool()
    assert found.kernel == pytest.approx(float(ratio[seen].square().mean().sqrt()), rel=1e-6)


def test_independent_directions_spread_as_theory_says_and_orthogonal_ones_less():
    q, k = random(WIDTH) * 0.5, random(WIDTH, seed=1) * 0.5
    squares = square_norms(q[None], k[None], WIDTH**-0.5)
    plain = ((q + k) * WIDTH**-0.25).square().sum()
    assert float(squares) == pytest.approx(float(plain))
    predicted = float(predicted_spread(squares, WIDTH))
    assert predicted == pytest.approx(math.sqrt((math.exp(float(plain)) - 1) / WIDTH))
    seeds = range(3_000)
    independent, orthogonal = (
        pair_ratios(q.float(), k.float(), variant, WIDTH, seeds)
        for variant in ("independent", "orthogonal")
    )
    assert float(independent.mean()) == pytest.approx(1, abs=0.05)
    assert float(orthogonal.mean()) == pytest.approx(1, abs=0.05)
    assert float(independent.std()) == pytest.approx(predicted, rel=0.1)
    assert float(orthogonal.std()) < 0.95 * float(independent.std())


def test_the_error_halves_when_features_quadruple():
    q, k, v = (0.3 * random(1, 1, 24, WIDTH, seed=seed, dtype=torch.float32) for seed in range(3))
    rows = list(error_rows(q, k, v, False, (16, 64, 256), range(12)))
    assert {row["variant"] for row in rows} == set(VARIANTS)
    assert sum(row["variant"] == "elu+1" for row in rows) == 1

    def mean(m: int, name: str) -> float:
        found = [r[name] for r in rows if r["variant"] == "independent" and r["m"] == m]
        assert len(found) == 12
        return sum(found) / len(found)

    for name in ("kernel", "matrix", "output"):
        assert mean(16, name) / mean(256, name) == pytest.approx(4, rel=0.25)


def test_longer_queries_and_keys_are_estimated_worse():
    q, k = random(12, WIDTH), random(12, WIDTH, seed=1)
    factors = (0.25, 1.0, 2.0)
    grid = norm_grid(q, k, 32, factors, range(4))
    assert grid.shape == (3, 3)
    assert (grid.diagonal().diff() > 0).all()
    ops = []
    for seed in range(4):
        op = variant_op("orthogonal", q[None, None], k[None, None], 32)
        op.redraw(seed)
        estimate, exact = log_kernels(op, q * 2, k * 0.25)
        ops.append(((estimate - exact).exp() - 1).abs().flatten())
    assert float(grid[2, 0]) == pytest.approx(float(torch.cat(ops).median()))


def test_every_variant_is_a_method_of_the_catalogue():
    for name, settings in kernel_estimate.VARIANTS.values():
        assert set(settings) <= set(get_method(name).defaults)
