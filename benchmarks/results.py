"""Results on disk: one JSON file, one part a benchmark, rows replaced as they are measured again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.clock import Summary

Row = dict[str, Any]
LATEST = Path(__file__).with_name("results") / "latest.json"
KEY = ("name", "pass", "length")


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text()) if path.exists() else {}


def merge(
    path: Path, part: str, environment: dict[str, Any], rows: Iterable[Row], *, whole: bool
) -> None:
    """Store rows as they come, in place of those measured before; at the end of a whole run nothing else
    stays. What another machine or other versions measured is dropped, not mixed in."""
    stored = read(path)
    kept = stored.get(part, {})
    known = kept["rows"] if kept.get("environment") == environment else []
    by_key, fresh = {key_of(row): row for row in known}, set()
    for row in rows:
        by_key[key_of(row)] = row
        fresh.add(key_of(row))
        stored[part] = {"environment": environment, "rows": list(by_key.values())}
        write(path, stored)
    if whole and fresh:
        stored[part]["rows"] = [row for key, row in by_key.items() if key in fresh]
        write(path, stored)


def write(path: Path, stored: dict[str, Any]) -> None:
    """Whole or not at all: an interrupted run must not cost the results before it."""
    path.parent.mkdir(exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n")
    fresh.replace(path)


def key_of(row: Row) -> tuple[Any, ...]:
    return tuple(row.get(field) for field in KEY)


def as_json(summary: Summary) -> dict[str, Any]:
    """Six significant digits are far below any clock's noise, and keep the file readable."""

    def short(number: float) -> float:
        return float(f"{number:.6g}")

    return {
        "median": short(summary.median),
        "p20": short(summary.p20),
        "p80": short(summary.p80),
        "samples": [short(sample) for sample in summary.samples],
    }
