"""How good a model is on documents it has never seen, at one length: sums for every row, so that intervals follow."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from attn_core.model.seq2seq import Seq2Seq
from attn_core.timing.failures import outcome_of
from attn_core.timing.row import Outcome
from attn_core.training.material import Rows
from attn_core.training.scores import token_scores

# Tokens of one side that go through a model at once.
AT_ONCE = 8192


@dataclass(frozen=True)
class Judged:
    """Sums over the tokens of each row, and for each probe whether the pronoun that is right was the likelier."""

    outcome: Outcome = "ok"
    message: str = ""
    ce: np.ndarray = field(default_factory=lambda: np.zeros(0))
    correct: np.ndarray = field(default_factory=lambda: np.zeros(0))
    kl: np.ndarray | None = None
    count: np.ndarray = field(default_factory=lambda: np.zeros(0))
    agrees: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))

    @property
    def accuracy(self) -> float:
        return float(self.correct.sum() / self.count.sum())


@torch.no_grad()
def states(model: Seq2Seq, rows: Rows, device: str) -> Tensor:
    """The decoder's hidden states for all rows, on the device."""
    length = rows.source.shape[1]
    size = max(1, AT_ONCE // length)
    parts = []
    for start in range(0, len(rows), size):
        batch = rows.part(slice(start, start + size), device)
        parts.append(model(batch.source, batch.entered, batch.keep))
    return torch.cat(parts)


def judge(
    model: Seq2Seq, rows: Rows, device: str, teacher: tuple[Tensor, Tensor] | None = None
) -> Judged:
    """`teacher` has hidden states of the same rows, and the weight of its head."""
    try:
        hidden = states(model, rows, device)
    except (ValueError, RuntimeError, MemoryError) as problem:
        return Judged(*outcome_of(problem))
    if not bool(torch.isfinite(hidden).all()):
        return Judged("error", "its states are not finite: the training diverged")
    labels = rows.labels.to(device)
    scores = []
    for number, row in enumerate(hidden):
        other = () if teacher is None else (teacher[0][number], teacher[1])
        found = token_scores(row, model.head_weight, labels[number], *other)
        scores.append((found.ce, found.correct, found.kl, found.count))
    ce, correct, kl, count = (
        np.array([float(value) for value in column]) for column in zip(*scores, strict=True)
    )
    return Judged(
        ce=ce,
        correct=correct,
        kl=None if teacher is None else kl,
        count=count,
        agrees=agreement(hidden, model.head_weight, rows),
    )


@torch.no_grad()
def choosing(rows: Rows, device: str):
    """The held-out loss that early stopping looks at."""

    def value(model: Seq2Seq) -> float:
        hidden = states(model, rows, device).flatten(0, 1)
        found = token_scores(hidden, model.head_weight, rows.labels.to(device).flatten())
        return float(found.ce) / found.count

    return value


def agreement(hidden: Tensor, weight: Tensor, rows: Rows) -> np.ndarray:
    """For each probe of the rows: is the right pronoun likelier than the other, given all before it?"""
    probes = rows.packed.probes
    if not probes:
        return np.zeros(0, dtype=bool)
    numbers = torch.tensor([(p.row, p.position, p.gold, p.other) for p in probes])
    row, position, gold, other = numbers.to(hidden.device).unbind(1)
    there = hidden[row, position].float()
    leads = (there * (weight[gold] - weight[other]).float()).sum(-1)
    return (leads > 0).cpu().numpy()
