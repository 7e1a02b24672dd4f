"""Peak resident memory of one forward pass, as a multiple of the bytes of q, k, v and the output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from attn_core.timing import memory
from attn_core.timing.spec import Choice, SweepSpec
from benchmarks.catalogue import is_causal
from benchmarks.comparison import HEAD_DIM, HEADS
from benchmarks.outcome import attempt
from benchmarks.results import Row

LENGTHS = (65536,)
AT_MOST = 6.0


def in_fresh_process(method: str, length: int) -> int:
    """Peak bytes beyond the inputs, as a sweep measures them."""
    role = "decoder" if is_causal(method) else "encoder"
    sizes = {"heads": HEADS, "head_dim": HEAD_DIM, "timeout": 600.0}
    spec = SweepSpec((Choice(method),), (length,), role=role, **sizes)
    probe = memory.peak(spec, spec.cells[0])
    if probe.peak_bytes is None:
        raise RuntimeError(f"{probe.outcome}: {probe.message}")
    return probe.peak_bytes


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
