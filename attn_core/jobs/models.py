"""Models by the names that sources give them: the shipped one, or one that a run keeps."""

from __future__ import annotations

import re
from pathlib import Path

from attn_core.sources import SHIPPED, shipped_model
from attn_core.store import Store, StoreError

MODEL_SUFFIX = ".safetensors"
# As the store makes them: a name that is none is never looked up.
RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[a-z0-9]{5}")


def find_model(store: Store, name: str) -> Path:
    """The file of a model: "shipped", or "run id/file name". Only what the store lists is found; a name is never
    a path."""
    if name == SHIPPED:
        return shipped_model(name)
    run_id, _, file = name.partition("/")
    known = models_of(store, run_id) if RUN_ID.fullmatch(run_id) else {}
    if file in known:
        return known[file]
    listed = ", ".join(repr(f"{run_id}/{one}") for one in list(known)[:5])
    raise ValueError(
        f"source: model must be {SHIPPED!r} or a run's model as 'run id/file name', got {name[:100]!r}"
        + (f"; that run has {listed}" if known else "")
    )


def models_of(store: Store, run_id: str) -> dict[str, Path]:
    """The models that a run keeps, by file name; none where there is no such run."""
    try:
        found = store.files(run_id)
    except StoreError as problem:
        raise ValueError(str(problem)) from problem
    return {name: path for name, path in found.items() if path.suffix == MODEL_SUFFIX}
