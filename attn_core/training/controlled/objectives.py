"""What the trainings minimise: the text itself, what the teacher's attention puts out, and what the teacher says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from attn_core.model.seq2seq import Seq2Seq, record
from attn_core.training.losses import chunked_loss
from attn_core.training.material import Batch

Objective = Callable[[Seq2Seq, Batch], Tensor]
# Of a student's last stage: half the text, half the teacher.
TEXT, TAUGHT = 0.5, 0.5
# Bytes of a teacher's answers that are kept: all of them in `quick`, some in a run of thousands of steps.
ROOM = 2**29


def text(model: Seq2Seq, batch: Batch) -> Tensor:
    """Cross-entropy of the next token."""
    hidden = model(batch.source, batch.entered, batch.keep)
    return chunked_loss(hidden.flatten(0, 1), model.head_weight, batch.labels.flatten()).loss


class Taught:
    """What a teacher makes of each batch. All students of a seed read the same batches, so it is kept for the next
    one, as far as there is room."""

    def __init__(self, teacher: Seq2Seq, room: int = ROOM) -> None:
        self.teacher, self.room = teacher, room
        self.known: dict[tuple[Any, ...], list[Tensor]] = {}

    def states(self, batch: Batch) -> Tensor:
        """The hidden states before its head."""
        return self._once("states", batch, lambda: [self._read(batch)])[0]

    def attention(self, batch: Batch) -> list[Tensor]:
        """What every attention layer puts out."""
        return self._once("attention", batch, lambda: self._recorded(batch))

    def _recorded(self, batch: Batch) -> list[Tensor]:
        with record(self.teacher) as found:
            self._read(batch)
        return list(found)

    @torch.no_grad()
    def _read(self, batch: Batch) -> Tensor:
        return self.teacher(batch.source, batch.entered, batch.keep)

    def _once(self, what: str, batch: Batch, find: Callable[[], list[Tensor]]) -> list[Tensor]:
        key = what, batch.source.shape[1], batch.numbers
        if key in self.known:
            return self.known[key]
        found = find()
        size = sum(x.numel() * x.element_size() for x in found)
        if size <= self.room:
            self.room -= size
            self.known[key] = found
        return found


def transfer(taught: Taught) -> Objective:
    """Squared error of what every attention layer puts out, in units of the variance of the teacher's."""

    def objective(model: Seq2Seq, batch: Batch) -> Tensor:
        with record(model) as own:
            model(batch.source, batch.entered, batch.keep)
        errors = [
            (mine - theirs).square().mean() / theirs.square().mean().clamp_min(1e-12)
            for mine, theirs in zip(own, taught.attention(batch), strict=True)
        ]
        return torch.stack(errors).mean()

    return objective


def distil(taught: Taught, temperature: float) -> Objective:
    """½·CE + ½·T²·KL(teacher ‖ student)."""

    def objective(model: Seq2Seq, batch: Batch) -> Tensor:
        hidden = model(batch.source, batch.entered, batch.keep)
        return chunked_loss(
            hidden.flatten(0, 1),
            model.head_weight,
            batch.labels.flatten(),
            taught.states(batch).flatten(0, 1),
            taught.teacher.head_weight.detach(),
            ce=TEXT,
            kl=TAUGHT,
            temperature=temperature,
        ).loss

    return objective
