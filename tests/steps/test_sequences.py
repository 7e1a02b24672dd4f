"""A sequence of steps ends in the operator's own output, for every method, role and setting, and its steps cost
together what the method says it costs."""

import math
import re

import pytest
import torch
from torch.testing import assert_close

from attn_core import METHODS, Shape
from attn_core.steps import Array, Call, Step, softened, steps_of, strip_of
from tests.laws.cases import HEADS, SETTINGS, WIDTH, Case, cases, every_case, inputs


def call_of(case: Case, length: int, head: int = 0, pin: int = 0, **drawn) -> Call:
    x = inputs(case, length, batch=1, **drawn)
    op = case.build(length)
    params = op.method.resolve(dict(case.params))
    return Call(op, *x.all, case.causal, head, strip_of(length, pin), params)


def last(steps: tuple[Step, ...]) -> Array:
    return steps[-1].arrays[-1]


def of_engine(call: Call) -> torch.Tensor:
    with torch.no_grad():
        out = call.op(call.q, call.k, call.v, causal=call.causal)
    return out[0, call.head, call.rows]


@every_case
@pytest.mark.parametrize("length", [1, 13, 97])
def test_the_last_array_is_the_operators_output(case, length):
    call = call_of(case, length, head=HEADS - 1)
    assert_close(last(steps_of(call)).values, of_engine(call), rtol=1e-9, atol=1e-9)


@every_case
def test_formulas_keep_their_commands_apart_from_the_letters_that_follow(case):
    for step in steps_of(call_of(case, 13)):
        written = step.formula + " " + step.substituted(3, 3)
        assert not re.search(r"\\q?quad[A-Za-z]", written), written


@every_case
def test_in_single_precision_they_agree_to_five_digits(case):
    call = call_of(case, 64, dtype=torch.float32, size=0.7)
    assert_close(last(steps_of(call)).values, of_engine(call), rtol=1e-5, atol=1e-5)


@every_case
@pytest.mark.parametrize("pin", [0, 150, 299])
def test_a_strip_of_a_long_call_is_the_same_rows_of_the_output(case, pin):
    call = call_of(case, 300, pin=pin)
    steps = steps_of(call)
    assert last(steps).first == call.first
    assert last(steps).values.shape == (128, WIDTH)
    assert_close(last(steps).values, of_engine(call), rtol=1e-9, atol=1e-9)


@every_case
def test_steps_cost_together_what_the_method_says(case):
    call = call_of(case, 40)
    steps = steps_of(call)
    for length in (40, 4_096, 65_536):
        shape = Shape(1, HEADS, length, length, WIDTH, causal=case.causal)
        # One product opened is a part of the scores, not more work.
        counted = sum(step.cost(shape).flops for step in steps if step.key != "dot")
        told = call.method.cost(shape, **dict(case.params)).flops
        assert counted == pytest.approx(told, rel=1e-6)


@every_case
def test_every_step_names_its_axes_and_opens_any_pair(case):
    call = call_of(case, 21)
    steps = steps_of(call)
    assert len({step.key for step in steps}) == len(steps)
    keys = call.k.shape[2]
    for i, j in ((0, 0), (20, 3), (4, keys - 1)):
        for step in steps:
            assert step.substituted(i, j)
            arrays = (*step.arrays, *step.opened(i, j))
            assert arrays, f"{step.key} shows nothing"
            for one in arrays:
                assert one.values.dim() == 2
                assert one.name
                assert not one.values.requires_grad
                assert one.masked is None or one.masked.shape == one.values.shape
                assert one.row_names is None or len(one.row_names) == len(one.values)


def test_every_method_of_the_catalogue_has_a_sequence_of_its_own():
    from attn_core.steps import SEQUENCES

    assert set(SEQUENCES) == set(METHODS)


def test_a_method_without_a_sequence_is_told_by_its_matrix(monkeypatch):
    from attn_core import steps

    monkeypatch.setattr(steps, "SEQUENCES", {})
    for case in cases(SETTINGS)[:5]:
        call = call_of(case, 30)
        assert_close(last(steps_of(call)).values, of_engine(call), rtol=1e-9, atol=1e-9)


def test_a_role_that_a_method_lacks_is_its_own_sentence():
    case = Case("linformer", "encoder", (("rank", 4),))
    call = call_of(case, 12)
    asked = Call(call.op, call.q, call.k, call.v, True, 0, call.rows, call.params)
    with pytest.raises(ValueError, match="linformer: the decoder role"):
        steps_of(asked)


def by_key(steps: tuple[Step, ...]) -> dict[str, Step]:
    return {step.key: step for step in steps}


def test_one_dot_product_adds_up_to_its_score():
    call = call_of(Case("softmax", "encoder", ()), 9)
    steps = by_key(steps_of(call))
    q, k, terms, running = (one.values[0] for one in steps["dot"].opened(3, 5))
    assert_close(terms, q * k)
    assert_close(running[-1], steps["scores"].arrays[0].values[3, 5])
    assert_close(steps["scores"].arrays[0].values[3, 5], call.q[0, 0, 3] @ call.k[0, 0, 5])


def test_running_maximum_and_sum_are_those_of_the_keys_so_far():
    call = call_of(Case("flash", "decoder", ()), 50)
    steps = by_key(steps_of(call))
    scores = steps["tiles"].arrays[0].values
    tops, sums = (one.values for one in steps["running"].arrays)
    width = -(-50 // tops.shape[1])
    for tile in range(tops.shape[1]):
        seen = scores[:, : (tile + 1) * width]
        assert_close(tops[:, tile], seen.amax(1))
        assert_close(sums[:, tile], (seen - seen.amax(1, keepdim=True)).exp().sum(1))


def test_a_row_of_the_softmax_and_its_gradient_are_autograds():
    products = torch.tensor([3.0, -1.0, 8.0, 0.5], dtype=torch.float64, requires_grad=True)
    for divisor in (1.0, math.sqrt(8), 20.0):
        row = softened(products.detach(), None, divisor)
        weights = (products / divisor).softmax(-1)
        assert_close(row.weights, weights.detach())
        jacobian = torch.autograd.functional.jacobian(
            lambda s: s.softmax(-1), products.detach() / divisor
        )
        assert row.sensitivity == pytest.approx(float(jacobian.norm()), rel=1e-6)
        for at in range(4):
            (grad,) = torch.autograd.grad(weights[at], products, retain_graph=True)
            assert row.gradient[at] == pytest.approx(float(grad[at]), rel=1e-6)


def test_without_scaling_a_row_saturates_and_its_gradient_vanishes():
    products = torch.randn(64, generator=torch.Generator().manual_seed(0)) * 16
    scaled, plain = softened(products, None, 16.0), softened(products, None, 1.0)
    assert plain.largest > 0.95 > scaled.largest
    assert plain.sensitivity < scaled.sensitivity
    assert plain.shared < 2 < scaled.shared


def test_masked_keys_take_no_part_in_a_row():
    unmet = torch.tensor([False, True, False])
    row = softened(torch.tensor([1.0, 50.0, 1.0]), unmet, 1.0)
    assert row.weights.tolist() == [0.5, 0.0, 0.5]
    assert row.shared == pytest.approx(2.0)
