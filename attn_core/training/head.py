"""The output layer of a language model as a product that is only made for a few tokens at a time."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

# Logits held at a time: on a CPU what its cache holds while they are gone through several times, on a GPU enough for
# good matrix products. Fewer tokens than these would spend their time on the weight, which is read for every chunk.
ELEMENTS, CUDA_ELEMENTS, LEAST = 1 << 19, 1 << 27, 128


class Head(NamedTuple):
    """Logits hidden·weightᵀ + bias, of (n, d), (V, d) and (V,)."""

    hidden: Tensor
    weight: Tensor
    bias: Tensor | None = None

    def logits(self, part: slice) -> Tensor:
        """In fp32 or wider, whatever the operands are."""
        found = wide_product(self.hidden[part], self.weight.T)
        return found if self.bias is None else found.add_(self.bias)

    def detached(self) -> Head:
        bias = None if self.bias is None else self.bias.detach()
        return Head(self.hidden.detach(), self.weight.detach(), bias)

    def only(self, rows: Tensor) -> Head:
        return self._replace(hidden=self.hidden[rows])

    def chunks(self, step: int | None) -> list[slice]:
        """All tokens, so many at a time."""
        count = len(self.hidden)
        step = step or chunk_of(self.hidden, len(self.weight))
        return [slice(start, min(start + step, count)) for start in range(0, count, step)]


def chunk_of(hidden: Tensor, vocabulary: int) -> int:
    """Tokens whose logits are held at a time."""
    held = CUDA_ELEMENTS if hidden.is_cuda else ELEMENTS
    return max(LEAST, held // vocabulary)


def wide_product(a: Tensor, b: Tensor) -> Tensor:
    """a·b in fp32 or wider: of bf16 operands, the sums are not rounded again."""
    if a.dtype in (torch.float32, torch.float64):
        return a @ b
    if a.is_cuda:
        return torch.mm(a, b, out_dtype=torch.float32)
    return a.float() @ b.float()


def counted(
    student: Head, labels: Tensor, teacher: Head | None, ignore: int | None
) -> tuple[Head, Tensor, Head | None]:
    """Only the tokens whose label is not `ignore`; None counts all. On a GPU this waits for the device."""
    if ignore is None:
        return student, labels, teacher
    rows = (labels != ignore).nonzero().squeeze(1)
    return student.only(rows), labels[rows], None if teacher is None else teacher.only(rows)


def checked(
    student: Head,
    labels: Tensor,
    teacher_hidden: Tensor | None,
    teacher_weight: Tensor | None,
    teacher_bias: Tensor | None,
) -> Head | None:
    """The teacher, if there is one; a ValueError for shapes that do not fit together."""
    hidden, weight, _ = student
    if hidden.dim() != 2 or weight.dim() != 2 or hidden.shape[1] != weight.shape[1]:
        raise ValueError(
            f"loss: hidden must be (tokens, d) and weight (vocabulary, d), "
            f"got {tuple(hidden.shape)} and {tuple(weight.shape)}"
        )
    if labels.shape != hidden.shape[:1]:
        raise ValueError(
            f"loss: labels must be one per token, {len(hidden)}, got shape {tuple(labels.shape)}"
        )
    if teacher_hidden is None and teacher_weight is None:
        return None
    if teacher_hidden is None or teacher_weight is None:
        raise ValueError("loss: a teacher needs both its hidden states and its weight, got one")
    if len(teacher_hidden) != len(hidden) or len(teacher_weight) != len(weight):
        raise ValueError(
            f"loss: the teacher must have the student's tokens and vocabulary, "
            f"{len(hidden)} and {len(weight)}, got {len(teacher_hidden)} and {len(teacher_weight)}"
        )
    return Head(teacher_hidden, teacher_weight, teacher_bias).detached()
