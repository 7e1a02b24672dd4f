"""A byte says as much of a value as a colour can show, and never takes one thing for another."""

import math

import numpy as np
import pytest
import torch

from attn_core.views import codes

SIDES = [False, True]


def decoded(values: torch.Tensor, signed: bool) -> np.ndarray:
    table = np.array(codes.table(signed), dtype=float)  # None becomes NaN
    return table[codes.encode(values, None, signed)]


def spread(signed: bool) -> torch.Tensor:
    """From the smallest to the largest number of the table, in fine steps, in rising order."""
    ends = math.log10(codes.SMALLEST), math.log10(codes.LARGEST[signed])
    above = torch.logspace(*ends, 5_000, dtype=torch.float64)
    return torch.cat([-above.flip(0), torch.zeros(1), above]) if signed else above


@pytest.mark.parametrize("signed", SIDES)
def test_decoding_is_within_half_a_step(signed):
    values = spread(signed)
    found = decoded(values[None], signed)[0]
    there = values.numpy() != 0
    off = np.abs(np.log(found[there] / values.numpy()[there]))
    assert off.max() <= codes.log_step(signed) / 2 * (1 + 1e-9)
    assert (found[~there] == 0).all()
    assert codes.log_step(signed) < 0.21


@pytest.mark.parametrize("signed", SIDES)
def test_order_is_kept(signed):
    found = decoded(spread(signed)[None], signed)[0]
    assert (np.diff(found) >= 0).all()
    assert len(np.unique(found)) == (253 if signed else codes.STEPS[False])


@pytest.mark.parametrize("signed", SIDES)
def test_every_number_of_the_table_comes_back_as_its_own_code(signed):
    numbers = [
        (code, value) for code, value in enumerate(codes.table(signed)) if value is not None
    ]
    values = torch.tensor([[value for _, value in numbers]], dtype=torch.float64)
    assert codes.encode(values, None, signed)[0].tolist() == [code for code, _ in numbers]
    assert len(codes.table(signed)) == 256


@pytest.mark.parametrize("signed", SIDES)
def test_masked_zero_and_what_is_no_number_are_told_apart(signed):
    values = torch.tensor([[0.0, 0.0, math.nan, math.inf, -math.inf, 1e-30, 1e9]])
    masked = torch.tensor([[True, False, False, False, False, False, False]])
    found = codes.encode(values, masked, signed)[0]
    assert found.dtype == np.uint8
    assert found[:5].tolist() == [codes.MASKED, codes.ZERO, *[codes.NOT_FINITE] * 3]
    table = codes.table(signed)
    assert table[found[5]] == pytest.approx(codes.SMALLEST)
    assert table[found[6]] == pytest.approx(codes.LARGEST[signed])


def test_what_is_masked_stays_so_whatever_the_value():
    values = torch.tensor([[math.nan, 0.5]])
    assert codes.encode(values, torch.ones(1, 2, dtype=torch.bool), False).max() == codes.MASKED


def test_rounding_below_zero_reads_as_zero_where_nothing_is_signed():
    assert codes.encode(torch.tensor([[-1e-12]]), None, False)[0, 0] == codes.ZERO
    assert codes.table(True)[codes.encode(torch.tensor([[-1e-12]]), None, True)[0, 0]] < 0


def test_codes_fit_into_a_byte():
    values = torch.linspace(-2_000, 2_000, 999)[None]
    for signed in SIDES:
        assert codes.encode(values, None, signed).max() <= 255
        assert codes.FIRST + codes.STEPS[signed] * (2 if signed else 1) <= 256
