"""Laws every output obeys, whatever the method: shape, dtype, finite values and gradients, extremes."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from attn_core.contract import CPU_DTYPES
from tests.laws.cases import LENGTHS, Case, every_case, inputs, largest_difference, some_kept


@pytest.mark.parametrize("dtype", CPU_DTYPES, ids=str)
@every_case
def test_output_has_the_queries_shape_the_values_width_and_dtype(
    case: Case, dtype: torch.dtype
) -> None:
    data = inputs(case, 29, dtype=dtype, value_width=5)
    out = case.build(29)(*data.all, causal=case.causal)
    assert out.shape == (2, 2, 29, 5)
    assert out.dtype == dtype
    assert out.isfinite().all()


@pytest.mark.parametrize("dtype", (torch.float32, torch.bfloat16), ids=str)
@every_case
def test_lower_precision_stays_near_double(case: Case, dtype: torch.dtype) -> None:
    data = inputs(case, 65, dtype=dtype)
    op = case.build(65)
    low = op(*data.all, causal=case.causal)
    exact = op.double()(*(x.double() for x in data.all), causal=case.causal)
    # An inverse built in few digits loses more of them than a weighted mean does.
    bound = {torch.float32: 1e-3, torch.bfloat16: 0.3}[dtype] * float(exact.detach().abs().max())
    mean = {torch.float32: 1e-4, torch.bfloat16: 0.02}[dtype] * float(exact.detach().abs().max())
    assert largest_difference(low, exact) <= bound
    assert float((low.double() - exact).detach().abs().mean()) <= mean


@every_case
def test_gradients_are_those_of_the_function(case: Case) -> None:
    """Of the inputs and of whatever the method learns."""
    data = inputs(case, 11, batch=2)
    op = case.build(11).double()
    keep = some_kept(data.k.shape[2])
    names = [name for name, _ in op.named_parameters()]
    learned = [p.detach().clone().requires_grad_() for p in op.parameters()]

    def attend(q: Tensor, k: Tensor, v: Tensor, *parameters: Tensor) -> Tensor:
        state = dict(zip(names, parameters, strict=True))
        settings = {"key_keep": keep, "causal": case.causal}
        return torch.func.functional_call(op, state, (q, k, v), settings)

    assert torch.autograd.gradcheck(
        attend,
        [*(x.requires_grad_() for x in data.all), *learned],
        check_undefined_grad=False,
        fast_mode=True,
        atol=1e-6,
    )


@every_case
def test_gradients_stay_finite_over_several_tiles(case: Case) -> None:
    data = inputs(case, 129, dtype=torch.float32)
    arguments = [x.requires_grad_() for x in data.all]
    keep = some_kept(data.k.shape[2])
    case.build(129)(*arguments, key_keep=keep, causal=case.causal).square().sum().backward()
    # A method need not look at all three; those it does not look at get no gradient.
    found = [x.grad for x in arguments if x.grad is not None]
    assert found and all(gradient.isfinite().all() for gradient in found)


@every_case
@pytest.mark.parametrize("size", [30.0, 100.0, 200.0, 1e4])
def test_huge_logits_stay_finite(case: Case, size: float) -> None:
    """Logits go with the square of the size. Past 1e8 an exact kernel that makes its scores again in the
    backward pass may round them apart by more than exp can bear, so gradients are asked of the others."""
    data = inputs(case, 257, dtype=torch.float32, size=size)
    arguments = [x.requires_grad_() for x in data.all]
    op = case.build(257)
    out = op(*arguments, causal=case.causal)
    assert out.isfinite().all()
    if size > 1e3:
        return
    out.square().sum().backward()
    learned = [*arguments, *op.parameters()]
    assert all(x.grad is None or x.grad.isfinite().all() for x in learned)


@pytest.mark.parametrize("length", LENGTHS)
@every_case
def test_any_length_and_a_single_sample_work(case: Case, length: int) -> None:
    data = inputs(case, length, batch=1)
    out = case.build(length).double()(*data.all, causal=case.causal)
    assert out.shape == data.q.shape
    assert out.isfinite().all()


@every_case
def test_training_and_evaluation_give_the_same(case: Case) -> None:
    data = inputs(case, 65)
    op = case.build(65).double()
    trained = op.train()(*data.all, causal=case.causal)
    evaluated = op.eval()(*data.all, causal=case.causal)
    with torch.no_grad():
        unrecorded = op(*data.all, causal=case.causal)
    assert torch.equal(trained, evaluated)
    assert largest_difference(trained, unrecorded) < 1e-12


@every_case
def test_the_same_seed_builds_the_same_and_leaves_the_global_generator_alone(case: Case) -> None:
    data = inputs(case, 40)
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    first = case.build(40, seed=3).double()(*data.all, causal=case.causal)
    assert torch.equal(before, torch.random.get_rng_state())
    torch.manual_seed(99)
    again = case.build(40, seed=3).double()(*data.all, causal=case.causal)
    assert torch.equal(first, again)
