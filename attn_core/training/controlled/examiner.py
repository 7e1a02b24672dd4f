"""Every number of quality of one seed's models, the students beside their teacher."""

from __future__ import annotations

from torch import Tensor

from attn_core.model.seq2seq import Seq2Seq
from attn_core.training.cells import Who, cell
from attn_core.training.controlled import report
from attn_core.training.controlled.context import Run
from attn_core.training.controlled.judge import Judged, judge, states
from attn_core.training.controlled.plan import TEACHER
from attn_core.training.controlled.ratios import ratios
from attn_core.training.controlled.translate import scores, translate
from attn_core.training.material import Rows

TRANSLATED = 6


class Examiner:
    """Keeps what it finds; the last number of a model is its BLEU."""

    def __init__(self, run: Run, who: Who, teacher: Seq2Seq) -> None:
        self.run, self.spec, self.book, self.teacher = run, run.spec, run.book, teacher
        self.known: dict[int, Tensor] = {}
        self.norm = self._examined(who, teacher)

    def examine(self, who: Who, student: Seq2Seq) -> None:
        """Nothing is done for one whose numbers are all there."""
        if not self._complete(who):
            self._examined(who, student)

    def _complete(self, who: Who) -> bool:
        return self.book.has(who, self.spec.length, "bleu")

    def _examined(self, who: Who, model: Seq2Seq) -> dict[int, Judged]:
        self.book.check()
        self.run.say("judging", who)
        found = {}
        for length in self.spec.lengths:
            found[length] = self._judged(who, model, length)
            self.book.check()
        norm = found if who.student == TEACHER else self.norm
        self.book.keep(ratios(who, found, norm, self.spec.length))
        if not self._complete(who):
            self.run.say("translating", who)
            self._translate(who, model, found[self.spec.length])
        return found

    def _judged(self, who: Who, model: Seq2Seq, length: int) -> Judged:
        material = self.run.material
        rows = material.judging(length)
        found = judge(model, rows, self.spec.device, self._reference(who, rows))
        note = "; ".join(filter(None, (material.note, *model.config.caveats)))
        self.book.keep(report.quality(who, length, rows, found, note))
        self.book.keep(report.agreement(who, rows, found), "agreement")
        return found

    def _reference(self, who: Who, rows: Rows) -> tuple[Tensor, Tensor] | None:
        """The teacher's states of the same rows, made once for each length."""
        if who.student == TEACHER:
            return None
        length = rows.source.shape[1]
        if length not in self.known:
            self.known[length] = states(self.teacher, rows, self.spec.device)
        return self.known[length], self.teacher.head_weight.detach()

    def _translate(self, who: Who, model: Seq2Seq, found: Judged) -> None:
        """A few documents: what it says, and how good that is."""
        spec, material, book = self.spec, self.run.material, self.book
        if found.outcome != "ok":
            names = ("chrf", "bleu")
            place = (who, spec.length, None, found.outcome, found.message)
            book.keep(cell(name, *place) for name in names)
            return
        rows = material.judging(spec.length)
        count = min(TRANSLATED, len(rows))
        texts = translate(model, rows, count, material.tokenizer, spec.device, book.stop)
        book.check()
        pairs = rows.packed.texts[:count]
        book.keep(report.samples(who, pairs, texts), "sample")
        graded = scores(texts, [reference for _, reference in pairs])
        book.keep(report.translation(who, spec.length, count, graded))
