"""What the trainings minimise: the text itself, what the teacher's attention puts out, and what the teacher says."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from attn_core.model.seq2seq import Seq2Seq, record
from attn_core.training.losses import chunked_loss
from attn_core.training.material import Batch

Objective = Callable[[Seq2Seq, Batch], Tensor]
# Of a student's last stage: half the text, half the teacher.
TEXT, TAUGHT = 0.5, 0.5


def text(model: Seq2Seq, batch: Batch) -> Tensor:
    """Cross-entropy of the next token."""
    hidden = model(batch.source, batch.entered, batch.keep)
    return chunked_loss(hidden.flatten(0, 1), model.head_weight, batch.labels.flatten()).loss


def transfer(teacher: Seq2Seq) -> Objective:
    """Squared error of what every attention layer puts out, in units of the variance of the teacher's."""

    def objective(model: Seq2Seq, batch: Batch) -> Tensor:
        with torch.no_grad(), record(teacher) as taught:
            teacher(batch.source, batch.entered, batch.keep)
        with record(model) as own:
            model(batch.source, batch.entered, batch.keep)
        errors = [
            (mine - theirs).square().mean() / theirs.square().mean().clamp_min(1e-12)
            for mine, theirs in zip(own, taught, strict=True)
        ]
        return torch.stack(errors).mean()

    return objective


def distil(teacher: Seq2Seq, temperature: float) -> Objective:
    """½·CE + ½·T²·KL(teacher ‖ student)."""

    def objective(model: Seq2Seq, batch: Batch) -> Tensor:
        with torch.no_grad():
            theirs = teacher(batch.source, batch.entered, batch.keep).flatten(0, 1)
        hidden = model(batch.source, batch.entered, batch.keep)
        return chunked_loss(
            hidden.flatten(0, 1),
            model.head_weight,
            batch.labels.flatten(),
            theirs,
            teacher.head_weight.detach(),
            ce=TEXT,
            kl=TAUGHT,
            temperature=temperature,
        ).loss

    return objective
