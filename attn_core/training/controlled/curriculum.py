"""What a teacher and its students learn from, in which order, and for how many steps."""

from __future__ import annotations

from attn_core.training.controlled import objectives
from attn_core.training.controlled.context import Run
from attn_core.training.controlled.fit import Phase, Training
from attn_core.training.controlled.judge import choosing

# Share of the teacher's steps on rows of an eighth, a quarter, and a half of the length: a translator learns which
# word answers which from short texts in a fraction of the time.
SHORT_FIRST = ((8, 0.2), (4, 0.14), (2, 0.2))
SHORTEST = 32
# A student starts from weights that are good already.
STUDENT_RATE = 0.5


def teaching(run: Run, seed: int) -> list[Training]:
    """Short rows first, and with all that is left of the steps the whole length."""
    spec = run.spec
    phases, left = [], spec.teacher_steps
    for part, share in SHORT_FIRST:
        length, steps = spec.length // part, int(share * spec.teacher_steps)
        if length >= SHORTEST and steps:
            phases.append(_phase(run, length, steps))
            left -= steps
    phases.append(_phase(run, spec.length, left))
    return [_training(run, "teacher", phases, objectives.text, spec.learning_rate, seed)]


def distilling(run: Run, taught: objectives.Taught, seed: int) -> list[Training]:
    """First what the teacher's attention puts out, then text and what the teacher says of it."""
    spec = run.spec
    rate = STUDENT_RATE * spec.learning_rate
    stages = []
    if spec.transfer_steps:
        phases = [_phase(run, spec.length, spec.transfer_steps)]
        goal = objectives.transfer(taught)
        stages.append(_training(run, "transfer", phases, goal, rate, seed, choose=False))
    if spec.student_steps:
        phases = [_phase(run, spec.length, spec.student_steps)]
        goal = objectives.distil(taught, spec.temperature)
        stages.append(_training(run, "logits", phases, goal, rate, seed))
    return stages


def _phase(run: Run, length: int, steps: int) -> Phase:
    batch = max(1, run.spec.batch * run.spec.length // length)
    return Phase(run.material.training(length, steps * batch), batch, steps)


def _training(
    run: Run,
    name: str,
    phases: list[Phase],
    objective: objectives.Objective,
    rate: float,
    seed: int,
    choose: bool = True,
) -> Training:
    spec = run.spec
    held = choosing(run.material.choosing(spec.length), spec.device) if choose else None
    return Training(name, phases, objective, rate, seed, spec.device, held, spec.patience)
