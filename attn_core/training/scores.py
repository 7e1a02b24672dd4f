"""How well a model predicts tokens, without ever holding all logits."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from attn_core.training.head import Head, checked, counted


@dataclass(frozen=True)
class Scores:
    """Sums over tokens, and how many tokens they are of."""

    ce: Tensor
    correct: Tensor
    kl: Tensor
    count: int


@torch.no_grad()
def token_scores(
    hidden: Tensor,
    weight: Tensor,
    labels: Tensor,
    teacher_hidden: Tensor | None = None,
    teacher_weight: Tensor | None = None,
    *,
    bias: Tensor | None = None,
    teacher_bias: Tensor | None = None,
    ignore: int | None = 0,
    chunk: int | None = None,
) -> Scores:
    """How well logits predict the labels, and how far they are from a teacher's; sums, so that batches add up."""
    student = Head(hidden, weight, bias)
    teacher = checked(student, labels, teacher_hidden, teacher_weight, teacher_bias)
    student, labels, teacher = counted(student, labels, teacher, ignore)
    sums = torch.zeros(3, dtype=torch.float64, device=hidden.device)
    for part in student.chunks(chunk):
        log_p = student.logits(part).log_softmax(-1)
        sums[0] -= log_p.gather(1, labels[part, None]).sum()
        sums[1] += (log_p.argmax(-1) == labels[part]).sum()
        if teacher is not None:
            theirs = teacher.logits(part).log_softmax(-1)
            sums[2] += log_p.neg_().add_(theirs).mul_(theirs.exp_()).sum()
    ce, correct, kl = sums.unbind()
    return Scores(ce, correct, kl, len(labels))
