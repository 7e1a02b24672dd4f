"""The whole experiment: a teacher that stays where it started, its students, and what is measured of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from attn_core.model.config import Attention
from attn_core.timing.failures import outcome_of
from attn_core.training.article.batch import Pair, Tokenizer, make_batches
from attn_core.training.article.context import Run
from attn_core.training.article.evaluate import Quality, outputs, quality
from attn_core.training.article.forms import time_all
from attn_core.training.article.loss import Taught, distillation, taught
from attn_core.training.article.model import ArticleModel
from attn_core.training.article.protocol import EXACT, TEACHER_PATIENCE, Settings
from attn_core.training.article.rows import curve_rows, published_cells, quality_cells
from attn_core.training.article.train import Reading, Stage, Step, train
from attn_core.training.book import Book, Stopped
from attn_core.training.cells import roles
from attn_core.training.checkpoint import CheckpointError
from attn_core.training.scores import token_scores
from attn_core.training.squared_error import chunked_mse


def run_article(
    spec: Mapping[str, Any],
    pairs: Sequence[Pair],
    tokenizer: Tokenizer,
    book: Book,
    note: str = "",
) -> None:
    """Does what is not finished. A run that was stopped, or killed, goes on from its checkpoints. `note` is of the
    data, and stands with every number of quality."""
    settings = Settings.of(spec)
    # One timing beside the trainings of each seed.
    book.total = (len(settings.students) + 2) * len(settings.seeds)
    for seed in settings.seeds:
        batches = make_batches(
            pairs[: settings.batch],
            tokenizer,
            settings.lengths,
            settings.width,
            seed,
            settings.device,
        )
        if seed == settings.seeds[0]:
            _say_what_is_known(settings, book)
        _one_seed(Run(settings, book, seed, tokenizer.size, batches, note))


def _say_what_is_known(settings: Settings, book: Book) -> None:
    every = [settings.teacher, *settings.students]
    for one in every:
        held = "flash" if one.method in EXACT else one.method
        named = {"encoder": held, "decoder": held, "cross": "flash"}
        book.keep([roles(one.label, named)], "role")
    book.keep(published_cells({one.method: one.label for one in reversed(every)}))


def _one_seed(run: Run) -> None:
    exact, length, book = run.settings.teacher, run.settings.length, run.book
    teacher = run.model(exact)
    _teach(run, teacher)
    goals = {n: outputs(teacher, batch) for n, batch in run.batches.items()}
    found = {n: quality(teacher, batch, None) for n, batch in run.batches.items()}
    book.keep(quality_cells(run.who(exact), found, length, run.note))
    book.done += 1
    goal = taught(goals[length], *run.base.groups, run.base.labels.flatten())
    models = [(exact, teacher)]
    for attention in run.settings.students:
        try:
            student = _distil(run, attention, teacher, goal)
            scores = {n: quality(student, run.batches[n], goals[n]) for n in goals}
            models.append((attention, student))
        except CheckpointError:
            raise
        except (ValueError, RuntimeError, MemoryError) as problem:
            # What a method refuses, or has no memory for, is a result of it; the others go on.
            scores = dict.fromkeys(goals, Quality(*outcome_of(problem)))
        book.keep(quality_cells(run.who(attention), scores, length, run.note))
        book.done += 1
    time_all(run, models)
    book.done += 1


def _teach(run: Run, teacher: ArticleModel) -> None:
    """Towards its own answers from before it was trained."""
    base, labels = run.base, run.base.labels.flatten()
    before = outputs(teacher, base)
    start = [
        before.hidden,
        teacher.head.weight.detach().clone(),
        teacher.head.bias.detach().clone(),
    ]

    def one_step() -> tuple[torch.Tensor, torch.Tensor]:
        hidden, weight, bias = teacher.output(teacher(base.noise, base.tokens))
        assert bias is not None
        scores = token_scores(hidden, weight, labels, bias=bias, ignore=None)
        return chunked_mse(hidden, weight, bias, *start), scores.ce.float() / scores.count

    stage = _stage(run, "teacher", run.settings.teacher_steps, TEACHER_PATIENCE)
    _train(run, teacher, run.settings.teacher, one_step, stage)


def _distil(run: Run, attention: Attention, teacher: ArticleModel, goal: Taught) -> ArticleModel:
    student = run.model(attention)
    student.start_from(teacher)

    def one_step() -> tuple[torch.Tensor, torch.Tensor]:
        output = student.output(student(run.base.noise, run.base.tokens))
        losses = distillation(output, goal, run.settings.temperature)
        return losses.loss, losses.ce

    stage = _stage(run, "logits", run.settings.student_steps, run.settings.patience)
    _train(run, student, attention, one_step, stage)
    return student


def _stage(run: Run, name: str, steps: int, patience: int) -> Stage:
    return Stage(name, run.seed, steps, patience, run.settings.learning_rate)


def _train(
    run: Run, model: ArticleModel, attention: Attention, one_step: Step, stage: Stage
) -> None:
    """Trains, or takes the finished weights from disk; a ValueError of the method passes through."""
    book, who, per_step = run.book, run.who(attention), run.base.labels.numel()

    def heard(reading: Reading) -> None:
        book.keep(curve_rows(who, stage, per_step, reading), "curve")
        state, pace = reading.state, reading.steps_per_s
        left = 0.0 if state.ended else (stage.steps - state.step) / pace
        # What comes after, at most: each student as slow as this one.
        later = max(0, book.total - book.done - 2) * run.settings.student_steps / pace
        book.say(
            stage.name, who, step=state.step, steps=stage.steps, tokens_per_s=pace * per_step,
            seconds_left=left + later,
        )  # fmt: skip

    path = book.checkpoints / f"{who.name}.safetensors"
    state = train(model, one_step, stage, path, heard, book.stop)
    if not state.ended:
        raise Stopped
