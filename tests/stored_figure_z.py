"""Figure Z runs as the engine itself leaves them, trained for a few steps: what it writes is what travels."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from attn_core import jobs
from attn_core.commands.figure_z_arguments import command_line
from attn_core.environment import Environment
from attn_core.exchange import export_json
from attn_core.store import Store
from attn_core.timing.spec import Choice
from attn_core.training import material
from attn_core.training import run as training
from attn_core.training.article import speed as article_speed
from attn_core.training.controlled import curriculum, examiner, fit, speed
from attn_core.training.spec import FigureZSpec
from tests.stored_runs import LAPTOP, facts

TINY = FigureZSpec(
    methods=(Choice("linformer", {"rank": 8}),), length=48, lengths=(48, 96), width=16, heads=2, layers=1, batch=2,
    teacher_steps=24, transfer_steps=6, student_steps=6, learning_rate=1e-2,
)  # fmt: skip
ARTICLE = FigureZSpec(
    methods=(Choice("softmax"), Choice("linformer", {"rank": 8})), protocol="article", length=16, lengths=(16, 32),
    width=16, heads=1, layers=1, positions="none", batch=2, teacher_steps=4, transfer_steps=0, student_steps=4,
)  # fmt: skip
SPECS = {"controlled": TINY, "article": ARTICLE}
KINDS = ("cell", "curve", "sample", "agreement", "role")


@cache
def measured(protocol: str) -> list[tuple[str, str, str]]:
    """Kind, key and text of every row, written by the job that does the work. Passes are timed shortly, and memory
    is not: that takes processes."""
    with pytest.MonkeyPatch.context() as patched, tempfile.TemporaryDirectory() as folder:
        few = material.shipped()[:40]
        for module in (material, training):
            patched.setattr(module, "shipped", lambda: few)
        for name, value in (("JUDGED_TOKENS", 400), ("JUDGED_ROWS", 4), ("CHOSEN_ROWS", 2)):
            patched.setattr(material, name, value)
        patched.setattr(examiner, "TRANSLATED", 1)
        patched.setattr(curriculum, "SHORTEST", 12)
        patched.setattr(fit, "LOG_EVERY", 3)
        patched.setattr(speed, "SECONDS", 0.01)
        patched.setattr(article_speed, "SECONDS", 0.01)
        patched.setattr(speed, "peak", lambda *_: speed.Cost("ok", "", 2**20))
        store = Store(Path(folder))
        run_id = store.create_run("figure-z", SPECS[protocol].to_json())
        jobs.run_here(store, run_id, lambda _: None, lambda: False)
        with store.reading() as db:
            found = db.execute("SELECT kind, key, data FROM rows ORDER BY number").fetchall()
    return [(row["kind"], row["key"], row["data"]) for row in found]


def store_figure_z(
    store: Store,
    protocol: str = "controlled",
    name: str = "",
    environment: Environment = LAPTOP,
    cells: int | None = None,
    **settings: Any,
) -> str:
    """A finished run; with `cells` only that many of them."""
    spec = SPECS[protocol].changed(**settings)
    run_id = store.create_run("figure-z", spec.to_json(), name=name, command=command_line(spec))
    where = store.environment(facts(environment))
    store.set_environment(run_id, where)
    left = cells
    rows = []
    for kind, key, data in measured(protocol):
        row = json.loads(data) | {"run_id": run_id}
        if kind == "cell":
            if left == 0:
                continue
            left = None if left is None else left - 1
            row |= {"environment_id": where}
        rows.append((run_id, kind, key, json.dumps(row)))
    # All at once: a hundred commits would take a test's time.
    with store.writing() as db:
        db.executemany("INSERT INTO rows (run_id, kind, key, data) VALUES (?, ?, ?, ?)", rows)
    return run_id


@cache
def text(protocol: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        return json.dumps(export_json(store, store_figure_z(store, protocol)))


def document(protocol: str = "controlled") -> dict[str, Any]:
    """An exported run, to be changed at will."""
    return json.loads(text(protocol))
