"""Patterns taken apart, against the dense boolean matrix that nothing else may build."""

from __future__ import annotations

from typing import cast

import pytest
import torch

from attn_core import Dims, Shape, get_method
from attn_core.masks import (
    Anatomy,
    BucketAnatomy,
    RunAnatomy,
    anatomy_of,
    arrivals,
    everyone,
    exact_sums,
    last_arrival,
    lost_mass,
    shares,
)
from attn_core.masks.everyone import _of_bits, _of_groups, _own_bits
from attn_core.methods.reformer import BucketPattern
from attn_core.patterns import everything

ALL = slice(None)
LENGTHS = (1, 13, 40)
STATIC = (
    ("softmax", {}),
    ("longformer", {"window": 3, "global_tokens": 2}),
    ("longformer", {"window": 3, "global_tokens": 0}),
    ("longformer", {"window": 2, "dilation": 3, "global_tokens": 4}),
    ("longformer", {"window": 2, "dilation": 3, "global_tokens": 0}),
    ("longformer", {"window": 500, "global_tokens": 500}),
    ("longformer", {"window": 0, "global_tokens": 0}),
    ("longformer", {"window": 2**31 - 1, "dilation": 2**31 - 1}),
    ("sparse_transformer", {"stride": 2**31 - 1}),
    ("sparse_transformer", {"pattern": "fixed", "stride": 2**31 - 1, "summary": 2**31 - 1}),
    ("sparse_transformer", {}),
    ("sparse_transformer", {"stride": 5}),
    ("sparse_transformer", {"stride": 300}),
    ("sparse_transformer", {"pattern": "fixed"}),
    ("sparse_transformer", {"pattern": "fixed", "stride": 6, "summary": 2}),
    ("sparse_transformer", {"pattern": "fixed", "stride": 4, "summary": 9}),
    ("bigbird", {"block": 4, "random": 2}),
    ("bigbird", {"block": 3, "random": 1, "global_blocks": 0}),
    ("bigbird", {"block": 8, "random": 1, "global_blocks": 2}),
    ("bigbird", {"block": 5, "random": 0, "global_blocks": 0}),
    ("multiscale", {"scales": (1, 4), "window": 2}),
    ("multiscale", {"scales": (1, 2, 8), "window": 3}),
    ("multiscale", {"scales": (1,), "window": 2}),
)
BUCKETS = (("reformer", {"bucket": 4, "rounds": 2}), ("reformer", {"bucket": 7, "rounds": 3}),
           ("reformer", {"bucket": 1, "rounds": 1}))  # fmt: skip


def drawn(length: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(7)
    q, k = (torch.randn(1, 2, length, 8, generator=generator).double() for _ in range(2))
    return q, k


def kept(length: int, tokens: int) -> torch.Tensor:
    return (torch.arange(length) < tokens)[None]


def taken_apart(
    name: str, params: dict, length: int, tokens: int, causal: bool
) -> tuple[Anatomy, torch.Tensor]:
    """The anatomy, and the dense mask (tokens, tokens) by the method's own rule."""
    if name == "reformer":
        q, k = drawn(length)
        op = get_method(name).build(Dims(2, 8, length, length), **params)
        buckets = cast("BucketPattern", op.view(q, k, kept(length, tokens), causal).pattern)
        dense = buckets.block(ALL, ALL)[0, 1]
        return BucketAnatomy(buckets, tokens, 1), dense[:tokens, :tokens]
    method = get_method(name)
    pattern = method.pattern(length, length, causal=causal, **params)
    pattern = pattern or everything(length, length, causal)
    anatomy = anatomy_of(method, length, tokens, causal, **params)
    return anatomy, pattern.block(ALL, ALL)[:tokens, :tokens]


def cases():
    for name, params in STATIC + BUCKETS:
        for causal in (False, True):
            if name == "bigbird" and causal:
                continue
            for length in LENGTHS:
                for tokens in {length, length - 5} if length == 40 else {length}:
                    shown = "-".join(f"{key}={value}" for key, value in params.items())
                    yield pytest.param(
                        name, params, length, tokens, causal,
                        id=f"{name}-{shown}-{length}-{tokens}-{causal}",
                    )  # fmt: skip


every_case = pytest.mark.parametrize(
    ("name", "params", "length", "tokens", "causal"), list(cases())
)


@every_case
def test_a_pattern_is_the_sum_of_its_parts(name, params, length, tokens, causal):
    anatomy, dense = taken_apart(name, params, length, tokens, causal)
    for rows in (ALL, slice(0, 1), slice(length // 3, length // 2 + 1), slice(length, None)):
        by_part, total = anatomy.coverage(rows)
        assert torch.equal(total, dense[rows].sum(0))
        assert (by_part >= 0).all() and (by_part.sum(0) >= total).all()


@every_case
def test_a_pair_is_allowed_when_a_part_says_so(name, params, length, tokens, causal):
    anatomy, dense = taken_apart(name, params, length, tokens, causal)
    found = [[bool(anatomy.holders(i, j)) for j in range(length)] for i in range(length)]
    expected = torch.zeros(length, length, dtype=torch.bool)
    expected[:tokens, :tokens] = dense
    assert torch.equal(torch.tensor(found), expected)


@every_case
def test_what_a_set_sees_is_what_its_members_see(name, params, length, tokens, causal):
    anatomy, dense = taken_apart(name, params, length, tokens, causal)
    generator = torch.Generator().manual_seed(3)
    for share in (0.05, 0.5):
        rows = torch.rand(tokens, generator=generator) < share
        assert torch.equal(anatomy.image(rows), dense[rows].any(0))


@every_case
def test_bits_are_gathered_from_every_key_seen(name, params, length, tokens, causal):
    anatomy, dense = taken_apart(name, params, length, tokens, causal)
    found = anatomy.gather(_own_bits(tokens, 0))
    held = dense | torch.eye(tokens, dtype=torch.bool)
    for j in range(tokens):
        column = (found[:, j // 64] >> (j % 64)) & 1
        assert torch.equal(torch.from_numpy(column.astype("bool")), held[:, j]), j


@every_case
def test_the_receptive_field_is_a_power_of_the_matrix(name, params, length, tokens, causal):
    anatomy, dense = taken_apart(name, params, length, tokens, causal)
    step = (dense | torch.eye(tokens, dtype=torch.bool)).double()
    due = torch.ones(tokens, tokens, dtype=torch.bool)
    due = due.tril() if causal else due
    reached, first = torch.eye(tokens), torch.full((tokens, tokens), -1)
    slowest = None
    for layer in range(tokens + 1):
        first[(reached > 0) & (first < 0)] = layer
        if slowest is None and torch.equal(reached > 0, due):
            slowest = layer
        reached = ((reached.double() @ step) > 0).float()
    for query in {0, tokens // 2, tokens - 1}:
        arrived = arrivals(anatomy, query)
        assert torch.equal(arrived, first[query])
        full = torch.equal(first[query] >= 0, due[query])
        assert last_arrival(anatomy, arrived, query) == (int(first[query].max()) if full else None)
    found = everyone(anatomy)
    assert (found.layers, found.never) == (slowest, slowest is None)
    assert _of_bits(anatomy, tokens, lambda *_: None).layers == slowest
    assert _of_groups(anatomy, min(1, tokens - 1)).layers == slowest


@every_case
def test_cells_count_their_pairs(name, params, length, tokens, causal):
    anatomy, dense = taken_apart(name, params, length, tokens, causal)
    whole = torch.zeros(length, length)
    whole[:tokens, :tokens] = dense
    for size in (1, 7, 128):
        found = shares(anatomy, size)
        edges = found.edges.tolist()
        for a, row in enumerate(found.pairs):
            for b, pairs in enumerate(row):
                assert pairs == whole[edges[a] : edges[a + 1], edges[b] : edges[b + 1]].sum()
        assert found.total == dense.sum()


@pytest.mark.parametrize("exact_causal", [False, True])
@every_case
def test_the_lost_mass_is_what_lies_outside(name, params, length, tokens, causal, exact_causal):
    if exact_causal and not causal:
        return
    _, dense = taken_apart(name, params, length, tokens, causal)
    q, k = drawn(length)
    op = get_method(name).build(Dims(2, 8, length, length), **params)
    exact = exact_sums(q, k, tokens, exact_causal)
    lost = lost_mass(op, q, k, exact, causal)[1]
    scores = (q[0, 1, :tokens] @ k[0, 1, :tokens].T) / 8**0.5
    if exact_causal:
        scores = scores.masked_fill(~torch.ones_like(dense).tril(), -torch.inf)
    outside = scores.softmax(-1).masked_fill(dense, 0.0).sum(-1)
    assert torch.allclose(lost, outside, atol=1e-9)


def test_a_long_band_is_followed_to_its_end():
    """65,536 tokens, eight to each side: the ends meet after 8,192 layers, found by doubling."""
    band = {"window": 8, "global_tokens": 0}
    anatomy = anatomy_of(get_method("longformer"), 65_536, 65_536, False, **band)
    assert everyone(anatomy).layers == -(-65_535 // 8)


def test_a_query_that_is_not_there_is_refused():
    anatomy = RunAnatomy(everything(4, 4, False), 4, False)
    with pytest.raises(ValueError, match="query must be from 0 to 3"):
        arrivals(anatomy, 4)
    with pytest.raises(ValueError, match="padding must leave"):
        RunAnatomy(everything(4, 4, False), 0, False)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("name", "params"), STATIC[1:7] + STATIC[7:13])
def test_the_declared_scores_are_the_pairs_of_the_pattern(name, params, causal):
    method = get_method(name)
    pattern = method.pattern(40, 40, causal=causal, **params)
    shape = Shape(batch=2, heads=3, queries=40, keys=40, head_dim=8, causal=causal)
    assert pattern is not None
    assert method.cost(shape, **params).scores == 6 * int(pattern.block(ALL, ALL).sum())
