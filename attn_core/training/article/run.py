"""The whole experiment: a teacher that stays where it started, its students, and what is measured of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from attn_core.model.config import Attention
from attn_core.timing.failures import outcome_of
from attn_core.training.article.batch import Pair, Tokenizer, make_batches
from attn_core.training.article.book import STUDENT, TEACHER, Emit, Run, Stopped
from attn_core.training.article.evaluate import Quality, outputs, quality
from attn_core.training.article.forms import time_all
from attn_core.training.article.loss import Taught, distillation, taught
from attn_core.training.article.model import ArticleModel
from attn_core.training.article.protocol import EXACT, TEACHER_PATIENCE, Settings
from attn_core.training.article.rows import curve_rows, published_cells, quality_cells
from attn_core.training.article.train import Reading, Stage, State, train
from attn_core.training.checkpoint import CheckpointError
from attn_core.training.losses import chunked_mse, token_scores


def run_article(
    spec: Mapping[str, Any],
    pairs: Sequence[Pair],
    tokenizer: Tokenizer,
    *,
    finished: set[str],
    emit: Emit,
    progress: Callable[[dict[str, Any]], None],
    stop: Callable[[], bool],
    checkpoints: Path,
) -> None:
    """Emits what `finished` does not hold yet; returns early when told to stop, and goes on from there next time."""
    settings = Settings.of(spec)
    for seed in settings.seeds:
        batches = make_batches(
            pairs[: settings.batch],
            tokenizer,
            settings.lengths,
            settings.width,
            seed,
            settings.device,
        )
        run = Run(
            settings, tokenizer.size, batches, finished, emit, progress, stop, checkpoints,
            done=(seed - settings.seeds[0]) * (len(settings.students) + 2),
        )  # fmt: skip
        try:
            if seed == settings.seeds[0]:
                _say_what_is_known(run)
            _one_seed(run, seed)
        except Stopped:
            return


def _say_what_is_known(run: Run) -> None:
    every = [run.settings.teacher, *run.settings.students]
    for one in every:
        held = "flash" if one.method in EXACT else one.method
        row = {
            "run_id": "",
            "method": one.label,
            "encoder": held,
            "decoder": held,
            "cross": "flash",
        }
        run.emit("role", f"role {one.label}", row)
    run.keep(published_cells({one.method: one.label for one in reversed(every)}))


def _one_seed(run: Run, seed: int) -> None:
    exact = run.settings.teacher
    teacher = run.model(exact, seed)
    _teach(run, teacher, seed)
    goals = {length: outputs(teacher, batch) for length, batch in run.batches.items()}
    found = {length: quality(teacher, batch, None) for length, batch in run.batches.items()}
    run.keep(quality_cells(exact.label, TEACHER, seed, found, run.settings.length))
    run.done += 1
    group, first = run.base.groups
    goal = taught(goals[run.settings.length], group, first, run.base.labels.flatten())
    models = {exact.label: teacher}
    for attention in run.settings.students:
        try:
            student = _distil(run, attention, teacher, goal, seed)
            scores = {n: quality(student, run.batches[n], goals[n]) for n in goals}
            models[attention.label] = student
        except CheckpointError:
            raise
        except (ValueError, RuntimeError, MemoryError) as problem:
            # What a method refuses, or has no memory for, is a result of it; the others go on.
            scores = dict.fromkeys(goals, Quality(*outcome_of(problem)))
        run.keep(quality_cells(attention.label, STUDENT, seed, scores, run.settings.length))
        run.done += 1
    time_all(run, models, seed)
    run.done += 1


def _distil(
    run: Run, attention: Attention, teacher: ArticleModel, goal: Taught, seed: int
) -> ArticleModel:
    student = run.model(attention, seed)
    student.start_from(teacher)

    def one_step() -> tuple[torch.Tensor, torch.Tensor]:
        output = student.output(student(run.base.noise, run.base.tokens))
        losses = distillation(output, goal, run.settings.temperature)
        return losses.loss, losses.ce

    stage = _stage(run, "logits", seed, run.settings.student_steps, run.settings.patience)
    _train(run, student, attention, STUDENT, one_step, stage)
    return student


def _stage(run: Run, name: str, seed: int, steps: int, patience: int) -> Stage:
    return Stage(name, seed, steps, patience, run.settings.learning_rate)


def _teach(run: Run, teacher: ArticleModel, seed: int) -> None:
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

    stage = _stage(run, "teacher", seed, run.settings.teacher_steps, TEACHER_PATIENCE)
    _train(run, teacher, run.settings.teacher, TEACHER, one_step, stage)


def _train(
    run: Run,
    model: ArticleModel,
    attention: Attention,
    student: str,
    one_step: Callable[[], tuple[torch.Tensor, torch.Tensor]],
    stage: Stage,
) -> State:
    """Trains, or takes the finished weights from disk; a ValueError of the method passes through."""
    per_step = run.base.labels.numel()
    place = (attention.label, student, stage.name, stage.seed, stage.steps, per_step)

    def heard(reading: Reading) -> None:
        for name, row in curve_rows(*place, reading):
            run.emit("curve", name, row)
        left = (
            0.0
            if reading.state.ended
            else (stage.steps - reading.state.step) / reading.steps_per_s
        )
        # What comes after, at most: each student as slow as this one.
        later = max(0, run.total - run.done - 2) * run.settings.student_steps / reading.steps_per_s
        run.say(
            stage.name, attention, student, stage.seed, step=reading.state.step, steps=stage.steps,
            tokens_per_s=reading.steps_per_s * per_step, seconds_left=left + later,
        )  # fmt: skip

    path = run.path(attention, student, stage.seed)
    state = train(model, one_step, stage, path, heard, run.stop)
    if not state.ended:
        raise Stopped
    return state
