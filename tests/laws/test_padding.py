"""Laws of padding, batches and time: what must not matter does not."""

from __future__ import annotations

import pytest
import torch

from tests.laws.cases import (
    SETTINGS,
    TOLERANCE,
    Case,
    cases,
    every_case,
    every_length_free_case,
    inputs,
    largest_difference,
    some_kept,
)


@every_case
def test_the_content_of_padding_changes_no_real_token(case: Case) -> None:
    data = inputs(case, 65)
    keep = some_kept(data.k.shape[2])
    op = case.build(65).double()
    out = op(*data.all, key_keep=keep, causal=case.causal)
    gone = ~keep[:, None, :, None]
    other = inputs(case, 65, seed=7, size=3.0)
    q = data.q if case.role == "cross" else torch.where(gone, other.q, data.q)
    k, v = torch.where(gone, other.k, data.k), torch.where(gone, 50 * other.v, data.v)
    changed = op(q, k, v, key_keep=keep, causal=case.causal)
    if case.role != "cross":
        real = keep[:, None, :, None]
        out, changed = out * real, changed * real
    assert largest_difference(out, changed) < TOLERANCE


@every_length_free_case
def test_padding_at_the_end_equals_cutting_it_off(case: Case) -> None:
    whole, kept = 71, 52
    data = inputs(case, whole)
    keys = data.k.shape[2] - (whole - kept)
    keep = torch.arange(data.k.shape[2]).expand(2, -1) < keys
    op = case.build(whole).double()
    padded = op(*data.all, key_keep=keep, causal=case.causal)[:, :, :kept]
    cut = op(data.q[:, :, :kept], data.k[:, :, :keys], data.v[:, :, :keys], causal=case.causal)
    assert largest_difference(padded, cut) < TOLERANCE


@every_case
def test_keeping_every_token_equals_no_padding_mask(case: Case) -> None:
    data = inputs(case, 66)
    keep = torch.ones(2, data.k.shape[2], dtype=torch.bool)
    op = case.build(66).double()
    kept = op(*data.all, key_keep=keep, causal=case.causal)
    assert largest_difference(kept, op(*data.all, causal=case.causal)) < TOLERANCE


@every_case
def test_a_fully_padded_sample_gives_zeros(case: Case) -> None:
    data = inputs(case, 33)
    keep = some_kept(data.k.shape[2])
    keep[1] = False
    arguments = [x.requires_grad_() for x in data.all]
    out = case.build(33).double()(*arguments, key_keep=keep, causal=case.causal)
    assert torch.equal(out[1], torch.zeros_like(out[1]))
    out.square().sum().backward()
    found = [x.grad for x in arguments if x.grad is not None]
    assert found and all(gradient.isfinite().all() for gradient in found)


@every_case
def test_samples_of_a_batch_do_not_affect_each_other(case: Case) -> None:
    data = inputs(case, 65)
    other = inputs(case, 65, seed=3, size=4.0)
    keep = some_kept(data.k.shape[2])
    op = case.build(65).double()
    out = op(*data.all, key_keep=keep, causal=case.causal)
    mixed = [torch.cat([a[:1], b[1:]]) for a, b in zip(data.all, other.all, strict=True)]
    changed = op(*mixed, key_keep=keep, causal=case.causal)
    alone = op(*(x[:1] for x in data.all), key_keep=keep[:1], causal=case.causal)
    assert largest_difference(out[:1], changed[:1]) < 1e-12
    assert largest_difference(out[:1], alone) < TOLERANCE


@pytest.mark.parametrize("size", (0.0, 100.0, 1e4, -1e4))
@pytest.mark.parametrize("case", [c for c in cases(SETTINGS) if c.causal], ids=str)
def test_the_future_changes_no_past_output(case: Case, size: float) -> None:
    """At 71 of 97 tokens, so that one tile, chunk or block holds both past and future."""
    data = inputs(case, 97, dtype=torch.float32)
    changed = [x.clone() for x in data.all]
    # A grouping of all tokens by content, as hashing is, owes this for the values alone.
    for tensor in changed[2 if case.name == "reformer" else 0 :]:
        tensor[:, :, 71:] *= size
    op = case.build(97)
    before = op(*data.all, causal=True)[:, :, :71]
    after = op(*changed, causal=True)[:, :, :71]
    assert largest_difference(before, after) <= 1e-6 * float(before.detach().abs().max())


@every_case
def test_not_even_infinity_or_nan_in_padding_reaches_a_real_token(case: Case) -> None:
    data = inputs(case, 65)
    keep = some_kept(data.k.shape[2])
    op = case.build(65).double()
    out = op(*data.all, key_keep=keep, causal=case.causal)
    gone = ~keep[:, None, :, None]
    k, v = data.k.masked_fill(gone, torch.nan), data.v.masked_fill(gone, torch.inf)
    assert largest_difference(out, op(data.q, k, v, key_keep=keep, causal=case.causal)) < TOLERANCE
