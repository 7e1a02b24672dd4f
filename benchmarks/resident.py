"""The child of the memory benchmark: runs one forward pass and prints how much resident memory it took.

`python -m benchmarks.resident METHOD LENGTH`; a fresh process, so that nothing was allocated before.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch

from benchmarks.catalogue import forward_side
from benchmarks.comparison import heads
from benchmarks.machine import use_threads

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
WARM_UP_LENGTH = 128


def status(field: str) -> int:
    """VmRSS (resident now) or VmHWM (most resident ever), in bytes."""
    for line in STATUS.read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise ValueError(f"the kernel does not report {field}")


def forget_peak() -> None:
    """Set the high-water mark back to what is resident now."""
    CLEAR.write_text("5")


def extra_bytes(method: str, length: int) -> int:
    """Peak above what was resident with the inputs made and the operator warmed on a few tokens."""
    side, inputs = forward_side(method, length), heads(length)
    with torch.no_grad():
        side.call(*(x[:, :, :WARM_UP_LENGTH].contiguous() for x in inputs))
        forget_peak()
        before = status("VmRSS")
        side.call(*inputs)
    return status("VmHWM") - before


if __name__ == "__main__":
    use_threads()
    print(json.dumps(extra_bytes(sys.argv[1], int(sys.argv[2]))))
