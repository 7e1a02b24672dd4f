"""Rows from strangers, held against the sweep they claim to belong to and against their own samples."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, get_args

from attn_core.exchange.document import RATES
from attn_core.exchange.plain import between, count, fields, listed, number, one_of, short, text
from attn_core.timing.row import TIMED, Outcome, Row, empty_row
from attn_core.timing.spec import Cell, SweepSpec

# What a row repeats of its sweep: it must be what the settings say.
IDENTITY = (
    "method", "label", "params", "role", "pass", "batch", "heads", "queries", "keys", "head_dim",
    "dtype", "device",
)  # fmt: skip
TEXTS = ("run_id", "backend", "message", "environment_id")
MEASURED = ("median_s", "p20_s", "p80_s", "ci_low_s", "ci_high_s")
NUMBERS = ("wall_median_s", "floor_s", "gemm_flops_per_s", "copy_bytes_per_s")
RATE_FIELDS = ("gemm_flops_per_s", "copy_bytes_per_s")
COUNTS = ("peak_bytes", "flops")
RATIOS = ("ratio", "ratio_low", "ratio_high")
# The ratio of every round; files of before lack it.
PAIRS = "ratios"
MOST_SAMPLES = 1_000_000
# What lies outside was measured by nothing: seconds from a nanosecond to months, rates to a zettaflop, an exbibyte.
SHORTEST_S, LONGEST_S = 1e-9, 1e7
LEAST_RATE, MOST_RATE = 1.0, 1e21
MOST_BYTES = 2**60
# Times are written with all their digits; this only forgives a different order of adding.
AGREE = 1e-6


def check_cells(rows: Any, spec: SweepSpec) -> dict[str, Row]:
    """The rows of a run by key."""
    cells = {cell.key: cell for cell in spec.cells}
    found: dict[str, Row] = {}
    for place, row in enumerate(listed(rows, "rows"), start=1):
        cell = _cell(row, f"row {place}", cells)
        if cell.key in found:
            raise ValueError(f"import: the row of {cell.key} is there twice")
        _check_row(row, cell, spec, f"row {place} ({cell.key})")
        found[cell.key] = row
    return found


def check_nulls(rows: Any, spec: SweepSpec) -> dict[str, Row]:
    """The second measurings by key: one for each length at most."""
    cells = {cell.key: cell for cell in spec.cells}
    found: dict[str, Row] = {}
    for place, row in enumerate(listed(rows, "nulls"), start=1):
        cell = _cell(row, f"null {place}", cells)
        key = f"null @ {cell.queries}"
        if key in found:
            raise ValueError(f"import: the null of length {cell.queries} is there twice")
        _check_row(row, cell, spec, f"null {place} ({cell.key})", (*RATIOS, PAIRS))
        _check_ratios(row, f"null {place} ({cell.key})")
        found[key] = row
    return found


def _cell(row: Any, where: str, cells: Mapping[str, Cell]) -> Cell:
    if not isinstance(row, Mapping):
        raise ValueError(f"import: {where} must be an object, got {short(row)}")
    key = f"{row.get('label')} @ {row.get('queries')}"
    if key not in cells:
        raise ValueError(f"import: {where} is of {short(key)}, which the settings do not name")
    return cells[key]


def check_rates(rows: Any, spec: SweepSpec) -> dict[tuple[str, str], Row]:
    """The machine's own rates by kind and key: products and copies, one of each at a length."""
    form = empty_row(spec, spec.cells[0], "ok")
    found: dict[tuple[str, str], Row] = {}
    for place, row in enumerate(listed(rows, "rates"), start=1):
        where = f"rate {place}"
        fields(row, where, ("kind", *form))
        if row["kind"] not in RATES:
            raise ValueError(
                f"import: kind of {where} must be {' or '.join(RATES)}, got {short(row['kind'])}"
            )
        if row["queries"] not in spec.lengths:
            raise ValueError(
                f"import: {where} is of length {short(row['queries'])}, which no cell has"
            )
        key = f"{row['kind']} @ {row['queries']}"
        if (row["kind"], key) in found:
            raise ValueError(f"import: {key} is there twice")
        for name in IDENTITY:
            if type(row[name]) is not type(form[name]):
                raise ValueError(f"import: {name} of {where} is {short(row[name])}")
        _check_measured(row, where)
        found[row["kind"], key] = {name: row[name] for name in form}
    return found


def _check_row(
    row: Row, cell: Cell, spec: SweepSpec, where: str, extra: Sequence[str] = ()
) -> None:
    expected = empty_row(spec, cell, "ok")
    fields(row, where, expected, extra)
    for name in IDENTITY:
        if row[name] != expected[name] or type(row[name]) is not type(expected[name]):
            raise ValueError(
                f"import: {where} has {name} {short(row[name])}, the settings say "
                f"{short(expected[name])}"
            )
    _check_measured(row, where)


def _check_ratios(row: Row, where: str) -> None:
    """Of a null: numbers, and where every round's ratio is there, the ratio must follow from them."""
    for name in RATIOS:
        if row.get(name) is not None:
            number(row[name], f"{name} of {where}")
    if PAIRS not in row:
        return
    pairs = listed(row[PAIRS], f"{PAIRS} of {where}")
    if len(pairs) > MOST_SAMPLES:
        raise ValueError(f"import: {where} has more than {MOST_SAMPLES:,} ratios")
    for pair in pairs:
        number(pair, f"a ratio of {where}")
    if not pairs or row.get("ratio") is None:
        raise ValueError(f"import: {where} must have a ratio and the ratios it is the median of")
    found = statistics.median(pairs)
    if abs(found - row["ratio"]) > AGREE * max(found, row["ratio"]):
        raise ValueError(
            f"import: {where} has the ratio {row['ratio']:g}, its rounds have {found:g}"
        )


def _check_measured(row: Row, where: str) -> None:
    """What a measurement adds to the cell it was made of."""
    for name in TEXTS:
        text(row[name], f"{name} of {where}")
    for name in NUMBERS:
        if row[name] is not None:
            limits = (LEAST_RATE, MOST_RATE) if name in RATE_FIELDS else (0.0, LONGEST_S)
            between(row[name], f"{name} of {where}", *limits)
    for name in COUNTS:
        if row[name] is not None:
            count(row[name], f"{name} of {where}")
    if row["peak_bytes"] is not None:
        between(row["peak_bytes"], f"peak_bytes of {where}", 0, MOST_BYTES)
    one_of(row["outcome"], f"the outcome of {where}", get_args(Outcome))
    _check_times(row, where)


def _check_times(row: Row, where: str) -> None:
    """Measured times must follow from the samples; where nothing was measured there must be none."""
    samples = listed(row["samples"], f"samples of {where}")
    if len(samples) > MOST_SAMPLES:
        raise ValueError(f"import: {where} has more than {MOST_SAMPLES:,} samples")
    for sample in samples:
        between(sample, f"a sample of {where}", SHORTEST_S, LONGEST_S)
    if row["outcome"] not in TIMED:
        given = [name for name in (*MEASURED, "wall_median_s") if row[name] is not None]
        if given := given or ["samples"] * bool(samples):
            raise ValueError(f"import: {where} is {row['outcome']} and yet has {given[0]}")
        return
    p20, median, p80 = (
        number(row[name], f"{name} of {where}") for name in ("p20_s", "median_s", "p80_s")
    )
    # Few samples leave the interval of the median open.
    low, high = (
        end if row[name] is None else number(row[name], f"{name} of {where}")
        for name, end in (("ci_low_s", median), ("ci_high_s", median))
    )
    if not samples:
        raise ValueError(f"import: {where} has a median without samples")
    found = statistics.median(samples)
    if abs(found - median) > AGREE * max(found, median):
        raise ValueError(
            f"import: {where} has the median {median:g} s, its samples have {found:g} s"
        )
    room = AGREE * max(samples)
    bounds = [min(samples), p20, median, p80, max(samples)]
    interval = [min(samples), low, median, high, max(samples)]
    for rising in (bounds, interval):
        if any(a > b + room for a, b in pairwise(rising)):
            raise ValueError(f"import: {where} has percentiles or an interval out of order")
