"""What a method is predicted to cost, by counting necessary work: no tensor is made and no clock is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from attn_core import METHODS, AttentionMethod, Shape
from attn_core.contract import ROLES
from dashboard.services.validation import DTYPES

LENGTHS: tuple[int, ...] = tuple(2**power for power in range(9, 21))


@dataclass(frozen=True)
class Question:
    """One checked choice of sizes; `params` belong to `method`, other methods keep their defaults."""

    method: AttentionMethod
    length: int
    role: str = "encoder"
    keys: int | None = None
    heads: int = 8
    head_dim: int = 64
    batch: int = 1
    dtype: str = "float32"
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shape(self) -> Shape:
        return Shape(
            batch=self.batch,
            heads=self.heads,
            queries=self.length,
            keys=self.keys if self.role == "cross" and self.keys else self.length,
            head_dim=self.head_dim,
            causal=self.role == "decoder",
            element_size=DTYPES[self.dtype].itemsize,
        )

    @property
    def input_bytes(self) -> int:
        """q, k and v, which the caller holds whatever the method."""
        shape = self.shape
        return shape.io_bytes - shape.output_bytes


@dataclass(frozen=True)
class Prediction:
    """One method's counted cost; `memory` is beyond q, k and v, the output included."""

    method: AttentionMethod
    flops: int
    memory: int


def exact_methods() -> tuple[AttentionMethod, ...]:
    """What every other method is held against."""
    return tuple(method for method in METHODS.values() if method.family == "exact")


def compared(question: Question) -> tuple[AttentionMethod, ...]:
    """The chosen method first, then the exact ones."""
    others = (method for method in exact_methods() if method != question.method)
    return (question.method, *others)


def predict(question: Question, method: AttentionMethod | None = None) -> Prediction:
    """The cost of the chosen method, or of another one at the same sizes."""
    method = method or question.method
    if question.role not in method.roles:
        allowed = ", ".join(role for role in ROLES if role in method.roles)
        raise ValueError(
            f"{method.short_title} has no {question.role} role; it can be used as: {allowed}."
        )
    params = question.params if method == question.method else {}
    cost = method.cost(question.shape, **params)
    return Prediction(method, cost.flops, cost.peak_bytes)


@dataclass(frozen=True)
class Answer:
    """Everything the page shows for one question; `problem` says why the chosen method has no numbers."""

    question: Question
    predictions: tuple[Prediction, ...]
    rows: pd.DataFrame
    problem: str | None

    @property
    def chosen(self) -> Prediction | None:
        return next((one for one in self.predictions if one.method == self.question.method), None)

    @property
    def rivals(self) -> tuple[Prediction, ...]:
        return tuple(one for one in self.predictions if one.method != self.question.method)

    def room(self, available: int | None) -> pd.DataFrame:
        """Rows of N and the bytes left for a method once q, k and v are held."""
        held = {
            length: replace(self.question, length=length).input_bytes
            for length in sorted(set(self.rows["N"]))
        }
        left = [(length, (available or 0) - taken) for length, taken in held.items()]
        return pd.DataFrame([row for row in left if row[1] > 0], columns=["N", "bytes"])


def answer(question: Question) -> Answer:
    """The chosen method beside the exact ones; a refusal leaves the exact ones to show."""
    predictions, problem = [], None
    for method in compared(question):
        try:
            predictions.append(predict(question, method))
        except ValueError as refusal:
            problem = problem or str(refusal)
    return Answer(question, tuple(predictions), curves(question), problem)


def curves(question: Question, lengths: Sequence[int] = LENGTHS) -> pd.DataFrame:
    """Rows of method, title, N, flops and memory over the lengths and the chosen one. A length that a method
    refuses with these parameters is left out of its curve."""
    rows = []
    for length in sorted({*lengths, question.length}):
        at_length = replace(question, length=length)
        for method in compared(question):
            try:
                found = predict(at_length, method)
            except ValueError:
                continue
            rows.append((method.name, method.title, length, found.flops, found.memory))
    return pd.DataFrame(rows, columns=["method", "title", "N", "flops", "memory"])
