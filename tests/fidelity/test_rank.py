"""Low-rank errors against plain decompositions in fp64."""

import pytest
import torch

from attn_core import Dims, get_method
from attn_core.fidelity.rank import (
    best_errors,
    head_matrix,
    inverse_limit,
    inverse_steps,
    matrix_error,
    rank_for,
)

DIMS = Dims(2, 8, 24, 24)


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


Q, K, V = (random(1, 2, 24, 8, seed=seed) for seed in range(3))
EXACT = (Q @ K.transpose(-2, -1) / 8**0.5).softmax(-1)


def test_the_best_error_is_that_of_the_truncated_decomposition():
    u, s, vh = torch.linalg.svd(EXACT[0, 1])
    errors = best_errors(s)
    assert errors.shape == (25,)
    for k in (0, 1, 5, 23):
        truncated = (u[:, :k] * s[:k]) @ vh[:k]
        assert float(errors[k]) == pytest.approx(matrix_error(EXACT[0, 1], truncated))
    assert float(errors[24]) == pytest.approx(0, abs=1e-12)
    assert rank_for(s, float(errors[5]) + 1e-9) == 5
    assert rank_for(s, float(errors[5]) - 1e-9) == 6


@pytest.mark.parametrize(
    "name", ["linformer", "nystromformer", "low_rank", "performer", "softmax"]
)
def test_a_heads_matrix_times_its_values_is_the_output(name):
    op = get_method(name).build(DIMS).double()
    for head in range(2):
        matrix = head_matrix(op.view(Q, K), head)
        torch.testing.assert_close(matrix @ V[0, head], op(Q, K, V)[0, head].detach())


@pytest.mark.parametrize("name", ["linformer", "nystromformer", "low_rank"])
def test_no_method_is_nearer_than_the_best_matrix_of_its_rank(name):
    budget = {"nystromformer": "landmarks"}.get(name, "rank")
    op = get_method(name).build(DIMS, **{budget: 6}).double()
    error = matrix_error(EXACT[0, 0], head_matrix(op.view(Q, K), 0))
    assert error >= float(best_errors(torch.linalg.svdvals(EXACT[0, 0]))[6])


def test_nystroms_factors_and_iterations_make_up_its_matrix():
    op = get_method("nystromformer").build(DIMS, landmarks=6, iterations=9).double()
    made = op.factors(Q, K)

    def weights(x, y):
        return (x @ y.transpose(-2, -1) / 8**0.5).softmax(-1)

    marks = [x.unflatten(2, (6, 4)).mean(3) for x in (Q, K)]
    for ours, plain in zip(
        made, (*marks, weights(Q, marks[1]), weights(*marks), weights(marks[0], K)), strict=True
    ):
        torch.testing.assert_close(ours, plain)
    inverses = list(op.pseudo_inverses(made.between))
    assert len(inverses) == 10
    assert torch.equal(inverses[-1], op.pseudo_inverse(made.between))
    torch.testing.assert_close(
        made.left @ inverses[-1] @ made.right, op.view(Q, K).block(slice(None), slice(None))
    )


def test_the_pseudo_inverse_comes_near_and_so_does_the_matrix():
    op = get_method("nystromformer").build(DIMS, landmarks=4, iterations=40).double()
    made = op.factors(Q, K)
    steps = inverse_steps(op, made, 1, EXACT[0, 1])
    assert [step.iteration for step in steps] == list(range(41))
    assert steps[-1].residual < 1e-8 < 0.1 < steps[0].residual
    assert steps[-1].matrix_error == pytest.approx(inverse_limit(made, 1, EXACT[0, 1]), rel=1e-6)
    plain = made.left[0, 1] @ torch.linalg.pinv(made.between[0, 1]) @ made.right[0, 1]
    assert inverse_limit(made, 1, EXACT[0, 1]) == pytest.approx(matrix_error(EXACT[0, 1], plain))


def test_linformers_steps_are_products_with_its_projection():
    op = get_method("linformer").build(DIMS, rank=5).double()
    steps = op.mixed(Q, K)
    torch.testing.assert_close(steps.for_keys, op.key_projection)
    torch.testing.assert_close(steps.keys, op.key_projection @ K)
    torch.testing.assert_close(
        steps.weights, (Q @ (op.key_projection @ K).transpose(-2, -1) / 8**0.5).softmax(-1)
    )
    torch.testing.assert_close(steps.weights @ (steps.for_values @ V), op(Q, K, V))
