"""The handler of Figure Z runs: the training part trains and measures, this puts what it finds into the store."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from attn_core import environment
from attn_core.jobs.context import Context
from attn_core.store.paths import CHECKPOINTS
from attn_core.training.run import run_figure_z
from attn_core.training.spec import FigureZSpec

MODEL_SUFFIX = ".safetensors"


def train(context: Context) -> bool:
    """Trains and judges what the run does not have yet. Its finished models stay with it as files."""
    spec = FigureZSpec.from_json(context.job.spec)
    run_id = context.job.run_id
    found = environment.describe()
    facts = asdict(found) | {"id": found.id, "line": found.line}
    environment_id = context.store.environment(facts)
    if not context.store.run(run_id).environment_id:
        context.store.set_environment(run_id, environment_id)
    folder = context.store.folder / CHECKPOINTS / run_id

    def emit(kind: str, key: str, row: dict[str, Any]) -> None:
        context.keep(
            kind, key, {**row, "environment_id": environment_id} if kind == "cell" else row
        )
        context.on_event((kind, key, row))

    def progress(told: dict[str, Any]) -> None:
        context.report(told)
        context.on_event(told)

    done = run_figure_z(
        spec,
        finished=set(context.finished),
        emit=emit,
        progress=progress,
        stop=context.stop,
        checkpoints=folder,
    )
    if done:
        _keep_models(context, folder)
    return done


def _keep_models(context: Context, folder: Path) -> None:
    """What was trained belongs to the run from now on, and goes with it when it is deleted."""
    for path in sorted(folder.glob(f"*{MODEL_SUFFIX}")):
        context.store.keep_file(context.job.run_id, path.stem, path.read_bytes(), MODEL_SUFFIX)
    for path in folder.glob("*"):
        path.unlink()
    if folder.exists():
        folder.rmdir()
