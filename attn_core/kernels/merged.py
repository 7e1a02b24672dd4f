"""Attention over several disjoint parts of the matrix, merged exactly by their log-sum-exp.

A part is a set of (query, key) pairs cut into stacks of tiles. The parts of one call never share a pair, so
their outputs combine as out = Σ exp(lseₚ - lse)·outₚ, and in the backward pass each part needs only the total
lse and the row sums of grad·out. Parts may read different keys (pooled ones beside real ones).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attn_core.kernels.exact import equal_widths
from attn_core.kernels.slots import Affine, Table
from attn_core.kernels.tiles import tile_backward, tile_forward
from attn_core.patterns import Rule

# Elements of scores, outputs, masks or gathered keys held at a time. A CPU keeps them in cache and spares the
# page faults of fresh memory, which cost more than the arithmetic; a GPU wants few, large launches.
CPU_ELEMENTS = 1 << 19
CUDA_ELEMENTS = 1 << 27


@dataclass(frozen=True)
class Stack:
    """Query tiles, each against the key tile of the same number."""

    queries: Affine
    keys: Affine | Table

    def part(self, first: int, last: int) -> Stack:
        return Stack(self.queries.part(first, last), self.keys.part(first, last))


@dataclass(frozen=True)
class Part:
    """Pairs to attend: those of the stacks that `rule` allows (all, if None).

    `shared` says that every tile of a stack has the same mask (the rule depends on i - j alone).
    `source` numbers the keys and values it reads; `key_bias` (B, M) is added to the scores, -inf to drop a key.
    """

    stacks: Sequence[Stack]
    rule: Rule | None = None
    shared: bool = False
    source: int = 0
    key_bias: Tensor | None = None

    def bias(self, stack: Stack, sample: int, like: Tensor) -> Tensor | None:
        """Additive mask over (1, T or 1, b, s) for one sample."""
        bias = None
        ragged = isinstance(stack.keys, Table) and bool((stack.keys.index < 0).any())
        if self.rule is not None or ragged:
            one = stack.part(0, 1) if self.shared else stack
            i = one.queries.positions(like.device)[:, :, None]
            j = one.keys.positions(like.device)[:, None, :]
            allowed = (j >= 0) if self.rule is None else self.rule(i, j) & (j >= 0)
            allowed = allowed.expand(one.queries.tiles, one.queries.width, one.keys.width)
            bias = torch.zeros(allowed.shape, dtype=like.dtype, device=like.device)
            bias = bias.masked_fill_(~allowed, -torch.inf)[None]
        if self.key_bias is not None:
            keys = stack.keys.read(self.key_bias[sample : sample + 1].to(like.dtype))[:, :, None]
            bias = keys if bias is None else bias + keys
        return bias


@dataclass(frozen=True)
class Ordered:
    """A part seen through an order of its own for every row of G, as sorting into buckets gives: `order` and
    its `inverse` are (G, N), and `part_of(row)` is the part in sorted positions."""

    order: Tensor
    inverse: Tensor
    part_of: Callable[[int], Part]
    source: int = 0


def key_bias(key_keep: Tensor | None) -> Tensor | None:
    """0 for a real token, -inf for padding; None when nothing is padded."""
    if key_keep is None or (not key_keep.is_cuda and bool(key_keep.all())):
        return None
    return torch.zeros(key_keep.shape, device=key_keep.device).masked_fill_(~key_keep, -torch.inf)


AnyPart = Part | Ordered
Source = tuple[Tensor, Tensor]


def merged_attention(
    q: Tensor, sources: Sequence[Source], parts: Sequence[AnyPart], scale: float
) -> Tensor:
    """q (B, H, N, D) against the (k, v) pairs of `sources` → (B, H, N, width of v). Differentiable."""
    return merged_attention_and_sums(q, sources, parts, scale)[0]


def merged_attention_and_sums(
    q: Tensor, sources: Sequence[Source], parts: Sequence[AnyPart], scale: float
) -> tuple[Tensor, Tensor]:
    """The output and the log-sum-exp (B, H, N) of every row over all parts, -inf where a row sees nothing;
    gradients flow through the output alone."""
    width = sources[0][1].shape[3]
    widened = [equal_widths(q, k, v) for k, v in sources]
    flat = [x.flatten(0, 1).contiguous() for _, k, v in widened for x in (k, v)]
    queries = widened[0][0].flatten(0, 1).contiguous()
    out, lse = _Merged.apply(queries, tuple(parts), scale, q.shape[1], *flat)
    return out.unflatten(0, q.shape[:2])[..., :width], lse.unflatten(0, q.shape[:2])


class _Merged(torch.autograd.Function):
    @staticmethod
    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, q: Tensor, parts: tuple[AnyPart, ...], scale: float, heads: int, *flat: Tensor
    ) -> tuple[Tensor, Tensor]:
        statistics = torch.float64 if q.dtype == torch.float64 else torch.float32
        out = torch.empty_like(q)
        lse = torch.empty(q.shape[:2], dtype=statistics, device=q.device)
        for number, part in enumerate(parts):
            k, v = flat[2 * part.source], flat[2 * part.source + 1]
            forward = _forward_part if isinstance(part, Part) else _forward_ordered
            forward(part, q, k, v, scale, heads, out, lse, number == 0)  # pyright: ignore[reportArgumentType]
        ctx.save_for_backward(q, out, lse, *flat)
        ctx.parts, ctx.scale, ctx.heads = parts, scale, heads
        ctx.mark_non_differentiable(lse)
        return out, lse

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, grad: Tensor, _: Tensor
    ) -> tuple[Tensor | None, ...]:
        q, out, lse, *flat = ctx.saved_tensors
        grad = grad.contiguous()
        delta = torch.stack(
            [(g * o).sum(-1, dtype=lse.dtype) for g, o in zip(grad, out, strict=True)]
        )
        lse = lse.masked_fill(lse == -torch.inf, torch.inf)
        grad_q, grads = torch.empty_like(q), [torch.zeros_like(x) for x in flat]
        for number, part in enumerate(ctx.parts):
            pair = slice(2 * part.source, 2 * part.source + 2)
            read = (q, *flat[pair], grad, lse, delta)
            written = (grad_q, *grads[pair])
            backward = _backward_part if isinstance(part, Part) else _backward_ordered
            backward(part, read, written, ctx.scale, ctx.heads, number == 0)
        return grad_q, None, None, None, *grads


def _forward_part(
    part: Part,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    scale: float,
    heads: int,
    out: Tensor,
    lse: Tensor,
    first: bool,
) -> None:
    for rows, stack, bias in _pieces(part, q, heads, q.is_cuda):
        keys, values = stack.keys.read(k[rows]), stack.keys.read(v[rows])
        piece, piece_lse = tile_forward(stack.queries.read(q[rows]), keys, values, bias, scale)
        total, total_lse = stack.queries.read(out[rows]), stack.queries.read(lse[rows])
        _merge(total, total_lse, piece, piece_lse, first)


def _forward_ordered(
    part: Ordered,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    scale: float,
    heads: int,
    out: Tensor,
    lse: Tensor,
    first: bool,
) -> None:
    for row in range(q.shape[0]):
        one = slice(row, row + 1)
        read = [x[one].index_select(1, part.order[row]) for x in (q, k, v)]
        mine, mine_lse = torch.empty_like(read[0]), lse.new_empty(1, lse.shape[1])
        _forward_part(part.part_of(row), *read, scale, 1, mine, mine_lse, True)
        mine, mine_lse = (x.index_select(1, part.inverse[row]) for x in (mine, mine_lse))
        _merge(out[one], lse[one], mine, mine_lse, first)


def _merge(
    total: Tensor, total_lse: Tensor, piece: Tensor, piece_lse: Tensor, first: bool
) -> None:
    """Fold one piece into the running output, in place."""
    if first:
        total.copy_(piece)
        total_lse.copy_(piece_lse)
        return
    joint = torch.logaddexp(total_lse, piece_lse)
    finite = joint.nan_to_num(neginf=0.0)
    total.mul_((total_lse - finite).exp_()[..., None].to(total.dtype))
    total.addcmul_(piece, (piece_lse - finite).exp_()[..., None].to(total.dtype))
    total_lse.copy_(joint)


def _backward_part(
    part: Part,
    read: tuple[Tensor, ...],
    written: tuple[Tensor, ...],
    scale: float,
    heads: int,
    first: bool,
) -> None:
    """Read q, k, v, grad, lse, delta; add to the gradients of q, k, v (that of q is set by the first part)."""
    q, k, v, grad, lse, delta = read
    grad_q, grad_k, grad_v = written
    for rows, stack, bias in _pieces(part, q, heads, True):
        queries, keys = stack.queries, stack.keys
        tiles = [queries.read(q[rows]), keys.read(k[rows]), keys.read(v[rows]), bias]
        sums = [queries.read(x[rows]) for x in (grad, lse, delta)]
        if rows.stop - rows.start == 1:
            # One head at a time is a plain batched product over strided views: nothing is copied.
            tiles, sums = [None if x is None else x[0] for x in tiles], [x[0] for x in sums]
        pieces = tile_backward(*tiles, scale, *sums)  # pyright: ignore[reportArgumentType]
        piece_q, piece_k, piece_v = (x if x.dim() == 4 else x[None] for x in pieces)
        total = queries.read(grad_q[rows])
        total.copy_(piece_q) if first else total.add_(piece_q)
        keys.add(grad_k[rows], piece_k)
        keys.add(grad_v[rows], piece_v)


def _backward_ordered(
    part: Ordered,
    read: tuple[Tensor, ...],
    written: tuple[Tensor, ...],
    scale: float,
    heads: int,
    first: bool,
) -> None:
    for row in range(read[0].shape[0]):
        one = slice(row, row + 1)
        mine = tuple(x[one].index_select(1, part.order[row]) for x in read)
        grads = tuple(torch.zeros_like(x) for x in mine[:3])
        _backward_part(part.part_of(row), mine, grads, scale, 1, True)
        for number, (total, grad) in enumerate(zip(written, grads, strict=True)):
            grad = grad.index_select(1, part.inverse[row])
            total[one].copy_(grad) if first and number == 0 else total[one].add_(grad)


def _pieces(
    part: Part, q: Tensor, heads: int, scored: bool
) -> Iterator[tuple[slice, Stack, Tensor | None]]:
    """Cut every stack so that what is held at a time stays small: (rows of G, stack, its mask)."""
    groups = q.shape[0]
    sample = groups if part.key_bias is None else heads
    for stack in part.stacks:
        tiles, span = _piece_size(part, stack, q, sample, scored)
        for first in range(0, stack.queries.tiles, tiles):
            piece = stack.part(first, min(first + tiles, stack.queries.tiles))
            for base in range(0, groups, sample):
                bias = part.bias(piece, base // heads, q)
                for row in range(base, base + sample, span):
                    yield slice(row, min(row + span, base + sample)), piece, bias


def _piece_size(part: Part, stack: Stack, q: Tensor, sample: int, scored: bool) -> tuple[int, int]:
    """How many tiles and how many heads to take at a time."""
    scores = stack.queries.width * stack.keys.width
    outputs = stack.queries.width * q.shape[2]
    gathered = stack.keys.width * q.shape[2] if isinstance(stack.keys, Table) else 0
    masked = 0 if part.shared and part.key_bias is None else scores
    held = max(outputs, gathered, masked, scores if scored else 0)
    budget = CUDA_ELEMENTS if q.is_cuda else CPU_ELEMENTS
    tiles = min(stack.queries.tiles, max(1, budget // held))
    # One head at a time is a plain batched product over strided views: nothing is copied.
    one = scored and not q.is_cuda
    return tiles, 1 if one else min(sample, max(1, budget // (held * tiles)))
