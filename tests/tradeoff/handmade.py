"""Runs made by hand: every number is where a test put it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from attn_core.timing.row import Row
from attn_core.timing.spec import Choice
from attn_core.tradeoff.stored import StoredRun

LAPTOP, SERVER = "laptop-id", "server-id"
MACHINES = {LAPTOP: "Planted laptop, 2 threads", SERVER: "Planted server, 1 × H200"}


def choice(method: str, **params: Any) -> Choice:
    return Choice(method, params)


def cell(
    chosen: Choice,
    length: int,
    seconds: float | None,
    noise: float = 0.01,
    memory: int | None = None,
    environment: str = LAPTOP,
    outcome: str = "ok",
    **changed: Any,
) -> Row:
    """A timing row whose samples lie evenly within the noise."""
    samples = [] if seconds is None else [seconds * (1 + noise * k) for k in np.linspace(-1, 1, 9)]
    timed = seconds is not None
    return {
        "run_id": "", "method": chosen.method, "label": chosen.label, "params": chosen.to_json()["params"],
        "role": "encoder", "pass": "forward", "batch": 1, "heads": 8, "queries": length, "keys": length,
        "head_dim": 64, "dtype": "float32", "device": "cpu", "backend": "", "outcome": outcome,
        "message": "" if outcome == "ok" else f"planted {outcome}",
        "median_s": seconds,
        "p20_s": seconds * (1 - noise / 2) if timed else None,
        "p80_s": seconds * (1 + noise / 2) if timed else None,
        "ci_low_s": seconds * (1 - noise) if timed else None,
        "ci_high_s": seconds * (1 + noise) if timed else None,
        "samples": samples, "wall_median_s": seconds, "peak_bytes": memory, "flops": 1000 * length,
        "floor_s": seconds / 2 if timed else None, "gemm_flops_per_s": 1e11, "copy_bytes_per_s": 1e10,
        "environment_id": environment, **changed,
    }  # fmt: skip


def fidelity(
    chosen: Choice,
    length: int,
    error: float | None,
    source: str = "synthetic local",
    spread: float = 0.1,
    kl: float | None = None,
    recall: float | None = None,
    outcome: str = "ok",
) -> Row:
    row: Row = {
        "run_id": "", "method": chosen.method, "label": chosen.label, "params": chosen.to_json()["params"],
        "role": "encoder", "queries": length, "keys": length, "heads": 8, "head_dim": 64,
        "source": {}, "source_title": source, "source_key": source, "draws": 3, "rows": 256, "outcome": outcome,
        "message": "" if outcome == "ok" else f"planted {outcome}",
    }  # fmt: skip
    axes = {"output_error": error, "row_kl": kl, "top_k_recall": recall, "lost_mass": None}
    for name, value in axes.items():
        for end, factor in (("", 1), ("_low", 1 - spread), ("_high", 1 + spread)):
            row[name + end] = None if value is None else value * factor
    return row


def study(
    cells: Sequence[Row] = (), fidelity: Sequence[Row] = (), run_id: str = "20260101-000000-aaaaa"
) -> StoredRun:
    settings = {"pass": "forward", "batch": 1, "dtype": "float32", "device": "cpu"}
    return StoredRun(
        run_id, "Planted", "tradeoff", settings, LAPTOP, MACHINES, tuple(cells), tuple(fidelity)
    )


def judged(
    label: str, length: int, student: str = "distilled", seed: int = 0, **values: float | None
) -> list[Row]:
    """Cells of a Figure Z, a metric each."""
    return [
        {
            "run_id": "", "method": label, "student": student, "seed": seed, "metric": metric, "length": length,
            "value": value, "low": None if value is None else value * 0.9,
            "high": None if value is None else value * 1.1,
            "outcome": "ok" if value is not None else "unsupported", "message": "", "environment_id": LAPTOP,
        }
        for metric, value in values.items()
    ]  # fmt: skip


def figure_z(
    rows: Sequence[Row],
    methods: Sequence[Choice] = (),
    run_id: str = "20260102-000000-bbbbb",
    **settings: Any,
) -> StoredRun:
    settings = {
        "methods": [one.to_json() for one in methods], "protocol": "controlled", "length": 256, "heads": 4,
        "width": 128, "device": "cpu", **settings,
    }  # fmt: skip
    return StoredRun(run_id, "Planted Z", "figure-z", settings, LAPTOP, MACHINES, tuple(rows))
