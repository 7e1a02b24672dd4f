"""Peak resident memory of one forward pass, as a multiple of the bytes of q, k, v and the output."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from attn_core import METHODS
from benchmarks.comparison import HEAD_DIM, HEADS
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
            yield {"name": method, "length": length, "at_most": AT_MOST} | cell(method, length)


def cell(method: str, length: int) -> Row:
    if method not in METHODS:
        return {
            "outcome": "missing",
            "message": f"the method {method} is not in the catalogue yet",
        }
    tensor = HEADS * length * HEAD_DIM * 4
    try:
        extra = in_fresh_process(method, length)
    except RuntimeError as problem:
        return {"outcome": "error", "message": str(problem)}
    # The stricter reading: the inputs count towards the peak, not only what the call adds to them.
    multiple = (extra + 3 * tensor) / (4 * tensor)
    return {
        "outcome": "ok",
        "extra_bytes": extra,
        "io_bytes": 4 * tensor,
        "multiple": round(multiple, 3),
        "extra_multiple": round(extra / (4 * tensor), 3),
        "met": multiple < AT_MOST,
    }
