"""Does the agreement probe tell windows from exact attention? The shipped teacher beside students that see less.

    python -m benchmarks.pronouns [--windows 4,8,16] [--steps 200] [--length 256]

Each student is distilled from the shipped teacher with the same steps. Where only the French text tells the gender, no
layer but the decoder's own attention can reach the evidence: a pronoun farther from it than the layers' windows
together must then be a guess. Where English tells too, cross-attention, which stays exact, may still find it.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from attn_core.model import weights
from attn_core.model.config import EXACT, Attention
from attn_core.model.seq2seq import Seq2Seq
from attn_core.training.book import Book
from attn_core.training.cells import Who
from attn_core.training.controlled.context import Run
from attn_core.training.controlled.curriculum import distilling
from attn_core.training.controlled.judge import judge
from attn_core.training.controlled.objectives import Taught
from attn_core.training.controlled.plan import DISTILLED, TEACHER
from attn_core.training.controlled.report import agreement
from attn_core.training.controlled.stages import trained
from attn_core.training.material import Material
from attn_core.training.spec import Choice
from attn_core.training.teacher import FILE, MODELS, SPEC

ROWS = 160


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pronouns")
    parser.add_argument("--windows", default="4,8,16", help="on each side, without global tokens")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--length", type=int, default=256)
    options = parser.parse_args(arguments)
    windows = [int(text) for text in options.windows.split(",")]
    choices = [Choice("longformer", {"window": one, "global_tokens": 0}) for one in windows]
    spec = SPEC.changed(
        methods=tuple(choices), transfer_steps=options.steps // 5, student_steps=options.steps
    )
    teacher = weights.load(MODELS / FILE)
    material = Material(spec)
    rows = material.judged(options.length, ROWS)
    with tempfile.TemporaryDirectory() as folder:
        nothing = lambda *_: None  # noqa: E731
        book = Book(set(), nothing, nothing, lambda: False, Path(folder))
        run = Run(spec, book, material)
        show(Who(EXACT.method, TEACHER, 0), teacher, rows)
        for choice in choices:
            attention = Attention(choice.method, choice.params)
            student = run.model(attention, spec.seed)
            weights.load_shared(student, teacher.state_dict())
            who = Who(choice.label, DISTILLED, 0)
            stages = distilling(run, Taught(teacher), spec.seed)
            show(who, trained(run, who, student, stages), rows)


def show(who: Who, model: Seq2Seq, rows) -> None:
    found = judge(model.eval(), rows, "cpu")
    print(f"{who.method} {who.student}: token accuracy {found.accuracy:.4f}")
    for _, row in agreement(who, rows, found):
        print(
            f"  {row['evidence']:<7} {row['distance_low']:>4} to {row['distance_high']:>4} tokens: "
            f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f}) of {row['total']}"
        )


if __name__ == "__main__":
    main()
