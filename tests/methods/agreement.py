"""Holds a method's fast path against a plain reference: dense, double precision, one sample at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from attn_core import Dims, get_method
from attn_core.contract import AttentionOp
from tests.laws.cases import LENGTHS, some_kept

HEADS, WIDTH = 2, 8
Reference = Callable[..., Tensor]


def draw(length: int, width: int = WIDTH, batch: int = 2, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, HEADS, length, width, generator=generator, dtype=torch.float64)


def build(name: str, queries: int, keys: int | None = None, **params: Any) -> AttentionOp:
    dims = Dims(HEADS, WIDTH, queries, keys or queries)
    return get_method(name).build(dims, **params).double()


def calls(extra_keys: int) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor | None]]:
    """q, k, v and padding over all the awkward lengths."""
    for length in LENGTHS:
        keys = length + extra_keys
        for keep in (None, some_kept(keys)):
            yield draw(length), draw(keys, seed=1), draw(keys, seed=2), keep


def agrees(
    name: str, reference: Reference, *, causal: bool = False, extra_keys: int = 0, **params: Any
) -> None:
    """Output and all gradients equal the reference's, which gets (op, q, k, v, keep (B, M), causal)."""
    for q, k, v, keep in calls(extra_keys):
        op = build(name, q.shape[2], k.shape[2], **params)
        arguments = [x.requires_grad_() for x in (q, k, v)]
        out = op(*arguments, key_keep=keep, causal=causal)
        whole = torch.ones(k.shape[0], k.shape[2], dtype=torch.bool) if keep is None else keep
        expected = reference(op, *arguments, whole, causal)
        near(out, expected)
        weight = torch.randn_like(out)
        ours = torch.autograd.grad((out * weight).sum(), arguments, allow_unused=True)
        theirs = torch.autograd.grad((expected * weight).sum(), arguments, allow_unused=True)
        for mine, other in zip(ours, theirs, strict=True):
            near(mine, torch.zeros_like(mine) if other is None else other)


def near(a: Tensor, b: Tensor, tolerance: float = 1e-7) -> None:
    gap = float((a - b).detach().abs().max())
    size = 1 + float(b.detach().abs().max())
    assert gap <= tolerance * size, f"differs by {gap:.3g}"


def masked_softmax(scores: Tensor, allowed: Tensor) -> Tensor:
    """Rows that may see nothing are zeros."""
    weights = scores.masked_fill(~allowed, -1e300).softmax(-1)
    return weights * allowed


def dense(q: Tensor, k: Tensor, v: Tensor, allowed: Tensor) -> Tensor:
    """Textbook attention over the allowed pairs."""
    return masked_softmax(q @ k.transpose(-2, -1) / q.shape[3] ** 0.5, allowed) @ v


def positions(length: int) -> tuple[Tensor, Tensor]:
    i = torch.arange(length)
    return i[:, None], i[None, :]
