"""How fast each method's cost may grow, and one forward pass of it at the figures' size."""

from __future__ import annotations

from attn_core import Shape, get_method
from benchmarks.clock import Side, Task
from benchmarks.comparison import HEAD_DIM, HEADS, heads
from benchmarks.ours import build_op, op_side

LINEAR = (
    "linformer",
    "nystromformer",
    "low_rank",
    "performer",
    "kernelized",
    "longformer",
    "bigbird",
    "multiscale",
    "ssd",
)
# Time ∝ N^p: the largest p allowed between the shortest and the longest length.
EXPONENT_LIMITS = dict.fromkeys(LINEAR, 1.10) | {"reformer": 1.25, "sparse_transformer": 1.6}


def is_causal(method: str) -> bool:
    """Only methods that know no other role are run causally."""
    return get_method(method).roles == {"decoder"}


def forward_side(method: str, length: int) -> Side:
    return op_side(build_op(method, length), is_causal(method))


def forward_task(method: str, length: int) -> Task:
    return Task(forward_side(method, length), heads(length), "forward")


def shape(method: str, length: int) -> Shape:
    return Shape(1, HEADS, length, length, HEAD_DIM, causal=is_causal(method))
