"""The controlled experiment: one exact teacher, students of the same budget, and the controls that frame them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from attn_core.model import weights
from attn_core.model.config import IDENTITY, Attention, Seq2SeqConfig
from attn_core.model.seq2seq import Seq2Seq
from attn_core.training.cells import Row, cell, key
from attn_core.training.controlled import objectives, report, speed
from attn_core.training.controlled.fit import Phase, Point, Stopped, Training, fit
from attn_core.training.controlled.judge import Judged, choosing, judge, states
from attn_core.training.controlled.report import Who
from attn_core.training.controlled.translate import scores, translate
from attn_core.training.material import Material, Rows
from attn_core.training.spec import FigureZSpec

TEACHER, DISTILLED, DROP_IN, FLOOR = "teacher", "distilled", "drop-in", IDENTITY
EXACT = "flash"
SMOOTH_ROTARY = True
TRANSLATED = 6
# Share of the teacher's steps on rows of an eighth, a quarter, and a half of the length: a translator learns which
# word answers which from short texts in a fraction of the time.
SHORT_FIRST = ((8, 0.2), (4, 0.14), (2, 0.2))
SHORTEST = 32
# A student starts from weights that are good already.
STUDENT_RATE = 0.5
# Work of a unit in steps of the teacher, for the time that is left.
STEP_OF_STUDENT, JUDGEMENT, SPEED = 1.5, 25.0, 60.0

Emit = Callable[[str, str, Row], None]


@dataclass
class Book:
    """What every part of a run needs."""

    spec: FigureZSpec
    finished: set[str]
    emit: Emit
    progress: Callable[[dict[str, Any]], None]
    stop: Callable[[], bool]
    checkpoints: Path
    material: Material
    done: float = 0.0
    began: float = field(default_factory=time.monotonic)
    fresh: float = 0.0

    def keep(self, rows: Iterator[tuple[str, Row]], kind: str = "cell") -> None:
        for name, row in rows:
            if kind != "cell" or name not in self.finished:
                self.emit(kind, name, row)
                self.finished.add(name)

    def check(self) -> None:
        if self.stop():
            raise Stopped

    def has(self, who: Who, metric: str, length: int) -> bool:
        return key(metric, who.method, who.student, who.seed, length) in self.finished

    @property
    def total(self) -> float:
        return sum(work(self.spec, student) for student in units(self.spec)) * self.spec.seeds

    def spend(self, amount: float, skipped: bool = False) -> None:
        self.done += amount
        self.fresh += 0.0 if skipped else amount

    def say(self, stage: str, who: Who, part: float = 0.0, **more: Any) -> None:
        """`part` is what of the unit's work is done."""
        took = time.monotonic() - self.began
        worked = self.fresh + part
        left = (self.total - self.done - part) * took / worked if worked > 0 else None
        told = {
            "stage": stage,
            "method": who.method,
            "student": who.student,
            "seed": who.seed,
            "step": 0,
            "steps": 0,
            "tokens_per_s": None,
            "seconds_left": left,
            "done": round(self.done + part),
            "total": round(self.total),
        }
        self.progress(told | more)


def units(spec: FigureZSpec) -> list[str]:
    """The kinds of models of one seed, in their order; `speed` at the end."""
    students = [DROP_IN, DISTILLED] * len(students_of(spec))
    return [TEACHER, *students, FLOOR, "speed"]


def work(spec: FigureZSpec, unit: str) -> float:
    if unit == TEACHER:
        return spec.teacher_steps + JUDGEMENT
    if unit == "speed":
        return SPEED
    if unit == DROP_IN:
        return JUDGEMENT
    return STEP_OF_STUDENT * (spec.transfer_steps + spec.student_steps) + JUDGEMENT


def students_of(spec: FigureZSpec) -> list[Attention]:
    """Every method once, and exact attention among them: the ceiling a student can reach."""
    chosen = [Attention(one.method, one.params) for one in spec.methods]
    exact = Attention(EXACT)
    return chosen if exact in chosen else [exact, *chosen]


def label(spec: FigureZSpec, attention: Attention) -> str:
    """As charts of sweeps have it."""
    for one in spec.methods:
        if Attention(one.method, one.params) == attention:
            return one.label
    return attention.method


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
        cross_rotary=SMOOTH_ROTARY and spec.positions == "rotary",
    )


def run_controlled(
    spec: FigureZSpec,
    *,
    finished: set[str],
    emit: Emit,
    progress: Callable[[dict[str, Any]], None],
    stop: Callable[[], bool],
    checkpoints: Path,
) -> bool:
    """Whether all of it is done. A run that was stopped, or killed, goes on from its checkpoints."""
    book = Book(spec, set(finished), emit, progress, stop, checkpoints, Material(spec))
    try:
        for number in range(spec.seeds):
            Seed(book, spec.seed + number).run()
    except Stopped:
        return False
    return True


class Seed:
    """The whole experiment with one seed."""

    def __init__(self, book: Book, seed: int) -> None:
        self.book, self.seed, self.spec = book, seed, book.spec
        self.config = config_of(self.spec, book.material.tokenizer.size)
        self.teacher: Seq2Seq | None = None
        self.norm: dict[int, Judged] = {}
        self.known: dict[int, Tensor] = {}

    def run(self) -> None:
        self.roles()
        who = Who(EXACT, TEACHER, self.seed)
        teacher = self.teacher = self.trained(who, self.model(Attention(EXACT)), self.teach())
        self.norm = self.judged(who, teacher)
        self.book.spend(work(self.spec, TEACHER))
        models = {}
        for attention in self.students():
            models[label(self.spec, attention)] = self.student(attention)
        self.speeds({TEACHER: teacher, **models})
        self.book.spend(SPEED)

    def roles(self) -> None:
        for attention in self.students():
            name = label(self.spec, attention)
            roles = self.config.with_method(attention).roles
            self.book.keep(
                iter([(f"role {name}", {"run_id": "", "method": name, **roles})]), "role"
            )

    def students(self) -> list[Attention]:
        """Those that can be built; of the others the refusal is kept as their outcome."""
        found = []
        for attention in [*students_of(self.spec), Attention(IDENTITY)]:
            try:
                self.config.with_method(attention)
                found.append(attention)
            except ValueError as refusal:
                place = (label(self.spec, attention), DISTILLED, self.seed, self.spec.length)
                names = ("val_ce", "token_accuracy", "kl_to_teacher", "chrf", "bleu")
                self.book.keep(
                    cell(name, *place, None, "unsupported", str(refusal)) for name in names
                )
        return found

    def student(self, attention: Attention) -> Seq2Seq:
        name = label(self.spec, attention)
        student = FLOOR if attention.method == IDENTITY else DISTILLED
        model = self.model(attention)
        assert self.teacher is not None
        weights.load_shared(model, self.teacher.state_dict())
        model.eval()
        if student == DISTILLED:
            if attention.method != EXACT or attention.params != Attention(EXACT).params:
                self.judged(Who(name, DROP_IN, self.seed), model)
            self.book.spend(work(self.spec, DROP_IN))
        who = Who(name, student, self.seed)
        self.trained(who, model, self.distilling(self.teacher))
        self.judged(who, model)
        self.book.spend(work(self.spec, student))
        return model

    def model(self, attention: Attention) -> Seq2Seq:
        config = self.config.with_method(attention)
        return Seq2Seq(config, self.seed).to(self.spec.device)

    def teach(self) -> list[Training]:
        spec = self.spec
        phases, left = [], spec.teacher_steps
        for part, share in SHORT_FIRST:
            length, steps = spec.length // part, int(share * spec.teacher_steps)
            if length >= SHORTEST and steps:
                phases.append(self.phase(length, steps))
                left -= steps
        phases.append(self.phase(spec.length, left))
        return [self.training("teacher", phases, objectives.text, spec.learning_rate)]

    def distilling(self, teacher: Seq2Seq) -> list[Training]:
        spec = self.spec
        rate = STUDENT_RATE * spec.learning_rate
        stages = []
        if spec.transfer_steps:
            phase = self.phase(spec.length, spec.transfer_steps)
            goal = objectives.transfer(teacher)
            stages.append(self.training("transfer", [phase], goal, rate, choose=False))
        if spec.student_steps:
            phase = self.phase(spec.length, spec.student_steps)
            goal = objectives.distil(teacher, spec.temperature)
            stages.append(self.training("logits", [phase], goal, rate))
        return stages

    def phase(self, length: int, steps: int) -> Phase:
        spec = self.spec
        batch = max(1, spec.batch * spec.length // length)
        return Phase(self.book.material.training(length, steps * batch), batch, steps)

    def training(
        self,
        name: str,
        phases: list[Phase],
        objective: objectives.Objective,
        rate: float,
        choose: bool = True,
    ) -> Training:
        spec = self.spec
        held = choosing(self.book.material.choosing(spec.length), spec.device) if choose else None
        return Training(name, phases, objective, rate, self.seed, spec.device, held, spec.patience)

    def trained(self, who: Who, model: Seq2Seq, stages: list[Training]) -> Seq2Seq:
        """The model after its stages; what is on disk is not done again."""
        book, spent = self.book, 0.0
        each = 1.0 if who.student == TEACHER else STEP_OF_STUDENT
        for training in stages:
            book.check()
            place = f"{who.student} {who.method} seed {who.seed} {training.name}"
            final = book.checkpoints / f"{place}.safetensors"
            if final.is_file():
                model.load_state_dict(weights.load(final, self.spec.device).state_dict())
                spent += each * training.steps
                continue
            # Not named as models are: one that a kill leaves beside the model is not kept with the run.
            running = book.checkpoints / f"{place}.running"

            def told(
                point: Point,
                training: Training = training,
                spent: float = spent,
                place: str = place,
            ) -> None:
                row = {
                    "run_id": "",
                    "method": who.method,
                    "student": who.student,
                    "seed": who.seed,
                    "stage": training.name,
                    "step": point.step,
                    "steps": training.steps,
                    "loss": point.loss,
                    "val_ce": point.val_ce,
                    "tokens_per_s": point.tokens_per_s,
                    "seconds": point.seconds,
                }
                book.emit("curve", f"curve {place} step {point.step}", row)
                book.say(
                    training.name, who, spent + each * point.step, step=point.step,
                    steps=training.steps, tokens_per_s=point.tokens_per_s,
                )  # fmt: skip

            book.say(training.name, who, spent, steps=training.steps)
            fit(model, training, running, told, book.stop)
            book.checkpoints.mkdir(parents=True, exist_ok=True)
            partial = final.with_suffix(".partial")
            weights.save(model, partial)
            partial.replace(final)
            running.unlink(missing_ok=True)
            spent += each * training.steps
        return model.eval()

    def judged(self, who: Who, model: Seq2Seq) -> dict[int, Judged]:
        """All numbers of quality; nothing is done for those that are there, except that the teacher's are needed."""
        spec, book = self.spec, self.book
        last = "bleu", spec.length
        if who.student != TEACHER and book.has(who, *last):
            return {}
        book.check()
        book.say("judging", who)
        found = {}
        for length in spec.lengths:
            rows = book.material.judging(length)
            found[length] = judge(model, rows, spec.device, self.reference(who, rows))
            note = "; ".join(filter(None, (book.material.note, *model.config.caveats)))
            book.keep(report.quality(who, length, rows, found[length], note))
            book.keep(report.agreement(who, rows, found[length]), "agreement")
            book.check()
        norm = found if who.student == TEACHER else self.norm
        book.keep(report.ratios(who, found, norm, spec.length))
        if not book.has(who, *last):
            book.say("translating", who)
            self.translated(who, model, found[spec.length])
        return found

    def reference(self, who: Who, rows: Rows):
        """The teacher's states of the same rows, made once for each length."""
        if who.student == TEACHER or self.teacher is None:
            return None
        length = rows.source.shape[1]
        if length not in self.known:
            self.known[length] = states(self.teacher, rows, self.spec.device)
        return self.known[length], self.teacher.head_weight.detach()

    def translated(self, who: Who, model: Seq2Seq, found: Judged) -> None:
        spec, book = self.spec, self.book
        place = (who.method, who.student, who.seed, spec.length)
        if found.outcome != "ok":
            names = ("decode_tokens_per_s", "chrf", "bleu")
            book.keep(cell(name, *place, None, found.outcome, found.message) for name in names)
            return
        rows = book.material.judging(spec.length)
        count = min(TRANSLATED, len(rows))
        made = translate(model, rows, count, book.material.tokenizer, spec.device, book.stop)
        book.check()
        texts = rows.packed.texts[:count]
        book.keep(
            (
                (f"sample {who.method} {who.student} seed {who.seed} {index}",
                 {"run_id": "", "index": index, "source": source, "reference": reference,
                  "method": who.method, "student": who.student, "seed": who.seed, "text": text})
                for index, ((source, reference), text) in enumerate(zip(texts, made.texts, strict=True))
            ),
            "sample",
        )  # fmt: skip
        said = f"greedy, {count} documents at once"
        book.keep(iter([cell("decode_tokens_per_s", *place, made.tokens_per_s, message=said)]))
        graded = scores(made.texts, [reference for _, reference in texts])
        said = f"{count} decoded documents, by sacrebleu"
        book.keep(
            cell(name, *place, graded[name].value, message=said,
                 interval=(graded[name].low, graded[name].high))
            for name in ("chrf", "bleu")
        )  # fmt: skip

    def speeds(self, models: dict[str, Seq2Seq]) -> None:
        """Times and memory, once: they do not depend on the seed."""
        spec, book = self.spec, self.book
        if self.seed != spec.seed:
            return
        del models[TEACHER]  # the same model as the exact student
        for length in spec.lengths:
            for metric, backward in (("forward_s", False), ("train_forward_backward_s", True)):
                whos = {
                    name: Who(name, FLOOR if name == IDENTITY else DISTILLED, self.seed)
                    for name in models
                }
                if all(book.has(who, metric, length) for who in whos.values()):
                    continue
                book.check()
                book.say("speed", whos[next(iter(whos))])
                found = speed.times(models, length, backward, spec.device, book.stop)
                book.check()
                book.keep(
                    iter([_cost(metric, whos[name], length, one) for name, one in found.items()])
                )
            for name, model in models.items():
                who = Who(name, FLOOR if name == IDENTITY else DISTILLED, self.seed)
                if not book.has(who, "peak_bytes", length):
                    book.say("memory", who)
                    found = speed.peak(model.config, length, spec.device, book.stop)
                    book.check()
                    book.keep(iter([_cost("peak_bytes", who, length, found)]))


def _cost(metric: str, who: Who, length: int, found: speed.Cost) -> tuple[str, Row]:
    return cell(
        metric, who.method, who.student, who.seed, length, found.value, found.outcome, found.message,
        (found.low, found.high),
    )  # fmt: skip
