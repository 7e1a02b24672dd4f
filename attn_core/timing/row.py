"""One row: everything that is known of one cell once it was tried. Stored, printed and exported as it is."""

from __future__ import annotations

from typing import Any, Literal

from attn_core.timing.spec import WORK, Cell, SweepSpec

Outcome = Literal["ok", "oom", "unsupported", "unstable", "timeout", "cancelled", "error"]
# Rows of these outcomes carry measured times; of an unstable one the interval stayed wide.
TIMED: tuple[Outcome, ...] = ("ok", "unstable")


# The fields of `empty_row`. Times are in seconds, sizes in bytes; None where nothing was measured.
Row = dict[str, Any]


def empty_row(spec: SweepSpec, cell: Cell, outcome: Outcome, message: str = "") -> Row:
    """A row of a cell with nothing measured; `run_id` is set by whoever stores it."""
    try:
        cost = cell.choice.definition.cost(spec.shape(cell), **cell.choice.params)
        flops = cost.flops * WORK[spec.which]
    except ValueError:  # the method refuses this role or length: no cost exists
        flops = None
    params = cell.choice.params.items()
    return {
        "run_id": "",
        "method": cell.choice.method,
        "label": cell.choice.label,
        "params": {k: list(v) if isinstance(v, tuple) else v for k, v in params},
        "role": spec.role,
        "pass": spec.which,
        "batch": spec.batch,
        "heads": spec.heads,
        "queries": cell.queries,
        "keys": cell.keys,
        "head_dim": spec.head_dim,
        "dtype": spec.dtype,
        "device": spec.device,
        "backend": "",
        "outcome": outcome,
        "message": message,
        "median_s": None,
        "p20_s": None,
        "p80_s": None,
        "ci_low_s": None,
        "ci_high_s": None,
        "samples": [],
        "wall_median_s": None,
        "peak_bytes": None,
        "flops": flops,
        "floor_s": None,
        "gemm_flops_per_s": None,
        "copy_bytes_per_s": None,
        "environment_id": "",
    }
