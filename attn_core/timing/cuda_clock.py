"""Device time on CUDA: events around one call, with the L2 cache overwritten first; and the wall time with launches.

While the device overwrites the cache, the host launches the call behind it, which hides the first launches. A
call of very many small kernels may still wait for later ones: then device and wall time lie close together. The wall
time is of a second call, from idle device to idle device.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch

from attn_core.timing.clock import Contender, Reading

# Twice the cache, and never less than this: no contender finds its inputs there.
LEAST_FLUSHED = 1 << 28


class DeviceTimer:
    """A timer for `measure`, to be made in the process that owns the device."""

    def __init__(
        self,
        cuda: Any = torch.cuda,
        scratch: Any = None,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.cuda, self.now = cuda, now
        self.scratch = make_scratch(cuda) if scratch is None else scratch

    def __call__(self, contender: Contender, calls: int) -> Reading:
        device = sum(self.device_seconds(contender) for _ in range(calls)) / calls
        wall = sum(self.wall_seconds(contender) for _ in range(calls)) / calls
        return Reading(device, wall)

    def device_seconds(self, contender: Contender) -> float:
        _prepare(contender)
        start, end = (self.cuda.Event(enable_timing=True) for _ in range(2))
        self.scratch.zero_()
        start.record()
        contender.run()
        end.record()
        end.synchronize()
        return start.elapsed_time(end) / 1000

    def wall_seconds(self, contender: Contender) -> float:
        _prepare(contender)
        self.cuda.synchronize()
        began = self.now()
        contender.run()
        self.cuda.synchronize()
        return self.now() - began


def make_scratch(cuda: Any) -> torch.Tensor:
    cache = getattr(cuda.get_device_properties(0), "L2_cache_size", 0)
    return torch.empty(max(LEAST_FLUSHED, 2 * cache), dtype=torch.int8, device="cuda")


def _prepare(contender: Contender) -> None:
    if contender.prepare is not None:
        contender.prepare()
