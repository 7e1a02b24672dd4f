"""Ladders: no value is refused, none is the whole matrix, and they are fine enough at every length."""

from itertools import pairwise

import pytest
import torch

from attn_core import Dims
from attn_core.methods import METHODS
from attn_core.timing.spec import Choice
from attn_core.tradeoff.budgets import budget_value, budget_values, is_exact, ladder, serving

VARIED = [name for name, method in METHODS.items() if method.budget is not None]
LENGTHS = (1, 5, 64, 512, 2048, 65_536)


@pytest.mark.parametrize("name", METHODS)
def test_a_budget_names_a_parameter(name):
    budget = METHODS[name].budget
    assert budget is None or budget.name in METHODS[name].defaults
    assert budget is None or 0 < budget.low <= budget.high


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name", VARIED)
def test_values_rise_are_taken_and_leave_something_out(name, length):
    method = METHODS[name]
    values = budget_values(method, length, 8)
    assert values and values == sorted(set(values))
    for choice in ladder(name, length, 8):
        assert budget_value(choice) in values  # none of them was refused
    if length >= 512:
        assert max(values) <= length // 2
        assert not is_exact(ladder(name, length, 8)[-1], length, length, causal=False)


@pytest.mark.parametrize("name", VARIED)
def test_neighbours_are_close(name):
    values = [
        v for v in budget_values(METHODS[name], 2048, 8) if v not in METHODS[name].budget.also
    ]
    counted = [(a, b) for a, b in pairwise(values) if a >= 3]
    assert all(b / a <= 2.01 for a, b in counted)


@pytest.mark.parametrize("name", ["linformer", "performer", "longformer", "nystromformer"])
def test_there_are_eight_to_eleven_values_where_the_length_allows(name):
    for length in (512, 2048, 8192, 65_536):
        assert 8 <= len(budget_values(METHODS[name], length, 8)) <= 11


def test_more_steps_are_finer():
    method = METHODS["longformer"]
    assert len(budget_values(method, 2048, 12)) > len(budget_values(method, 2048, 8))


def test_exact_methods_have_one_choice():
    assert ladder("flash", 2048, 8) == (Choice("flash"),) and budget_value(Choice("flash")) is None


def test_who_serves_a_role():
    assert "ssd" in serving("decoder") and "ssd" not in serving("encoder")
    assert "linformer" not in serving("decoder") and "low_rank" in serving("encoder")


@pytest.mark.parametrize("causal", [False, True], ids=["encoder", "decoder"])
@pytest.mark.parametrize("length", [32, 100, 256])
@pytest.mark.parametrize("name", VARIED)
def test_a_choice_is_called_exact_where_it_computes_what_exact_attention_does(
    name, length, causal
):
    method = METHODS[name]
    if not causal or "decoder" in method.roles:
        q, k, v = torch.randn(3, 1, 1, length, 8, dtype=torch.float64)
        exact = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal)
        for budget in (1, 4, 16, 64, length - 1, length):
            try:
                one = Choice(name, {method.budget.name: budget})
            except ValueError:  # a budget that the method refuses
                continue
            if method.draw_pattern is not None:
                op = method.build(Dims(1, 8, length, length), **one.params)
                error = float((op(q, k, v, causal=causal) - exact).norm() / exact.norm())
                assert is_exact(one, length, length, causal) == (error < 1e-9)
            else:
                assert not is_exact(one, length, length, causal)


def test_a_method_that_reaches_far_through_means_keeps_its_larger_budgets():
    """With a window of 128 it reaches all of 2,048 tokens, most of them blurred."""
    assert budget_values(METHODS["multiscale"], 2048, 8)[-1] == 1024
