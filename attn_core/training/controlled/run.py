"""The controlled experiment: one exact teacher, students of the same budget, and the controls that frame them."""

from __future__ import annotations

from attn_core.model import weights
from attn_core.model.config import EXACT, IDENTITY, Attention
from attn_core.model.seq2seq import Seq2Seq
from attn_core.training.book import Book
from attn_core.training.cells import Who, cell, roles
from attn_core.training.controlled.context import Run
from attn_core.training.controlled.costs import keep_costs
from attn_core.training.controlled.curriculum import distilling, teaching
from attn_core.training.controlled.examiner import Examiner
from attn_core.training.controlled.objectives import Taught
from attn_core.training.controlled.plan import (
    DISTILLED,
    DROP_IN,
    FLOOR,
    SPEED,
    TEACHER,
    all_work,
    students,
    work,
)
from attn_core.training.controlled.stages import trained
from attn_core.training.material import Material
from attn_core.training.spec import FigureZSpec


def run_controlled(spec: FigureZSpec, book: Book) -> None:
    """Does what is not finished. A run that was stopped, or killed, goes on from its checkpoints."""
    book.total = all_work(spec)
    run = Run(spec, book, Material(spec))
    for number in range(spec.seeds):
        _one_seed(run, spec.seed + number)


def _one_seed(run: Run, seed: int) -> None:
    chosen = _possible(run, seed)
    run.book.keep((roles(one.label, run.config.with_method(one).roles) for one in chosen), "role")
    who = Who(EXACT.method, TEACHER, seed)
    teacher = trained(run, who, run.model(EXACT, seed), teaching(run, seed))
    examiner = Examiner(run, who, teacher)
    run.book.done += work(run.spec, TEACHER)
    taught = Taught(teacher)
    models = dict(_student(run, examiner, taught, one, seed) for one in chosen)
    # Times and memory do not depend on the seed. The teacher's are those of the exact student.
    if seed == run.spec.seed:
        keep_costs(run, models)
    run.book.done += SPEED


def _possible(run: Run, seed: int) -> list[Attention]:
    """The students, and the floor, that can be built; of the others the refusal is kept as their outcome."""
    found = []
    for attention in [*students(run.spec), Attention(IDENTITY)]:
        try:
            run.config.with_method(attention)
            found.append(attention)
        except ValueError as refusal:
            who = Who(attention.label, DISTILLED, seed)
            names = ("val_ce", "token_accuracy", "kl_to_teacher", "chrf", "bleu")
            place = (who, run.spec.length, None, "unsupported", str(refusal))
            run.book.keep(cell(name, *place) for name in names)
    return found


def _student(
    run: Run, examiner: Examiner, taught: Taught, attention: Attention, seed: int
) -> tuple[Who, Seq2Seq]:
    """With the teacher's weights; before it learns it is the drop-in, which of exact attention is the teacher."""
    who = Who(attention.label, FLOOR if attention.method == IDENTITY else DISTILLED, seed)
    model = run.model(attention, seed)
    weights.load_shared(model, taught.teacher.state_dict())
    model.eval()
    if who.student == DISTILLED:
        if attention != EXACT:
            examiner.examine(who._replace(student=DROP_IN), model)
        run.book.done += work(run.spec, DROP_IN)
    trained(run, who, model, distilling(run, taught, seed))
    examiner.examine(who, model)
    run.book.done += work(run.spec, who.student)
    return who, model
