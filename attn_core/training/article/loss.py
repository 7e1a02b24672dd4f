"""The article's losses at little cost, by what is special about its model.

The teacher answers alike wherever a sentence has the same token (`Batch.groups`), so its share of the loss and of
the gradients is made once for each group and never meets the logits of the 8,192 tokens. What is left for those is
a·softmax(z) + b·softmax(z/T). At T = 3 both come from one exponential: eᶻ is the cube of e^(z/T).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from attn_core.training.head import Head
from attn_core.training.losses import Losses

LOG2_E = math.log2(math.e)
# Logits worked on at a time on a CPU: so many stay in its caches from one operation to the next.
IN_CACHE = 1 << 18
# Logits held at a time on a CPU: nothing else is as large here, and large products are faster ones.
HELD = 1 << 24
HALF = 0.5


class Taught(NamedTuple):
    """What the student must match: a teacher's logits by group, each position's group and label, and who is in a
    group as a matrix of ones, to sum by."""

    teacher: Head
    group: Tensor
    labels: Tensor
    group_labels: Tensor
    member: Tensor


def taught(teacher: Head, group: Tensor, first: Tensor, labels: Tensor) -> Taught:
    """Of a teacher's states at all positions, those that differ."""
    member = F.one_hot(group, len(first)).T.to(teacher.hidden.dtype)
    return Taught(teacher.only(first).detached(), group, labels, labels[first], member)


def distillation(
    student: Head, goal: Taught, temperature: float, chunk: int | None = None
) -> Losses:
    """½·CE + ½·T²·KL(teacher ‖ student) over all positions."""
    if chunk is None and not student.hidden.is_cuda:
        chunk = max(16, HELD // len(student.weight))
    return Losses(*_Distillation.apply(*student, goal, temperature, student.chunks(chunk)))


class _Distillation(torch.autograd.Function):
    """Gradients are made with the loss, as in `chunked_loss`."""

    @staticmethod
    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any,
        hidden: Tensor,
        weight: Tensor,
        bias: Tensor,
        goal: Taught,
        temperature: float,
        chunks: list[slice],
    ) -> tuple[Tensor, Tensor, Tensor]:
        count = len(hidden)
        for_hidden, for_weight = torch.empty_like(hidden), torch.zeros_like(weight)
        for_bias = torch.zeros_like(bias)
        sums = hidden.new_zeros(2, dtype=torch.float64)
        room = hidden.new_empty(max(part.stop - part.start for part in chunks), len(weight))
        fold = LOG2_E / temperature
        for part in chunks:
            rows = hidden[part]
            z = room[: len(rows)]
            # Scaled on the way out of the product: exp2 of it is then e^(z/T).
            torch.addmm(bias, rows, weight.T, beta=fold, alpha=fold, out=z)
            own = z.gather(1, goal.labels[part, None]).squeeze(1)
            sums += _slopes(z, own, temperature, fold)
            torch.mm(z, weight, out=for_hidden[part])
            for_weight.addmm_(z.T, rows)
            for_bias += z.sum(0)
        del room
        sums[1] += _subtract_goal(
            Head(hidden, weight, bias), goal, temperature, (for_hidden, for_weight, for_bias)
        )
        scale = HALF / count
        ctx.save_for_backward(for_hidden.mul_(scale), for_weight.mul_(scale), for_bias.mul_(scale))
        ce, kl = (sums / count).to(hidden.dtype).unbind()
        ctx.mark_non_differentiable(ce, kl)
        return HALF * ce + HALF * temperature**2 * kl, ce, kl

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return *(made * grad for made in ctx.saved_tensors), None, None, None


def _slopes(z: Tensor, own: Tensor, temperature: float, fold: float) -> Tensor:
    """Sums of CE and of log Σ e^(z/T); leaves softmax(z) + T·softmax(z/T) where z·fold was."""
    block = len(z) if z.is_cuda else max(1, IN_CACHE // z.shape[1])
    power = int(temperature) if temperature == int(temperature) else temperature
    top, low, high = (z.new_empty(len(z), 1) for _ in range(3))
    for start in range(0, len(z), block):
        part = slice(start, min(start + block, len(z)))
        mine = z[part]
        torch.amax(mine, 1, keepdim=True, out=top[part])
        mine.sub_(top[part]).exp2_()
        cold = mine.pow(power)
        torch.sum(mine, 1, keepdim=True, out=low[part])
        torch.sum(cold, 1, keepdim=True, out=high[part])
        mine.mul_(temperature / low[part]).addcmul_(cold, high[part].reciprocal())
    top, low, high = (one.double().squeeze(1) for one in (top, low, high))
    ce = high.log() + (top - own) / LOG2_E * temperature
    return torch.stack([ce.sum(), (low.log() + top / LOG2_E).sum()])


def _subtract_goal(
    student: Head, goal: Taught, temperature: float, made: tuple[Tensor, Tensor, Tensor]
) -> Tensor:
    """Takes the labels and the teacher's T·softmax(t/T) from the gradients, group by group; returns what KL still
    lacks beside log Σ e^(z/T): Σ p·log p − p·z/T."""
    hidden, weight, bias = student
    assert bias is not None
    for_hidden, for_weight, for_bias = made
    together, sizes = goal.member @ hidden, goal.member.sum(1)
    from_groups = weight[goal.group_labels]
    for_weight.index_add_(0, goal.group_labels, together, alpha=-1)
    for_bias.index_add_(0, goal.group_labels, sizes, alpha=-1)
    rest = hidden.new_zeros((), dtype=torch.float64)
    for part in goal.teacher.chunks(None):
        log_p = goal.teacher.logits(part).div_(temperature).log_softmax(-1)
        p = log_p.exp()
        mean = p @ weight
        dots = (together[part] * mean).sum(1) + sizes[part] * (p @ bias)
        rest += (
            sizes[part] * (p * log_p).sum(1)
        ).double().sum() - dots.double().sum() / temperature
        from_groups[part] += temperature * mean
        for_weight.addmm_(p.T, together[part], alpha=-temperature)
        for_bias -= temperature * (sizes[part] @ p)
    for_hidden -= from_groups[goal.group]
    return rest
