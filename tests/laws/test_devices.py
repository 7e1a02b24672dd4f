"""Every device that is here computes what double precision on the CPU does, forward and backward."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.laws.cases import Case, every_case, inputs, some_kept

# What single precision may lose through an ill-conditioned inverse, as a share of the largest number.
LOST = 1e-3


@pytest.mark.parametrize("device", ["cpu", *["cuda"] * torch.cuda.is_available()])
@pytest.mark.parametrize("length", [13, 129])
@every_case
def test_outputs_and_gradients_are_those_of_double_precision(
    case: Case, length: int, device: str
) -> None:
    double = outputs_and_gradients(case, length, "cpu", torch.float64)
    single = outputs_and_gradients(case, length, device, torch.float32)
    # Gradients that cancel out leave rounding errors of the others' size.
    largest = max(float(one.abs().max()) for one in double[1:])
    for found, wanted, size in zip(
        single, double, [float(double[0].abs().max()), *[largest] * 3], strict=True
    ):
        assert float((found - wanted).abs().max()) <= LOST * size


def outputs_and_gradients(
    case: Case, length: int, device: str, dtype: torch.dtype
) -> list[Tensor]:
    """With padding; a gradient that does not exist is zero."""
    data = inputs(case, length)
    q, k, v = (one.to(device, dtype).requires_grad_() for one in data.all)
    op = case.build(length).to(device, dtype)
    out = op(q, k, v, key_keep=some_kept(k.shape[2]).to(device), causal=case.causal)
    out.square().sum().backward()
    grads = [torch.zeros_like(one) if one.grad is None else one.grad for one in (q, k, v)]
    return [one.detach().to("cpu", torch.float64) for one in (out, *grads)]
