"""What a controlled run is made of: its models, in their order, and how much work each of them is."""

from __future__ import annotations

from attn_core.model.config import EXACT, IDENTITY, Attention, Seq2SeqConfig
from attn_core.training.spec import FigureZSpec

TEACHER, DISTILLED, DROP_IN, FLOOR = "teacher", "distilled", "drop-in", IDENTITY
# Work in steps of the teacher, for the time that is left.
STEP_OF_STUDENT, JUDGEMENT, SPEED = 1.5, 25.0, 60.0


def students(spec: FigureZSpec) -> list[Attention]:
    """Every method once, and exact attention among them: the ceiling a student can reach."""
    chosen = [Attention(one.method, one.params) for one in spec.methods]
    return chosen if EXACT in chosen else [EXACT, *chosen]


def config_of(spec: FigureZSpec, vocabulary: int) -> Seq2SeqConfig:
    """The exact teacher; students differ from it by `with_method` alone."""
    return Seq2SeqConfig(
        vocabulary=vocabulary,
        width=spec.width,
        layers=spec.layers,
        heads=spec.heads,
        positions=spec.positions,
        max_length=spec.lengths[-1] if spec.positions == "learned" else spec.length,
        convolution=spec.convolution,
        cross_rotary=spec.positions == "rotary",
    )


def work(spec: FigureZSpec, student: str) -> float:
    """Of training and judging one model."""
    if student == TEACHER:
        return spec.teacher_steps + JUDGEMENT
    if student == DROP_IN:
        return JUDGEMENT
    return STEP_OF_STUDENT * (spec.transfer_steps + spec.student_steps) + JUDGEMENT


def all_work(spec: FigureZSpec) -> float:
    each = work(spec, DROP_IN) + work(spec, DISTILLED)
    others = work(spec, TEACHER) + work(spec, FLOOR) + SPEED
    return spec.seeds * (len(students(spec)) * each + others)
