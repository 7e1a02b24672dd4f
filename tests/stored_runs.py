"""Whole runs in a store, planted: for tests of what is done with a run once it was measured."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from attn_core.commands.sweep_arguments import command_line
from attn_core.environment import Environment, Gpu
from attn_core.store import Store
from attn_core.timing.spec import SweepSpec
from tests.dashboard.planted import a_spec, nulls_of, rows_of

LAPTOP = Environment(
    cpu="Planted processor",
    cores=4,
    threads=2,
    total_memory=16 * 2**30,
    available_memory=8 * 2**30,
    gpus=(),
    torch="2.13.0",
    python="3.11.9",
    system="Linux 6.1 x86_64",
    cpu_capability="AVX2",
    math_libraries=("MKL", "OpenMP"),
    sdpa_backends=("flash", "math"),
)
SERVER = Environment(
    **{**vars(LAPTOP), "cpu": "Big processor", "gpus": (Gpu("H200", 139 * 2**30),), "threads": 16}
)


def facts(environment: Environment = LAPTOP) -> dict[str, Any]:
    return asdict(environment) | {"id": environment.id, "line": environment.line}


def steady(row: dict[str, Any]) -> dict[str, Any]:
    """The planted row with percentiles that its samples can have."""
    return row if row["median_s"] is None else row | {"p80_s": max(row["samples"])}


def small_spec(**settings: Any) -> SweepSpec:
    return a_spec(("flash", "longformer"), (512, 1024), **settings)


def store_run(
    store: Store,
    spec: SweepSpec | None = None,
    outcomes: dict[str, tuple[str, str]] | None = None,
    environment: Environment = LAPTOP,
    name: str = "",
    cells: int | None = None,
) -> str:
    """A run as `sweep` leaves it; with `cells` only that many of its rows."""
    spec = spec or small_spec()
    run_id = store.create_run("sweep", spec.to_json(), name=name, command=command_line(spec))
    where = store.environment(facts(environment))
    store.set_environment(run_id, where)
    for row in map(steady, rows_of(spec, outcomes)[:cells]):
        key = f"{row['label']} @ {row['queries']}"
        store.append(run_id, key, "cell", row | {"environment_id": where})
    for row in map(steady, nulls_of(spec)):
        key = f"null @ {row['queries']}"
        store.append(run_id, key, "null", row | {"environment_id": where})
    for row in rows_of(spec):
        for kind in ("gemm", "copy"):
            rate = steady(row) | {
                "method": kind,
                "label": kind,
                "params": {},
                "environment_id": where,
            }
            store.append(run_id, f"{kind} @ {row['queries']}", kind, rate)
    return run_id
