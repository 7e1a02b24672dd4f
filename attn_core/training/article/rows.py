"""The rows of a run: one for each number, one for each point of a curve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attn_core.training.article.context import TEACHER
from attn_core.training.article.evaluate import NO_TEST_SET, Quality
from attn_core.training.article.train import Reading, Stage
from attn_core.training.cells import Row, Who, cell, curve_point, finite
from attn_core.training.passes import Cost
from attn_core.training.published import FIGURE_Z, figures

CURVE_EVERY = 10
TEACHER_UNIT = "cross-entropy, in nats"
STUDENT_UNIT = "mean squared difference of logits to the teacher's"
ONE_PASS = "one forward pass of the whole model, all logits made"
# What the article wrote down as the ratio of a method that fails at the longer length.
SET_FOR_FAILURE = 1000.0


def quality_cells(
    who: Who, found: dict[int, Quality], base: int, note: str = ""
) -> Iterator[tuple[str, Row]]:
    """The article's number and its ratio, and the same model in units shared by all. `note` is of the data."""
    teaches = who.student == TEACHER
    unit = TEACHER_UNIT if teaches else STUDENT_UNIT
    data = NO_TEST_SET + (note and f"; {note}")
    for length, one in found.items():
        said = one.message or data
        shared = {"val_ce": one.ce, "token_accuracy": one.accuracy, "kl_to_teacher": one.kl}
        for metric, value in shared.items():
            if metric != "kl_to_teacher" or not teaches:
                yield cell(metric, who, length, value, one.outcome, said)
        value = one.ce if teaches else one.mse
        said = one.message or f"{unit}, {data}"
        yield cell("published_quality", who, length, value, one.outcome, said)
        if length != base:
            yield _ratio(who, length, one, found[base])


def _ratio(who: Who, length: int, longer: Quality, base: Quality) -> tuple[str, Row]:
    place = ("generalization", who, length)
    teaches = who.student == TEACHER
    above, below = (longer.ce, base.ce) if teaches else (longer.mse, base.mse)
    failed = longer if longer.outcome != "ok" else base
    if above is None or not below:
        return cell(*place, None, failed.outcome, failed.message or "nothing to divide by")
    ratio = above / below
    if teaches:
        said = f"set to 1 by the recipe; its own ratio of cross-entropies is {ratio:.4g}"
        return cell(*place, 1.0, message=said)
    said = f"ratio of {STUDENT_UNIT}; below 1 the error is smaller at the longer length"
    return cell(*place, ratio, message=said)


def speed_cell(metric: str, who: Who, length: int, timed: Cost) -> tuple[str, Row]:
    said = f"{timed.message}; {ONE_PASS}" if timed.outcome == "ok" else timed.message
    interval = (timed.low, timed.high)
    return cell(metric, who, length, timed.value, timed.outcome, said, interval)


def curve_rows(
    who: Who, stage: Stage, per_step: int, reading: Reading
) -> Iterator[tuple[str, Row]]:
    """Every tenth step and the last one. Cross-entropy is that of the step itself: nothing is held out."""
    last = len(reading.losses) - 1
    for index, (loss, ce) in enumerate(zip(reading.losses, reading.ces, strict=True)):
        step = reading.first + index + 1
        if step % CURVE_EVERY == 0 or step == 1 or (index == last and reading.state.ended):
            seconds = reading.state.seconds - (last - index) / reading.steps_per_s
            yield (
                f"curve {stage.name} {who.method} {who.student} seed {who.seed} step {step}",
                curve_point(
                    who, stage.name, step, stage.steps, finite(loss), finite(ce),
                    reading.steps_per_s * per_step, seconds,
                ),
            )  # fmt: skip


def published_cells(labels: Mapping[str, str]) -> Iterator[tuple[str, Row]]:
    """The article's own numbers, marked as such, under the labels that this run has for its methods. A failure that it
    wrote as a number is a failure here."""
    for figure in figures(FIGURE_Z):
        assert figure.n is not None
        said = f"{figure.source}, {figure.year}: {figure.note}"
        who = Who(labels.get(figure.method, figure.method), "published", 0)
        if figure.metric == "generalization" and figure.value == SET_FOR_FAILURE:
            said = f"it fails there, and the article set it to {figure.value:,.0f}; {said}"
            yield cell(figure.metric, who, figure.n, None, "unsupported", said)
        else:
            yield cell(figure.metric, who, figure.n, figure.value, message=said)
