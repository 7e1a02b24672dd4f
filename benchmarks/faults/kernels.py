"""Faults of kernels and factorisations: leaks across time and batch, rows that do not sum to one."""

from __future__ import annotations

import torch

from benchmarks.adapters import nystrom, performer
from benchmarks.comparison import heads, tokens
from benchmarks.faults.fault import Fault, change
from benchmarks.ours import build_op, op_side
from benchmarks.packages import load

LENGTH, PAST = 256, 192


def performer_future() -> tuple[float, float]:
    q, k, v = heads(LENGTH)
    later = k.clone()
    later[:, :, -1] *= 4.0
    peer, op = performer.fast_attention(causal=True), build_op("performer", LENGTH)
    performer.share_projection(op, peer)
    before, after, past = (q, k, v), (q, later, v), slice(PAST)
    theirs = change(peer, before, after, past)
    return theirs, change(op_side(op, causal=True).call, before, after, past)


def nystrom_batch() -> tuple[float, float]:
    """The first sample alone, with two different companions."""
    # Ten times as large, it has sharper landmark attention and so larger column sums.
    companion = torch.tensor([1.0, 10.0])
    x, (q, k, v) = tokens(LENGTH, batch=2), heads(LENGTH, batch=2)
    peer, wide = nystrom.lucidrains(), companion[:, None, None, None]
    op = build_op("nystromformer", LENGTH, landmarks=nystrom.LANDMARKS)
    louder = (x * companion[:, None, None],)
    theirs = change(lambda x: peer(x)[0], (x,), louder, slice(None))
    ours = change(lambda q, k: op(q, k, v)[0], (q, k), (q * wide, k * wide), slice(None))
    return theirs, ours


def linear_row_sums() -> tuple[float, float]:
    """With values of one, attention that averages gives one."""
    module = load("linear_attention_transformer.linear_attention_transformer")
    q, k, v = heads(LENGTH)
    ones = torch.ones_like(v)
    with torch.no_grad():
        theirs = module.linear_attn(q, k, ones)
        ours = build_op("kernelized", LENGTH)(q, k, ones)
    return (theirs - 1).abs().max().item(), (ours - 1).abs().max().item()


FAULTS = (
    Fault(
        "performer-pytorch, causal",
        "its stabiliser is the largest key of the whole sequence, future included",
        "the last key scaled by 4: relative change of the first 192 of 256 outputs",
        performer_future,
    ),
    Fault(
        "nystrom-attention",
        "the pseudo-inverse starts from a maximum over the whole batch",
        "the other sample of the batch scaled by 10: relative change of this one's output",
        nystrom_batch,
    ),
    Fault(
        "linear-attention-transformer",
        "rows sum to 1/√d, not 1",
        "values of one: largest distance of an output from one",
        linear_row_sums,
    ),
)
