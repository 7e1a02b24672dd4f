"""linear-attention-transformer's attention function beside `kernelized`."""

from __future__ import annotations

from benchmarks.clock import Side
from benchmarks.comparison import Comparison, Pair, both, heads
from benchmarks.ours import build_op, op_side
from benchmarks.packages import load


def build(length: int) -> Pair:
    module = load("linear_attention_transformer.linear_attention_transformer")
    return Pair(op_side(build_op("kernelized", length)), Side(module.linear_attn), heads(length))


COMPARISONS = (
    Comparison(
        name="kernelized / linear-attention-transformer",
        method="kernelized",
        peer="linear-attention-transformer linear_attn",
        scope="operator",
        build=build,
        targets=both(1.1, 1.1),
        differs="another kernel: softmax over each query's features, and over all keys per feature",
    ),
)
