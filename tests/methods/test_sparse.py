"""The sparse methods against dense attention under the mask their definition gives."""

from itertools import pairwise
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from attn_core import Dims, get_method
from tests.methods.agreement import agrees, build, dense, draw, masked_softmax, near, positions

BOTH = pytest.mark.parametrize("causal", [False, True])


def masked(rule):
    def reference(op, q, k, v, keep, causal):
        i, j = positions(q.shape[2])
        allowed = rule(op, i, j, q.shape[2])
        return dense(q, k, v, (allowed & (j <= i) if causal else allowed) & keep[:, None, None, :])

    return reference


def longformer_rule(op, i, j, length):
    on_grid = (i - j) % op.dilation == 0
    near_enough = (i - j).abs() <= op.window * op.dilation
    return (on_grid & near_enough) | (i < op.global_tokens) | (j < op.global_tokens)


@BOTH
@pytest.mark.parametrize(
    "params",
    [
        {"window": 5},
        {"window": 3, "dilation": 4, "global_tokens": 3},
        {"window": 0, "global_tokens": 0},
        {"window": 40, "global_tokens": 2},
        {"window": 500, "global_tokens": 500},
    ],
)
def test_longformer_sees_its_band_and_its_globals(causal: bool, params: dict[str, Any]) -> None:
    agrees("longformer", masked(longformer_rule), causal=causal, **params)


def test_longformer_with_many_globals_reads_them_some_rows_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whole, a tile of all global rows would need memory for a mask of globals × tokens."""
    monkeypatch.setattr("attn_core.methods.longformer.ENTRIES", 64)
    for causal in (False, True):
        agrees("longformer", masked(longformer_rule), causal=causal, window=2, global_tokens=9)
    op = get_method("longformer").build(Dims(1, 8, 40, 40), global_tokens=9)
    _, columns, rows = op.parts(40, False, None)
    assert max(one.pairs_per_tile for one in (*columns.stacks, *rows.stacks)) <= 64


def strided_rule(op, i, j, length):
    step = op.stride or max(1, round(length**0.5))
    return ((i - j).abs() <= step) | ((i - j) % step == 0)


def fixed_rule(op, i, j, length):
    step = op.stride or max(1, round(length**0.5))
    return (i // step == j // step) | (j % step >= step - op.summary)


@BOTH
@pytest.mark.parametrize("stride", [0, 1, 6, 300])
def test_strided_sees_its_stride_and_its_multiples(causal: bool, stride: int) -> None:
    agrees("sparse_transformer", masked(strided_rule), causal=causal, stride=stride)


@BOTH
@pytest.mark.parametrize(("stride", "summary"), [(0, 1), (7, 2), (7, 9), (1, 1), (300, 1)])
def test_fixed_sees_its_block_and_the_summaries(causal: bool, stride: int, summary: int) -> None:
    agrees(
        "sparse_transformer",
        masked(fixed_rule),
        causal=causal,
        pattern="fixed",
        stride=stride,
        summary=summary,
    )


def bigbird_rule(op, i, j, length):
    block, random, global_blocks, window, seed = op.settings
    drawn = op.method.pattern(
        length,
        length,
        block=block,
        random=random,
        global_blocks=global_blocks,
        window=window,
        seed=seed,
    ).block(slice(None), slice(None))
    u, b = i // block, j // block
    certain = ((u - b).abs() <= window // 2) | (b < global_blocks) | (u < global_blocks)
    assert drawn[certain.expand_as(drawn)].all()
    # Of the others, exactly `random` blocks per row of blocks, as far as there are that many.
    blocks = -(-length // block)
    for row in range(global_blocks, blocks):
        others = drawn[row * block] & ~certain[row * block]
        left = {int(c) // block for c in (~certain[row * block]).nonzero()}
        assert len({int(c) // block for c in others.nonzero()}) == min(random, len(left))
    return drawn


@pytest.mark.parametrize(
    "params",
    [
        {"block": 8, "random": 2},
        {"block": 5, "random": 1, "global_blocks": 2, "window": 5, "seed": 3},
        {"block": 16, "random": 0, "global_blocks": 0, "window": 1},
        {"block": 4, "random": 99},
    ],
)
def test_bigbird_sees_window_random_and_global_blocks(params: dict[str, Any]) -> None:
    agrees("bigbird", masked(bigbird_rule), **params)


def test_another_seed_draws_other_blocks() -> None:
    drawn = [
        build("bigbird", 256, block=8, seed=seed).view(draw(256), draw(256)).pattern
        for seed in (0, 0, 1)
    ]
    first, again, other = (p.block(slice(None), slice(None)) for p in drawn)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("longformer", {"window": 64}),
        ("sparse_transformer", {"stride": 64}),
        ("sparse_transformer", {"pattern": "fixed", "stride": 64}),
        ("bigbird", {"block": 64}),
        ("multiscale", {"scales": (1,), "window": 64}),
    ],
)
def test_a_pattern_as_wide_as_the_sequence_is_exact_attention(
    name: str, params: dict[str, Any]
) -> None:
    q, k, v = (draw(50, seed=seed) for seed in range(3))
    near(build(name, 50, **params)(q, k, v), dense(q, k, v, torch.ones(50, 50, dtype=torch.bool)))


def multiscale_reference(op, q, k, v, keep, causal):
    """Every block of every level as one key with the weight of its tokens."""
    length, i = q.shape[2], torch.arange(q.shape[2])
    scores, values, allowed = [], [], []
    finer_edge = None
    for scale, (outer, reach) in zip(op.scales, edges(op.scales, op.window), strict=True):
        for start in range(0, length, scale):
            tokens = torch.arange(start, min(start + scale, length))
            real = keep[:, tokens]
            count = real.sum(1).double()
            weight = (real / count.clamp_min(1)[:, None])[:, None, :, None]
            key, value = (k[:, :, tokens] * weight).sum(2), (v[:, :, tokens] * weight).sum(2)
            seen = (i // outer - start // outer).abs() <= reach
            if finer_edge:
                seen &= (i // finer_edge[0] - start // finer_edge[0]).abs() > finer_edge[1]
            if causal:
                seen &= start <= i
            product = (q * key[:, :, None]).sum(-1) / q.shape[3] ** 0.5
            scores.append(product + count.clamp_min(1).log()[:, None, None])
            values.append(value)
            allowed.append((seen & (count > 0)[:, None])[:, None])
        finer_edge = (outer, reach)
    weights = masked_softmax(torch.stack(scores, -1), torch.stack(allowed, -1))
    return weights @ torch.stack(values, 2)


def edges(scales, window):
    """A level ends at about window·scale tokens, on a block edge of the next, coarser level."""
    inner = [(b, -(-window * a // b)) for a, b in pairwise(scales)]
    return [*inner, (scales[-1], window)]


@BOTH
@pytest.mark.parametrize(
    "params",
    [
        {"scales": (1, 4), "window": 2},
        {"scales": (1, 2, 8), "window": 3},
        {"scales": (1, 4, 16), "window": 1},
        {"scales": (1,), "window": 6},
        {},
    ],
)
def test_multiscale_sees_means_farther_away(causal: bool, params: dict[str, Any]) -> None:
    agrees("multiscale", multiscale_reference, causal=causal, **params)


def test_multiscale_is_exact_when_keys_are_constant_over_the_coarse_blocks() -> None:
    q, v = draw(64), draw(64, seed=2)
    k = draw(4, seed=1).repeat_interleave(16, 2)
    op = build("multiscale", 64, scales=(1, 4, 16), window=8)
    near(op(q, k, v), dense(q, k, v, torch.ones(64, 64, dtype=torch.bool)))


def reformer_reference(op, q, k, v, keep, causal):
    """Chunks read off the sorting, pairs met in any round once, oneself only if there is no one else."""
    from attn_core.methods.reformer import chunks

    i, j = positions(q.shape[2])
    met = torch.zeros(*q.shape[:3], q.shape[2], dtype=torch.bool)
    for chunk in chunks(op.parts(q, keep, causal), op.bucket):
        gap = (chunk[:, :, None] - chunk[:, None, :]).unflatten(0, q.shape[:2])
        met |= (gap == 0) | (gap == 1)
    met &= keep[:, None, None, :] & ((j < i) if causal else (j != i))
    alone = ~met.any(-1, keepdim=True) & keep[:, None, :, None]
    return dense(q, F.normalize(q, dim=-1), v, met | (alone & (i == j)))


@BOTH
@pytest.mark.parametrize("params", [{"bucket": 8}, {"bucket": 5, "rounds": 1}, {"bucket": 2}])
def test_reformer_attends_who_shares_a_chunk(causal: bool, params: dict[str, Any]) -> None:
    agrees("reformer", reformer_reference, causal=causal, **params)


def test_reformer_with_one_bucket_is_exact_attention_to_all_others() -> None:
    q, v = draw(40), draw(40, seed=2)
    others = ~torch.eye(40, dtype=torch.bool)
    out = build("reformer", 40, bucket=40)(q, draw(40, seed=1), v)
    near(out, dense(q, F.normalize(q, dim=-1), v, others))


def test_reformer_puts_equal_vectors_into_one_bucket_and_far_ones_apart() -> None:
    op = build("reformer", 512, bucket=16)
    groups = draw(8, batch=1, seed=4).repeat(1, 1, 64, 1)
    buckets = op.buckets_of(groups.flatten(0, 1))[0].unflatten(1, (64, 8))
    assert (buckets == buckets[:, :1]).all()
    assert len(buckets.unique()) > 4


def test_reformer_sorts_by_bucket_then_position_and_sends_padding_last() -> None:
    op, q = build("reformer", 200, bucket=8), draw(200)
    keep = torch.arange(200).expand(2, -1) < 150
    part = op.parts(q, keep, False)[0]
    assert (part.order[:, 150:] >= 150).all()
    buckets = op.buckets_of(q.flatten(0, 1))[0].gather(1, part.order)[:, :150].long()
    assert ((buckets * 200 + part.order[:, :150]).diff(dim=1) > 0).all()


def test_hashing_into_many_buckets_takes_two_small_hashes() -> None:
    from attn_core.methods.reformer import bucket_factors

    for wanted in (1, 2, 7, 128, 129, 1024, 5000):
        factors = bucket_factors(wanted)
        product = 1
        for size in factors:
            assert size % 2 == 0
            product *= size
        assert product >= wanted
        assert sum(factors) <= max(128, 4 * wanted**0.5)
