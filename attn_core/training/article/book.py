"""One run under way: where its numbers go, and how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import nn

from attn_core.model.config import Attention
from attn_core.training.article.batch import Batch
from attn_core.training.article.model import ArticleModel, build_mixing
from attn_core.training.article.protocol import Settings
from attn_core.training.cells import Row, key

Emit = Callable[[str, str, Row], None]
TEACHER, STUDENT = "teacher", "distilled"


class Stopped(Exception):
    """Asked to leave; what is on disk is gone on from."""


@dataclass
class Run:
    """What every part of a run needs."""

    settings: Settings
    vocabulary: int
    batches: Mapping[int, Batch]
    finished: set[str]
    emit: Emit
    progress: Callable[[dict[str, Any]], None]
    stop: Callable[[], bool]
    checkpoints: Path
    done: int = 0
    kept: set[str] = field(default_factory=set)

    @property
    def base(self) -> Batch:
        return self.batches[self.settings.length]

    @property
    def total(self) -> int:
        """Trainings, and one timing for each seed."""
        return (len(self.settings.students) + 2) * len(self.settings.seeds)

    def keep(self, cells: Iterable[tuple[str, Row]]) -> None:
        for name, row in cells:
            if name not in self.finished | self.kept:
                self.emit("cell", name, row)
                self.kept.add(name)

    def has(self, method: str, student: str, seed: int, metrics: Sequence[str]) -> bool:
        """Whether these numbers are all there, at the trained length at least."""
        names = {key(one, method, student, seed, self.settings.length) for one in metrics}
        return names <= self.finished | self.kept

    def model(
        self, attention: Attention, seed: int, mixing: nn.Module | None = None
    ) -> ArticleModel:
        """As the seed makes it, around the method's operator or another form of it."""
        settings, words = self.settings, len(self.base.words)
        mixing = mixing or build_mixing(attention, settings.width, settings.length, seed)
        made = ArticleModel(mixing, settings.width, words, self.vocabulary, seed)
        return made.to(settings.device)

    def path(self, attention: Attention, student: str, seed: int) -> Path:
        return self.checkpoints / f"{student} {attention.label} seed {seed}.safetensors"

    def say(self, stage: str, attention: Attention, student: str, seed: int, **more: Any) -> None:
        told = {
            "stage": stage,
            "method": attention.label,
            "student": student,
            "seed": seed,
            "step": 0,
            "steps": 0,
            "tokens_per_s": None,
            "seconds_left": None,
            "done": self.done,
            "total": self.total,
        }
        self.progress(told | more)
