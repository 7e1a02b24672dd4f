"""From samples to rows: the verdict on a measurement, its numbers, and the floor beside them."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any

from attn_core.timing.clock import LEAST
from attn_core.timing.group import Measured
from attn_core.timing.memory import Probe
from attn_core.timing.roofline import Rate, Rates, cost_of, floor, work
from attn_core.timing.row import Outcome, Row, empty_row
from attn_core.timing.spec import Cell, SweepSpec
from attn_core.timing.statistics import Samples, enough, pair_ratios, ratio_interval, summary

# A wider interval than this after all the time allowed: the number is kept, and called unstable.
WIDEST = 0.10


def verdict(spec: SweepSpec, samples: Samples) -> tuple[Outcome, str]:
    """`ok` or `unstable`, and a sentence where the interval is wider or the samples fewer than asked for."""
    found, count = summary(samples.values), len(samples.values)
    if samples.converged or (enough(count) and found.half_width <= spec.precision):
        return "ok", ""
    said = (
        f"interval ±{found.half_width:.1%} of the median after {count} samples in the time "
        f"allowed (asked for ±{spec.precision:.1%})"
    )
    if count < LEAST:
        said += "; a single call takes a large share of that time"
    return ("ok" if found.half_width <= WIDEST else "unstable"), said


def cell_row(
    spec: SweepSpec, cell: Cell, measured: Measured, probe: Probe, rates: Rates | None
) -> Row:
    """All that is known of one cell, timed or not."""
    row = _timed(spec, cell, measured)
    row["peak_bytes"] = probe.peak_bytes
    row["message"] = "; ".join(text for text in (row["message"], probe.message) if text)
    if rates is not None:
        row["floor_s"] = floor(cost_of(spec, cell), spec.which, rates)
        row["gemm_flops_per_s"] = rates.gemm_flops_per_s
        row["copy_bytes_per_s"] = rates.copy_bytes_per_s
    return row


def null_row(row: Row, null: Samples, first: Samples) -> Row:
    """The second measurement of a method, held against the first round by round. The ratios are kept: the samples
    alone do not say which of them were pairs."""
    ratio = ratio_interval(null, first)
    return row | {
        "ratio": ratio.value,
        "ratio_low": ratio.low,
        "ratio_high": ratio.high,
        "ratios": pair_ratios(null, first),
    }


def rate_row(spec: SweepSpec, cell: Cell, kind: Rate, measured: Measured) -> Row:
    """One of the machine's rates, in the same fields; of the cell only the length is kept. The rate is that of the
    best sample: a floor is what the machine can do, not what others left of it."""
    row = _timed(spec, cell, measured)
    done = work(kind, spec.device)
    row |= {"method": kind, "label": kind, "params": {}, "flops": done if kind == "gemm" else None}
    if row["samples"]:
        name = "gemm_flops_per_s" if kind == "gemm" else "copy_bytes_per_s"
        row[name] = done / min(row["samples"])
    return row


def rates_of(rows: Mapping[str, Row]) -> Rates | None:
    """Both rates, where both were measured."""
    gemm = rows.get("gemm", {}).get("gemm_flops_per_s")
    copy = rows.get("copy", {}).get("copy_bytes_per_s")
    return Rates(gemm, copy) if gemm and copy else None


def _timed(spec: SweepSpec, cell: Cell, measured: Measured) -> Row:
    samples = measured.samples
    if measured.outcome is not None:
        row = empty_row(spec, cell, measured.outcome, measured.message)
    elif not samples.values:
        row = empty_row(spec, cell, "error", "nothing was measured")
    else:
        row = empty_row(spec, cell, *verdict(spec, samples)) | _numbers(samples)
    return row | {"backend": measured.backend}


def _numbers(samples: Samples) -> dict[str, Any]:
    found = summary(samples.values)
    return {
        "median_s": found.median,
        "p20_s": found.p20,
        "p80_s": found.p80,
        "ci_low_s": found.low,
        "ci_high_s": found.high,
        "samples": samples.values,
        "wall_median_s": median(samples.walls),
    }
