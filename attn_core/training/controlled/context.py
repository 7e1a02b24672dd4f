"""What every part of a controlled run needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from attn_core.model.config import Attention, Seq2SeqConfig
from attn_core.model.seq2seq import Seq2Seq
from attn_core.training.book import Book
from attn_core.training.cells import Who
from attn_core.training.controlled.plan import config_of
from attn_core.training.material import Material
from attn_core.training.spec import FigureZSpec


@dataclass
class Run:
    spec: FigureZSpec
    book: Book
    material: Material

    @cached_property
    def config(self) -> Seq2SeqConfig:
        """Of the teacher."""
        return config_of(self.spec, self.material.tokenizer.size)

    def model(self, attention: Attention, seed: int) -> Seq2Seq:
        """As the seed makes it."""
        return Seq2Seq(self.config.with_method(attention), seed).to(self.spec.device)

    def say(self, stage: str, who: Who, part: float = 0.0, **more: Any) -> None:
        self.book.say(stage, who, part, seconds_left=self.book.seconds_left(part), **more)
