"""The sweep for when a CUDA GPU is at hand: every method in bf16 against SDPA's flash backend.

`python -m benchmarks.cuda [--only NAME] [--lengths 1024,4096]`; device time from CUDA events.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from attn_core import METHODS
from benchmarks import report
from benchmarks.catalogue import forward_side, is_causal
from benchmarks.clock import PASSES, Budget, Pass, Side, Task, Timer, interleave, summarize
from benchmarks.comparison import heads
from benchmarks.machine import environment
from benchmarks.results import LATEST, Row, as_json, merge

LENGTHS = tuple(1 << power for power in range(10, 18))
BUDGET = Budget(turns=20, seconds=5.0, warm_up=3)
# Larger than any L2 cache: overwritten before each run, so that no side finds its inputs there.
FLUSHED_BYTES = 1 << 28


@dataclass(frozen=True)
class Place:
    """Where the sweep runs and how it is timed; the tests run the same code on the CPU."""

    device: str
    dtype: torch.dtype
    timer: Timer
    backend: SDPBackend
    budget: Budget = BUDGET


def event_timer() -> Timer:
    scratch = torch.empty(FLUSHED_BYTES, dtype=torch.int8, device="cuda")

    def time(task: Task) -> float:
        task.prepare()
        scratch.zero_()
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        task.run()
        end.record()
        end.synchronize()
        return start.elapsed_time(end) / 1000

    return time


def exact(q: Tensor, k: Tensor, v: Tensor, causal: bool, backend: SDPBackend) -> Tensor:
    with sdpa_kernel(backend):
        return F.scaled_dot_product_attention(q, k, v, is_causal=causal)


def measure(methods: Iterable[str], lengths: Iterable[int], place: Place) -> Iterator[Row]:
    lengths = tuple(lengths)
    for method in methods:
        for length in lengths:
            for which in PASSES:
                row: Row = {"name": method, "length": length, "pass": which}
                yield row | cell(method, length, which, place)


def cell(method: str, length: int, which: Pass, place: Place) -> Row:
    """One outcome, numbers or not: out of memory and unsupported are answers too."""
    try:
        return time_cell(method, length, which, place)
    except torch.OutOfMemoryError:
        torch.cuda.empty_cache()
        return {"outcome": "oom", "message": "out of device memory"}
    except ValueError as refusal:
        return {"outcome": "unsupported", "message": str(refusal)}
    except RuntimeError as problem:
        return {"outcome": "error", "message": str(problem).splitlines()[0]}


def time_cell(method: str, length: int, which: Pass, place: Place) -> Row:
    inputs = tuple(x.to(place.device, place.dtype) for x in heads(length))
    ours = forward_side(method, length)
    for module in ours.modules:
        module.to(place.device)
    peer = Side(partial(exact, causal=is_causal(method), backend=place.backend))
    tasks = [Task(side, inputs, which) for side in (ours, peer)]
    mine, theirs = interleave(tasks, place.budget, place.timer)
    ratios = [b / a for a, b in zip(mine, theirs, strict=True)]
    return {
        "outcome": "ok",
        "ours_s": as_json(summarize(mine)),
        "peer_s": as_json(summarize(theirs)),
        "ratio": as_json(summarize(ratios)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cuda", description=__doc__)
    parser.add_argument("--only", default="", help="methods whose name contains this")
    parser.add_argument("--lengths", default="", help="instead of 1,024 to 131,072, as 1024,4096")
    options = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit("benchmarks.cuda needs a CUDA GPU, and torch sees none here.")
    lengths = tuple(int(n) for n in options.lengths.split(",") if n) or LENGTHS
    methods = [name for name in METHODS if options.only in name]
    place = Place("cuda", torch.bfloat16, event_timer(), SDPBackend.FLASH_ATTENTION)
    where = environment() | {"gpu": torch.cuda.get_device_name()}
    rows = measure(methods, lengths, place)
    merge(LATEST, "cuda", where, rows, whole=not options.only and not options.lengths)
    report.write(LATEST)


if __name__ == "__main__":
    main()
