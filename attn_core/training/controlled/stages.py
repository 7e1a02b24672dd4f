"""A model's trainings, carried out one after the other; each point is a row, and what is on disk is not done again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attn_core.model import weights
from attn_core.model.seq2seq import Seq2Seq
from attn_core.training.cells import Who, curve_point
from attn_core.training.controlled.context import Run
from attn_core.training.controlled.fit import Point, Training, fit
from attn_core.training.controlled.plan import STEP_OF_STUDENT, TEACHER


def trained(run: Run, who: Who, model: Seq2Seq, stages: Sequence[Training]) -> Seq2Seq:
    """The same model after its stages, in evaluation mode."""
    spent = 0.0
    for training in stages:
        run.book.check()
        final = run.book.checkpoints / f"{who.name} {training.name}.safetensors"
        if final.is_file():
            model.load_state_dict(weights.load(final, run.spec.device).state_dict())
        else:
            _train(run, who, model, training, spent, final)
        spent += training.steps * _step(who)
    return model.eval()


def _train(
    run: Run, who: Who, model: Seq2Seq, training: Training, spent: float, final: Path
) -> None:
    """`spent` is the work of the stages before. The file is there whole, or not at all."""
    place = f"{who.name} {training.name}"

    def told(point: Point) -> None:
        row = curve_point(
            who, training.name, point.step, training.steps, point.loss, point.val_ce,
            point.tokens_per_s, point.seconds,
        )  # fmt: skip
        run.book.keep([(f"curve {place} step {point.step}", row)], "curve")
        run.say(
            training.name, who, spent + _step(who) * point.step, step=point.step,
            steps=training.steps, tokens_per_s=point.tokens_per_s,
        )  # fmt: skip

    run.say(training.name, who, spent, steps=training.steps)
    # Not named as models are: one that a kill leaves beside the model is not kept with the run.
    running = final.with_name(f"{place}.running")
    fit(model, training, running, told, run.book.stop)
    final.parent.mkdir(parents=True, exist_ok=True)
    partial = final.with_suffix(".partial")
    weights.save(model, partial)
    partial.replace(final)
    running.unlink(missing_ok=True)


def _step(who: Who) -> float:
    return 1.0 if who.student == TEACHER else STEP_OF_STUDENT
