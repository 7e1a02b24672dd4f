"""Faults of sparse patterns: pairs counted twice, blocks that are always the same, rows that leak mass."""

from __future__ import annotations

import torch
from torch import Tensor

from benchmarks.adapters import bigbird
from benchmarks.comparison import HEAD_DIM, heads, relative_error, tokens
from benchmarks.faults.fault import Fault
from benchmarks.ours import build_op
from benchmarks.packages import load

LENGTH, BUCKET = 1024, 32


def reformer_duplicates() -> tuple[float, float | None]:
    """Its own switch that removes duplicates is the reference; the same rotations in both runs."""
    attention = load("reformer_pytorch").LSHAttention
    qk, v = heads(LENGTH)[0][0, :1], heads(LENGTH)[2][0, :1]
    found: list[Tensor] = []
    for allowed in (True, False):
        torch.manual_seed(0)
        module = attention(bucket_size=BUCKET, n_hashes=4, allow_duplicate_attention=allowed)
        with torch.no_grad():
            found.append(module.eval()(qk, v)[0])
    return relative_error(found[0], found[1]), None


def reformer_wrap() -> tuple[float, float | None]:
    """One round: the tokens of the first chunk may see their own chunk only; the rest is the last one."""
    module = (
        load("reformer_pytorch")
        .LSHAttention(bucket_size=BUCKET, n_hashes=1, return_attn=True)
        .eval()
    )
    qk, _, v = (x[0, :1] for x in heads(LENGTH))
    with torch.no_grad():
        _, weights, buckets = module(qk, v)
    order = buckets[0].argsort(stable=True)
    first, last = order[:BUCKET], order[-BUCKET:]
    return weights[0, first][:, last].sum(-1).mean().item(), None


def bigbird_row_sums() -> tuple[float, float]:
    call = bigbird.outputs(bigbird.block_sparse(LENGTH).eval(), LENGTH)
    with torch.no_grad():
        sums = call(tokens(LENGTH))[1].sum(-1)
        q, k, v = heads(LENGTH)
        ours = build_op("bigbird", LENGTH)(q, k, torch.ones_like(v))
    return (sums - 1).abs().max().item(), (ours - 1).abs().max().item()


def bigbird_modes() -> tuple[float, float]:
    """Dropout is zero: training or not, the function should be the same."""
    module, x = bigbird.block_sparse(LENGTH), tokens(LENGTH)
    call, op, (q, k, v) = (
        bigbird.outputs(module, LENGTH),
        build_op("bigbird", LENGTH),
        heads(LENGTH),
    )
    with torch.no_grad():
        module.train()
        trained, ours_trained = call(x)[0], op.train()(q, k, v)
        module.eval()
        evaluated, ours_evaluated = call(x)[0], op.eval()(q, k, v)
    return relative_error(evaluated, trained), relative_error(ours_evaluated, ours_trained)


def bigbird_dense() -> tuple[float, float | None]:
    """Elements of the N×N matrix it fills, per element of a dense one."""
    call = bigbird.outputs(bigbird.block_sparse(LENGTH).eval(), LENGTH)
    with torch.no_grad():
        weights = call(tokens(LENGTH))[1]
    dense = LENGTH * LENGTH * (tokens(1).shape[-1] // HEAD_DIM)
    return weights.numel() / dense, None


FAULTS = (
    Fault(
        "reformer-pytorch",
        "a pair that meets in several rounds is counted in each of them",
        "its default against its own allow_duplicate_attention=False: relative difference",
        reformer_duplicates,
    ),
    Fault(
        "reformer-pytorch",
        "the first chunk of the sorted tokens also sees the last",
        "one round: mean attention the first chunk pays to the last",
        reformer_wrap,
    ),
    Fault(
        "HF BigBird",
        "outside training every random block is block 0, counted again each time",
        "probabilities it returns: largest distance of a row's sum from one",
        bigbird_row_sums,
    ),
    Fault(
        "HF BigBird",
        "training and evaluation compute different functions",
        "the same input in both modes without dropout: relative difference",
        bigbird_modes,
    ),
    Fault(
        "HF BigBird",
        "the N×N matrix is always allocated",
        "elements of the probabilities it fills, over those of dense attention",
        bigbird_dense,
        wrong_above=0.5,
    ),
)
