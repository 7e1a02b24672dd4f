"""Peak memory of one pass beyond its inputs, by a first call in a fresh process.

On a CPU it is the most that was resident during the call less what was resident before it, with the inputs made,
the operator built, and its libraries woken by a call on a few tokens. On CUDA it is the same by torch's allocator.
The first call's seconds come with it: they tell how long the clock will need, and whether the cell can be timed.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from attn_core.timing.process import Alive, run_child
from attn_core.timing.row import Outcome
from attn_core.timing.spec import Cell, SweepSpec
from attn_core.timing.workload import build, make_inputs, one_pass, small, use_threads

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
# Making inputs and operators, beside the call itself.
SETTING_UP_S = 120.0
ROUGH = "peak memory counts only what exceeds the process's earlier highest: this system cannot reset it"
UNKNOWN = "this system does not report a process's peak memory"


@dataclass(frozen=True)
class Probe:
    """One first call: how it went, what memory it took, and how long it was."""

    outcome: Outcome
    peak_bytes: int | None = None
    first_s: float | None = None
    message: str = ""


def peak(spec: SweepSpec, cell: Cell, stop: Callable[[], bool] = lambda: False) -> Probe:
    """Try the cell once, in a process that may be lost."""
    found: list[Probe] = []

    def receive(message: Any) -> None:
        if isinstance(message, Probe):
            found.append(message)

    end = run_child(_probe, spec, cell, name=f"probe {cell.key}", receive=receive, stop=stop)
    if end.outcome is not None:
        return Probe(end.outcome, message=end.message)
    probe = found[0]
    if probe.first_s is not None and probe.first_s > spec.timeout:
        return Probe("timeout", message=f"first call: not done after {spec.timeout:g} s")
    return probe


def _probe(send: Callable[[Any], None], spec: SweepSpec, cell: Cell) -> None:
    """The child's side."""
    use_threads(spec.threads)
    send(Alive("setting up", SETTING_UP_S))
    _wake(spec, cell)
    op, inputs = build(spec, cell), make_inputs(spec, cell)
    prepare, run = one_pass(spec, op, inputs)
    prepare()
    meter = _cuda_meter() if spec.device == "cuda" else _resident_meter()
    send(Alive("first call", spec.timeout))
    began = time.perf_counter()
    run()
    if spec.device == "cuda":
        torch.cuda.synchronize()
    seconds = time.perf_counter() - began
    taken, message = meter()
    send(Probe("ok", taken, seconds, message))


def _wake(spec: SweepSpec, cell: Cell) -> None:
    """A call on few tokens; a method may have its reasons to refuse so few, which are not this cell's."""
    try:
        tiny = small(cell)
        prepare, run = one_pass(spec, build(spec, tiny), make_inputs(spec, tiny))
    except ValueError:
        return
    prepare()
    run()


def highest_during(run: Callable[[], None], device: str) -> tuple[int | None, str]:
    """Bytes of memory that a call takes beyond what is there before it, and what must be said of the number."""
    meter = _cuda_meter() if device == "cuda" else _resident_meter()
    run()
    if device == "cuda":
        torch.cuda.synchronize()
    return meter()


Meter = Callable[[], tuple[int | None, str]]


def _cuda_meter() -> Meter:
    torch.cuda.synchronize()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    return lambda: (torch.cuda.max_memory_allocated() - before, "")


def _resident_meter() -> Meter:
    gc.collect()
    _give_back()
    if _forget_peak():
        before = status("VmRSS")
        return lambda: (max(0, status("VmHWM") - before), "")
    if sys.platform == "win32":
        return lambda: (None, UNKNOWN)
    highest = _highest_resident()
    return lambda: (_highest_resident() - highest, ROUGH)


def status(field: str) -> int:
    """VmRSS (resident now) or VmHWM (most resident since it was last reset), in bytes."""
    for line in STATUS.read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"the kernel does not report {field}")


def _give_back() -> None:
    """What is freed but kept would be used by the call without anyone seeing it."""
    if sys.platform.startswith("linux"):
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def _forget_peak() -> bool:
    """Set the high-water mark back to what is resident now, where the kernel allows it."""
    if not CLEAR.exists():
        return False
    try:
        CLEAR.write_text("5")
    except OSError:
        return False
    return True


def _highest_resident() -> int:
    import resource  # not on Windows

    # Kibibytes, except where Apple counts bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
