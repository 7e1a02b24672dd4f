"""local-attention with its exact window beside `longformer` without global tokens."""

from __future__ import annotations

from benchmarks.clock import Side
from benchmarks.comparison import Comparison, Pair, both, heads
from benchmarks.ours import build_op, op_side
from benchmarks.packages import load

WINDOW = 128


def build(length: int) -> Pair:
    peer = load("local_attention").LocalAttention(
        window_size=WINDOW,
        causal=False,
        look_backward=1,
        look_forward=1,
        exact_windowsize=True,
        use_rotary_pos_emb=False,
    )
    op = build_op("longformer", length, window=WINDOW, global_tokens=0)
    return Pair(op_side(op), Side(peer, (peer,)), heads(length))


COMPARISONS = (
    Comparison(
        name="longformer / local-attention",
        method="longformer",
        peer="local-attention, exact window of 128",
        scope="operator",
        build=build,
        targets=both(2.5, 1.5),
        tolerance=1e-5,
    ),
)
