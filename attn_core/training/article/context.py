"""What every part of a run of the article needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import nn

from attn_core.model.config import Attention
from attn_core.training.article.batch import Batch
from attn_core.training.article.model import ArticleModel, build_mixing
from attn_core.training.article.protocol import Settings
from attn_core.training.book import Book
from attn_core.training.cells import Who

TEACHER, STUDENT = "teacher", "distilled"


@dataclass(frozen=True)
class Run:
    """With one seed."""

    settings: Settings
    book: Book
    seed: int
    vocabulary: int
    batches: Mapping[int, Batch]
    note: str = ""

    @property
    def base(self) -> Batch:
        return self.batches[self.settings.length]

    def model(self, attention: Attention, mixing: nn.Module | None = None) -> ArticleModel:
        """As the seed makes it, around the method's operator or another form of it."""
        settings, words = self.settings, len(self.base.words)
        mixing = mixing or build_mixing(attention, settings.width, settings.length, self.seed)
        made = ArticleModel(mixing, settings.width, words, self.vocabulary, self.seed)
        return made.to(settings.device)

    def who(self, attention: Attention) -> Who:
        student = TEACHER if attention == self.settings.teacher else STUDENT
        return Who(attention.label, student, self.seed)
