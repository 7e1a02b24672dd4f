"""The machine's own limits, measured beside the methods: how fast it multiplies matrices, and how fast it copies.

No call can be quicker than its necessary products at the one rate, or its necessary traffic at the other: the
larger of the two is its floor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import torch

from attn_core.contract import Cost, Shape
from attn_core.methods import get_method
from attn_core.timing.clock import Contender
from attn_core.timing.spec import WORK, Cell, Pass, SweepSpec

Rate = Literal["gemm", "copy"]
RATES: tuple[Rate, ...] = ("gemm", "copy")
GEMM_SIZE: Mapping[str, int] = {"cpu": 1024, "cuda": 8192}
# Of the source; as many are written. More than any cache holds.
COPIED_BYTES: Mapping[str, int] = {"cpu": 1 << 27, "cuda": 1 << 30}
RATE_S = 0.2


@dataclass(frozen=True)
class Rates:
    """FLOPs of a large matrix product and bytes of a large copy (read and written), in a second."""

    gemm_flops_per_s: float
    copy_bytes_per_s: float


# Before anything is measured: one core of a server, and one data-centre GPU, on the careful side.
GUESSED_CORE = Rates(8e10, 8e9)
GUESSED_GPU: Mapping[str, Rates] = {
    "float32": Rates(2e13, 1e12),
    "bfloat16": Rates(2e14, 1e12),
    "float16": Rates(2e14, 1e12),
}


def work(kind: Rate, device: str) -> int:
    """What one run of a rate's contender does: FLOPs or bytes."""
    return 2 * GEMM_SIZE[device] ** 3 if kind == "gemm" else 2 * COPIED_BYTES[device]


def contender(kind: Rate, spec: SweepSpec) -> Contender:
    """A large product in the sweep's dtype, or a large copy, writing into what is there already."""
    options: dict[str, Any] = {"dtype": spec.torch_dtype, "device": spec.device}
    if kind == "gemm":
        left, right, out = torch.rand(3, *[GEMM_SIZE[spec.device]] * 2, **options).unbind(0)

        def run() -> None:
            torch.mm(left, right, out=out)
    else:
        elements = COPIED_BYTES[spec.device] // spec.torch_dtype.itemsize
        source, target = torch.ones(2, elements, **options).unbind(0)

        def run() -> None:
            target.copy_(source)

    return Contender(kind, None, run, seconds=min(RATE_S, spec.seconds))


def floor(cost: Cost, which: Pass, rates: Rates) -> float:
    """Seconds that the necessary work takes at these rates."""
    seconds = (cost.flops / rates.gemm_flops_per_s, cost.bytes_moved / rates.copy_bytes_per_s)
    return WORK[which] * max(seconds)


def cost_of(spec: SweepSpec, cell: Cell) -> Cost:
    """The method's declared cost, remembered: some methods count every row."""
    return _cost(cell.choice.method, tuple(cell.choice.params.items()), spec.shape(cell))


@lru_cache(maxsize=4096)
def _cost(method: str, params: tuple[tuple[str, Any], ...], shape: Shape) -> Cost:
    return get_method(method).cost(shape, **dict(params))


def guessed(spec: SweepSpec, threads: int) -> Rates:
    """Rates for an estimate, until a sweep has measured some."""
    if spec.device == "cuda":
        return GUESSED_GPU[spec.dtype]
    return Rates(GUESSED_CORE.gemm_flops_per_s * threads, GUESSED_CORE.copy_bytes_per_s * threads)
