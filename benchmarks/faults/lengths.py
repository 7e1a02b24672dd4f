"""Faults seen by changing the length, and one by listening to the random generator."""

from __future__ import annotations

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.adapters import nystrom, reformer
from benchmarks.comparison import HEADS, WIDTH, heads, tokens
from benchmarks.faults.fault import Fault
from benchmarks.ours import Columns, build_op
from benchmarks.packages import hugging_face

LENGTH = 1024


def flops(function: object, *inputs: torch.Tensor) -> int:
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        assert callable(function)
        function(*inputs)
    return counter.get_total_flops()


def nystromformer_default() -> tuple[float, float]:
    """Twice the length should cost twice the work; how much more than that, as a share."""
    package = hugging_face("nystromformer")
    config = package.NystromformerConfig(hidden_size=WIDTH, num_attention_heads=HEADS)
    peer = package.NystromformerSelfAttention(config).eval()
    for part, name in enumerate(("query", "key", "value")):
        setattr(peer, name, Columns(part, WIDTH))
    op = build_op("nystromformer", 2 * LENGTH)
    work = [flops(peer, nystrom.joint(n)) for n in (LENGTH, 2 * LENGTH)]
    ours = [flops(op, *heads(n)) for n in (LENGTH, 2 * LENGTH)]
    return work[1] / work[0] / 2 - 1, ours[1] / ours[0] / 2 - 1


def nystromformer_batch() -> tuple[float, float]:
    """Batches returned for one batch given, beyond the one."""
    peer = nystrom.self_attention(LENGTH)
    with torch.no_grad():
        theirs = peer(tokens(2 * LENGTH))[0].shape[0]
    ours = build_op("nystromformer", 2 * LENGTH)(*heads(2 * LENGTH)).shape[0]
    return theirs - 1, ours - 1


def reformer_buckets() -> tuple[float, float | None]:
    """Missing share of the buckets it would choose by itself when the longer input comes first."""
    with torch.no_grad():
        peers = [reformer.lsh_self_attention(LENGTH, num_buckets=None).eval() for _ in range(2)]
        peers[0](tokens(LENGTH // 4))
        for peer in peers:
            peer(tokens(LENGTH))
    return 1 - peers[0].num_buckets / peers[1].num_buckets, None


def reformer_generator() -> tuple[float, float]:
    """1 if a call leaves the global generator where no seed before it can matter."""
    peer = reformer.lsh_self_attention(LENGTH, hash_seed=7).eval()
    op = build_op("reformer", LENGTH)
    q, k, v = heads(LENGTH)

    def same_after(call: object) -> float:
        drawn = []
        for seed in (1, 2):
            torch.manual_seed(seed)
            assert callable(call)
            call()
            drawn.append(torch.rand(1).item())
        return float(drawn[0] == drawn[1])

    with torch.no_grad():
        return same_after(lambda: peer(tokens(LENGTH))), same_after(lambda: op(q, k, v))


FAULTS = (
    Fault(
        "HF Nyströmformer",
        "as configured by default it is dense attention: landmarks equal segment_means_seq_len",
        "FLOPs of attention at 2,048 tokens over twice those at 1,024, minus 1",
        nystromformer_default,
        wrong_above=0.5,
    ),
    Fault(
        "HF Nyströmformer",
        "another length than segment_means_seq_len changes the batch",
        "one sample of twice that length: samples returned beyond one",
        nystromformer_batch,
        wrong_above=0.5,
    ),
    Fault(
        "HF Reformer",
        "the number of buckets is frozen at the first call",
        "1,024 tokens after a first call with 256: missing share of the buckets",
        reformer_buckets,
        wrong_above=0.1,
    ),
    Fault(
        "HF Reformer",
        "hash_seed reseeds the global random generator at every call",
        "1 if the number drawn after a call does not depend on the seed set before it",
        reformer_generator,
        wrong_above=0.5,
    ),
)
