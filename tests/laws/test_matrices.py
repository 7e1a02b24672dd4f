"""Laws of the implied attention matrix: it is what the operator applies, and its labels are true."""

from __future__ import annotations

import pytest
import torch

from attn_core import get_method
from tests.laws.cases import (
    LENGTHS,
    TOLERANCE,
    Case,
    every_case,
    inputs,
    largest_difference,
    some_kept,
)

ALL = slice(None)


@pytest.mark.parametrize("padded", (False, True), ids=("whole", "padded"))
@pytest.mark.parametrize("length", LENGTHS)
@every_case
def test_the_matrix_times_the_values_is_the_output(case: Case, length: int, padded: bool) -> None:
    data = inputs(case, length)
    keep = some_kept(data.k.shape[2]) if padded else None
    op = case.build(length).double()
    out = op(*data.all, key_keep=keep, causal=case.causal)
    view = op.view(data.q, data.k, key_keep=keep, causal=case.causal)
    assert view.shape == (length, data.k.shape[2])
    assert largest_difference(view.block(ALL, ALL) @ data.v, out) < TOLERANCE


@every_case
def test_a_block_is_that_part_of_the_whole(case: Case) -> None:
    data = inputs(case, 129)
    keep = some_kept(data.k.shape[2])
    view = case.build(129).double().view(data.q, data.k, key_keep=keep, causal=case.causal)
    whole = view.block(ALL, ALL)
    for rows, cols in (
        (slice(0, 1), ALL),
        (slice(60, 70), slice(3, 90)),
        (slice(128, 129), slice(128, None)),
    ):
        assert largest_difference(view.block(rows, cols), whole[:, :, rows, cols]) < 1e-12


@every_case
def test_the_labels_of_the_matrix_are_true(case: Case) -> None:
    data = inputs(case, 65)
    view = case.build(65).double().view(data.q, data.k, causal=case.causal)
    whole = view.block(ALL, ALL)
    if not view.signed:
        assert (whole >= 0).all()
    if view.row_sums_to_one:
        assert largest_difference(whole.sum(-1), torch.ones(2, 2, 65)) < TOLERANCE
    if case.causal:
        assert torch.equal(whole, whole.tril())


@every_case
def test_weight_lies_exactly_where_the_pattern_allows(case: Case) -> None:
    data = inputs(case, 65)
    view = case.build(65).double().view(data.q, data.k, causal=case.causal)
    if view.pattern is None:
        assert get_method(case.name).draw_pattern is None
        return
    mask = view.pattern.block(ALL, ALL)
    assert torch.equal(mask.expand_as(view.block(ALL, ALL)), view.block(ALL, ALL) != 0)
    assert view.pattern.density() == pytest.approx(float(mask.double().mean()), abs=1e-12)


@pytest.mark.parametrize("length", LENGTHS)
@every_case
def test_the_pattern_drawn_without_data_is_the_one_used(case: Case, length: int) -> None:
    method = get_method(case.name)
    keys = case.keys(length)
    pattern = method.pattern(length, keys, causal=case.causal, **dict(case.params))
    if pattern is None:
        return
    mask = pattern.block(ALL, ALL)
    data = inputs(case, length)
    view = case.build(length).double().view(data.q, data.k, causal=case.causal)
    assert view.pattern is not None
    assert torch.equal(mask, view.pattern.block(ALL, ALL))
    assert torch.equal(mask.sum(1), pattern.row_counts())
    assert torch.equal(
        mask[-3:, : keys // 2],
        pattern.block(slice(max(0, length - 3), length), slice(0, keys // 2)),
    )
