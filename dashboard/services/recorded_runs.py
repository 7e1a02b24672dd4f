"""The runs that are shipped with the code, as those of a store are listed: what each was, without its rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from attn_core.store import Run
from dashboard.services import sweeps

RECORDED = "recorded"


class Recorded(NamedTuple):
    run: Run
    environment: Mapping[str, Any]


def recorded_runs() -> list[Recorded]:
    """Newest first."""
    paths = sorted(sweeps.STUDIES.glob("*.json"))
    found = (_read(path, path.stat().st_mtime_ns) for path in paths)
    known = [one for one in found if one is not None]
    return sorted(known, key=lambda one: one.run.created_at, reverse=True)


@lru_cache(maxsize=32)
def _read(path: Path, _changed: int) -> Recorded | None:
    try:
        document = json.loads(path.read_text())
        environment = document.get("environment") or {}
        run = Run(
            id=sweeps.RECORDED_PREFIX + path.stem,
            kind=document.get("kind", sweeps.KIND),
            name=document.get("name") or path.stem.replace("-", " "),
            notes="Measured elsewhere, shipped with the code.",
            created_at=str(document.get("created_at") or ""),
            settings=document["settings"],
            environment_id=str(environment.get("id", "")),
            command=str(document.get("command") or ""),
            origin=RECORDED,
            state="done",
            cells=len(document["rows"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # not an export of a run: nothing to list, and nothing to fail over
    return Recorded(run, environment)
