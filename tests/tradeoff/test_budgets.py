"""Ladders: no value is refused, none is the whole matrix, and they are fine enough at every length."""

from itertools import pairwise

import pytest

from attn_core.methods import METHODS
from attn_core.timing.spec import Choice
from attn_core.tradeoff.budgets import budget_value, budget_values, ladder, serving

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
        pattern = method.pattern(length, length, **{method.budget.name: max(values)})
        assert pattern is None or pattern.density() < 1


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
