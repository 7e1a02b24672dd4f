"""Peak resident memory of one forward pass, as a multiple of the bytes of q, k, v and the output."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.comparison import HEAD_DIM, HEADS
from benchmarks.outcome import attempt
from benchmarks.results import Row

LENGTHS = (65536,)
AT_MOST = 6.0
ROOT = Path(__file__).resolve().parents[1]


def in_fresh_process(method: str, length: int) -> int:
    command = [sys.executable, "-m", "benchmarks.resident", method, str(length)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout)


def measure(methods: Iterable[str], lengths: Iterable[int]) -> Iterator[Row]:
    lengths = tuple(lengths)
    for method in methods:
        for length in lengths:
            row: Row = {"name": method, "length": length, "at_most": AT_MOST}
            yield attempt(row, partial(cell, method, length))


def cell(method: str, length: int) -> Row:
    tensor = HEADS * length * HEAD_DIM * 4
    extra = in_fresh_process(method, length)
    # The stricter reading: the inputs count towards the peak, not only what the call adds to them.
    multiple = (extra + 3 * tensor) / (4 * tensor)
    return {
        "extra_bytes": extra,
        "io_bytes": 4 * tensor,
        "multiple": round(multiple, 3),
        "extra_multiple": round(extra / (4 * tensor), 3),
        "met": multiple < AT_MOST,
    }
