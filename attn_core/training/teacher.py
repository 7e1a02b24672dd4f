"""The small trained teacher that comes with the project, for pages that look inside a model; and how it is made."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attn_core.model import weights
from attn_core.model.config import EXACT
from attn_core.training.book import Book
from attn_core.training.cells import Who
from attn_core.training.controlled.context import Run
from attn_core.training.controlled.curriculum import teaching
from attn_core.training.controlled.examiner import Examiner
from attn_core.training.controlled.plan import TEACHER, work
from attn_core.training.controlled.stages import trained
from attn_core.training.material import Material
from attn_core.training.spec import PRESETS, FigureZSpec

MODELS = Path(__file__).resolve().parents[2] / "data" / "models"
FILE = "teacher.safetensors"
# Of the preset `quick`, but not in a hurry.
SPEC = PRESETS["quick"].changed(teacher_steps=2600)


def build(
    folder: Path = MODELS,
    spec: FigureZSpec = SPEC,
    *,
    progress: Callable[[dict[str, Any]], None] = lambda told: None,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, float]:
    """Trains it, writes it, and tells how good it is on held-out documents."""
    numbers: dict[str, float] = {}

    def emit(kind: str, key: str, row: dict[str, Any]) -> None:
        if kind == "cell" and row["value"] is not None and row["length"] == spec.length:
            numbers[row["metric"]] = row["value"]

    with tempfile.TemporaryDirectory() as place:
        book = Book(set(), emit, progress, stop, Path(place), total=work(spec, TEACHER))
        run = Run(spec, book, Material(spec))
        who = Who(EXACT.method, TEACHER, spec.seed)
        model = trained(run, who, run.model(EXACT, spec.seed), teaching(run, spec.seed))
        Examiner(run, who, model)
    folder.mkdir(parents=True, exist_ok=True)
    weights.save(model, folder / FILE)
    return numbers
