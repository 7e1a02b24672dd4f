"""Cross-entropy and distillation over a vocabulary, without ever holding all logits.

A batch of 4 × 2,048 tokens over 32,100 words is a gigabyte of logits, and a loss written the plain way keeps several
copies of it. Here the logits exist for a chunk of tokens at a time: their gradients are formed right there, in the
forward pass, and only those of the hidden states and of the weight are kept.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from attn_core.matrix import widen
from attn_core.training.head import Head, checked, counted, wide_product


class Losses(NamedTuple):
    """What is minimised, and the two parts of it as means over the tokens that count."""

    loss: Tensor
    ce: Tensor
    kl: Tensor


class Terms(NamedTuple):
    """ce·CE + kl·T²·KL at a temperature T."""

    ce: float
    kl: float
    temperature: float


def chunked_loss(
    hidden: Tensor,
    weight: Tensor,
    labels: Tensor,
    teacher_hidden: Tensor | None = None,
    teacher_weight: Tensor | None = None,
    *,
    bias: Tensor | None = None,
    teacher_bias: Tensor | None = None,
    ce: float = 1.0,
    kl: float = 0.0,
    temperature: float = 1.0,
    ignore: int | None = 0,
    chunk: int | None = None,
) -> Losses:
    """ce·CE + kl·T²·KL(teacher ‖ student) over logits hidden·weightᵀ + bias, of (n, d), (V, d) and (V,).

    Both are means over the tokens whose label is not `ignore` (None counts all); the others cost nothing. Gradients
    reach hidden, weight and bias. The teacher gets none; its hidden width is its own.
    """
    student = Head(hidden, weight, bias)
    teacher = checked(student, labels, teacher_hidden, teacher_weight, teacher_bias)
    if kl and teacher is None:
        raise ValueError(f"loss: kl={kl!r} needs a teacher's hidden states and weight")
    if not temperature > 0:
        raise ValueError(f"loss: temperature must be above 0, got {temperature!r}")
    student, labels, teacher = counted(student, labels, teacher, ignore)
    if not len(labels):
        nothing = hidden.sum() * 0.0
        return Losses(nothing, nothing.detach(), nothing.detach())
    terms = Terms(ce, kl, temperature)
    # Wide even where the model around it computes in bf16: a vocabulary of small differences is summed here.
    with torch.autocast(hidden.device.type, enabled=False):
        return Losses(
            *_ChunkedLoss.apply(
                *student, labels, teacher if kl else None, terms, student.chunks(chunk)
            )
        )


class _ChunkedLoss(torch.autograd.Function):
    """Gradients are made with the loss: the logits are then gone, and no second product is needed for them."""

    @staticmethod
    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any,
        hidden: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        labels: Tensor,
        teacher: Head | None,
        terms: Terms,
        chunks: list[slice],
    ) -> tuple[Tensor, Tensor, Tensor]:
        student, count, exact = Head(hidden, weight, bias), len(labels), widen(hidden[:0]).dtype
        made = [
            torch.zeros(like.shape, dtype=exact, device=like.device)
            if like is not None and needed
            else None
            for like, needed in zip(student, ctx.needs_input_grad[:3], strict=True)
        ]
        sums = torch.zeros(2, dtype=torch.float64, device=hidden.device)
        for part in chunks:
            logits = student.logits(part)
            value, slope = _cross_entropy(logits, labels[part, None], terms.ce / count)
            sums[0] += value
            if teacher is not None:
                scale = terms.kl / count
                sums[1] += _distil(logits, teacher.logits(part), terms.temperature, scale, slope)
            del logits
            _spread(slope, student, part, made)
        ctx.save_for_backward(*made)
        ctx.dtypes = [None if like is None else like.dtype for like in student]
        ce, kl = (sums / count).to(exact).unbind()
        ctx.mark_non_differentiable(ce, kl)
        return terms.ce * ce + terms.kl * terms.temperature**2 * kl, ce, kl

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        grads = [
            None if made is None else (made * grad).to(dtype)
            for made, dtype in zip(ctx.saved_tensors, ctx.dtypes, strict=True)
        ]
        return *grads, None, None, None, None


def _cross_entropy(logits: Tensor, labels: Tensor, scale: float) -> tuple[Tensor, Tensor]:
    """The sum over a chunk, and `scale` times its slope at the logits."""
    log_p = logits.log_softmax(-1)
    value = -log_p.gather(1, labels).sum()
    slope = log_p.exp_().mul_(scale)
    return value, slope.scatter_add_(1, labels, slope.new_full(labels.shape, -scale))


def _distil(
    logits: Tensor, taught: Tensor, temperature: float, scale: float, slope: Tensor
) -> Tensor:
    """The sum of KL(teacher ‖ student) at a temperature; adds scale·T² times its slope. Overwrites both logits."""
    mine = logits.div_(temperature).log_softmax(-1)
    theirs = taught.div_(temperature).log_softmax(-1)
    p = theirs.exp()
    value = theirs.sub_(mine).mul_(p).sum()
    # T² from the loss, 1/T from the temperature inside the softmax.
    slope.add_(mine.exp_().sub_(p), alpha=scale * temperature)
    return value


def _spread(slope: Tensor, head: Head, part: slice, made: list[Tensor | None]) -> None:
    """From the slope at a chunk of logits to what they were made of."""
    for_hidden, for_weight, for_bias = made
    lowered, rows = slope.to(head.weight.dtype), head.hidden[part]
    if for_hidden is not None:
        for_hidden[part] = wide_product(lowered, head.weight)
    if for_weight is not None and for_weight.dtype == rows.dtype:
        for_weight.addmm_(lowered.T, rows)
    elif for_weight is not None:
        for_weight += wide_product(lowered.T, rows)
    if for_bias is not None:
        for_bias += slope.sum(0)
