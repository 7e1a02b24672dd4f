"""The one form of an exported run: plain data, complete enough to be stored elsewhere as it was here."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from typing import Any

from attn_core import __version__
from attn_core.store import Run, Store

# Raised when a reader of the form before could misread what is written now.
FORMAT = 1
RATES = ("gemm", "copy")
SWEEP, FIGURE_Z, TRADEOFF = "sweep", "figure-z", "tradeoff"
# What a run of each kind has besides its head.
PARTS: Mapping[str, tuple[str, ...]] = {
    SWEEP: ("rows", "nulls", "rates"),
    TRADEOFF: ("rows", "nulls", "rates", "fidelity"),
    FIGURE_Z: ("rows", "curves", "samples", "agreement", "roles"),
}
# The kinds of rows behind the parts of a Figure Z.
ROWS_OF = {
    "rows": "cell", "curves": "curve", "samples": "sample", "agreement": "agreement", "roles": "role",
}  # fmt: skip
# What an imported run keeps of its file, beside its rows.
ORIGIN_FILE = "origin"
SOURCE = ("run_id", "created_at", "versions")

Document = dict[str, Any]


def export_json(store: Store, run_id: str) -> Document:
    """A run with all that was kept of it, as `import_run` takes it."""
    run = store.run(run_id)
    parts = _figure_z(store, run_id) if run.kind == FIGURE_Z else _sweep(store, run_id)
    if run.kind == TRADEOFF:
        parts["fidelity"] = _rows(store, run_id, "fidelity")
    environments = _environments(store, run, [row for rows in parts.values() for row in rows])
    return {
        "format": FORMAT,
        "run_id": run.id,
        "kind": run.kind,
        "name": run.name,
        "notes": run.notes,
        "command": run.command,
        **_measured(store, run),
        "environment": environments[0] if environments else None,
        # A run that was resumed after an update has rows of several.
        "other_environments": environments[1:],
        "settings": dict(run.settings),
        **parts,
    }


def parts_of(kind: Any) -> tuple[str, ...]:
    """Kinds that nobody knows are taken for sweeps, until their check says so."""
    return PARTS[kind if isinstance(kind, str) and kind in PARTS else SWEEP]


def _sweep(store: Store, run_id: str) -> dict[str, list[dict[str, Any]]]:
    rates = [{"kind": kind} | row for kind in RATES for row in _rows(store, run_id, kind)]
    return {"rows": _rows(store, run_id), "nulls": _rows(store, run_id, "null"), "rates": rates}


def _figure_z(store: Store, run_id: str) -> dict[str, list[dict[str, Any]]]:
    return {part: _rows(store, run_id, kind) for part, kind in ROWS_OF.items()}


def _measured(store: Store, run: Run) -> dict[str, Any]:
    """When, and by which version: of an imported run what its file said."""
    kept = store.files(run.id).get(ORIGIN_FILE)
    if kept is None:
        return {"created_at": run.created_at, "versions": {"attn_core": __version__}}
    source = json.loads(kept.read_text())
    return {name: source[name] for name in ("created_at", "versions")}


def export_csv(store: Store, run_id: str) -> bytes:
    """The rows as a table. It has the number of samples; the samples themselves are in the JSON."""
    return rows_csv(_rows(store, run_id)).encode()


def rows_csv(rows: list[dict[str, Any]]) -> str:
    flat = [_flat(row) for row in rows]
    text = io.StringIO()
    fields = list(dict.fromkeys(name for row in flat for name in row))
    writer = csv.DictWriter(text, fields, lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return text.getvalue()


def _rows(store: Store, run_id: str, kind: str = "cell") -> list[dict[str, Any]]:
    return [finite(row) for row in store.rows(run_id, kind)]


def finite(value: Any) -> Any:
    """The value with null for what is not a finite number: JSON has no word for an open interval's end."""
    if isinstance(value, dict):
        return {name: finite(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Rows of a Figure Z are flat already."""
    if "samples" not in row:
        return row
    plain = {name: value for name, value in row.items() if name not in ("samples", "ratios")}
    plain["params"] = json.dumps(row["params"], ensure_ascii=False)
    return plain | {"sample_count": len(row["samples"])}


def _environments(store: Store, run: Run, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The facts behind the rows, the run's own first."""
    ids = [run.environment_id, *(row.get("environment_id") for row in rows)]
    wanted = list(dict.fromkeys(one for one in ids if one))
    known = store.environments(wanted)
    return [dict(known[one]) for one in wanted if one in known]
