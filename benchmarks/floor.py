"""How near a method comes to its own floor: the time its necessary work would take at this machine's rates.

The floor is the larger of the FLOPs the method declares at the measured rate of a large matrix product, and
the bytes it declares at the measured rate of a large copy. Both rates are sampled in turn with the method.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import torch
from torch.profiler import ProfilerActivity, profile

from attn_core import get_method
from benchmarks.catalogue import forward_task, shape
from benchmarks.clock import Budget, Side, Task, interleave, summarize
from benchmarks.machine import settle
from benchmarks.outcome import attempt
from benchmarks.results import Row, as_json

LENGTHS = (8192,)
AT_LEAST = 0.35
GEMM_SIZE, COPY_ELEMENTS = 2048, 1 << 25
GEMM_FLOPS, COPY_BYTES = 2 * GEMM_SIZE**3, 2 * 4 * COPY_ELEMENTS
PROFILED_RUNS, PROFILED_OPERATIONS = 3, 5


def gemm_task() -> Task:
    left, right, out = torch.rand(3, GEMM_SIZE, GEMM_SIZE).unbind(0)
    return Task(Side(lambda a, b: torch.mm(a, b, out=out)), (left, right), "forward")


def copy_task() -> Task:
    source, target = torch.rand(2, COPY_ELEMENTS).unbind(0)
    return Task(Side(lambda a, b: b.copy_(a)), (source, target), "forward")


def measure(methods: Iterable[str], lengths: Iterable[int], budget: Budget) -> Iterator[Row]:
    lengths = tuple(lengths)
    for method in methods:
        for length in lengths:
            row: Row = {"name": method, "length": length, "at_least": AT_LEAST}
            yield attempt(row, partial(measure_one, method, length, budget))


def measure_one(method: str, length: int, budget: Budget) -> Row:
    busy, task = settle(budget.patience), forward_task(method, length)
    cost = get_method(method).cost(shape(method, length))
    gemm, copy, seconds = interleave([gemm_task(), copy_task(), task], budget)
    compute = [cost.flops * s / GEMM_FLOPS for s in gemm]
    traffic = [cost.bytes_moved * s / COPY_BYTES for s in copy]
    floors = [max(pair) for pair in zip(compute, traffic, strict=True)]
    share = summarize([floor / s for floor, s in zip(floors, seconds, strict=True)])
    met = share.median >= AT_LEAST
    return {
        "flops": cost.flops,
        "bytes_moved": cost.bytes_moved,
        "gflops_per_s": round(GEMM_FLOPS / summarize(gemm).median / 1e9, 1),
        "copy_gb_per_s": round(COPY_BYTES / summarize(copy).median / 1e9, 1),
        "bound": "compute"
        if summarize(compute).median >= summarize(traffic).median
        else "traffic",
        "floor_s": as_json(summarize(floors)),
        "seconds": as_json(summarize(seconds)),
        "share": as_json(share),
        "met": met,
        "spent_on": [] if met else spent_on(task),
        "busy_cores": busy,
    }


def spent_on(task: Task) -> list[Row]:
    """Where the time goes, by torch's own operations: their shares of the time of all operations."""
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        for _ in range(PROFILED_RUNS):
            task.run()
    events = sorted(profiler.key_averages(), key=lambda event: -event.self_cpu_time_total)
    total = sum(event.self_cpu_time_total for event in events)
    return [
        {"operation": event.key, "share": round(event.self_cpu_time_total / total, 3)}
        for event in events[:PROFILED_OPERATIONS]
    ]
