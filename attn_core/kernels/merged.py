"""Attention over several disjoint parts of the matrix, merged exactly by their log-sum-exp.

out = Σ exp(lseₚ - lse)·outₚ over the parts p, and in the backward pass each part needs only the total lse and
the row sums of grad·out. Part 0 covers every query. Parts may read different keys (pooled ones beside real
ones); `sources` lists the (k, v) pairs they number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from attn_core.kernels.exact import equal_widths
from attn_core.kernels.parts import Mask, Ordered, Part, Piece
from attn_core.kernels.slots import select_rows
from attn_core.kernels.tiles import tile_backward, tile_forward

AnyPart = Part | Ordered
Source = tuple[Tensor, Tensor]


class Inputs(NamedTuple):
    """(G, N, D), (G, M, D), (G, M, D), with G = samples·heads."""

    q: Tensor
    k: Tensor
    v: Tensor


class Rows(NamedTuple):
    """What each row of the whole matrix needs in the backward pass: (G, N, D), (G, N), (G, N)."""

    grad: Tensor
    lse: Tensor
    delta: Tensor


class Total(NamedTuple):
    """The output (G, N, D) and log-sum-exp (G, N) so far."""

    out: Tensor
    lse: Tensor

    def merge(self, piece: Total, first: bool) -> None:
        """Fold a piece in, in place; the first one is just written."""
        if first:
            self.out.copy_(piece.out)
            self.lse.copy_(piece.lse)
            return
        joint = torch.logaddexp(self.lse, piece.lse)
        finite = joint.nan_to_num(neginf=0.0)
        self.out.mul_((self.lse - finite).exp_()[..., None].to(self.out.dtype))
        self.out.addcmul_(piece.out, (piece.lse - finite).exp_()[..., None].to(self.out.dtype))
        self.lse.copy_(joint)


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
    # Tiles could read the heads of a layer's projection where they lie, side by side, but rows far apart
    # cost more in the products than this copy does.
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
        total = Total(torch.empty_like(q), q.new_empty(q.shape[:2], dtype=statistics))
        for number, part in enumerate(parts):
            inputs = Inputs(q, *flat[2 * part.source : 2 * part.source + 2])
            if isinstance(part, Ordered):
                _forward_ordered(part, inputs, scale, total, number == 0)
            else:
                _forward_part(part, inputs, scale, heads, total, number == 0)
        ctx.save_for_backward(q, *total, *flat)
        ctx.parts, ctx.scale, ctx.heads = parts, scale, heads
        ctx.mark_non_differentiable(total.lse)
        return total.out, total.lse

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, grad: Tensor, _: Tensor
    ) -> tuple[Tensor | None, ...]:
        q, out, lse, *flat = ctx.saved_tensors
        grad = grad.contiguous()
        # Head by head, so that the products stay in cache.
        delta = [(g * o).sum(-1, dtype=lse.dtype) for g, o in zip(grad, out, strict=True)]
        seen = lse.masked_fill(lse == -torch.inf, torch.inf)
        rows = Rows(grad, seen, torch.stack(delta))
        grad_q, grads = torch.empty_like(q), [torch.zeros_like(x) for x in flat]
        for number, part in enumerate(ctx.parts):
            pair = slice(2 * part.source, 2 * part.source + 2)
            inputs, written = Inputs(q, *flat[pair]), Inputs(grad_q, *grads[pair])
            if isinstance(part, Ordered):
                _backward_ordered(part, inputs, rows, written, ctx.scale, number == 0)
            else:
                _backward_part(part, inputs, rows, written, ctx.scale, ctx.heads, number == 0)
        return grad_q, None, None, None, *grads


def _forward_part(
    part: Part, inputs: Inputs, scale: float, heads: int, total: Total, first: bool
) -> None:
    for piece in part.pieces(inputs.q, heads):
        tiles, mask = _tiles(piece, inputs)
        found = tile_forward(*tiles, mask, scale)
        here = Total(*(piece.stack.queries.read(x[piece.rows]) for x in total))
        here.merge(Total(*(x.view_as(y) for x, y in zip(found, here, strict=True))), first)


def _tiles(piece: Piece, inputs: Inputs) -> tuple[Inputs, Mask]:
    """The tiles of a piece and its mask, without the dimension (heads or tiles) of which there is only one."""
    rows, queries, keys = piece.rows, piece.stack.queries, piece.stack.keys
    tiles = Inputs(queries.read(inputs.q[rows]), *(keys.read(x[rows]) for x in inputs[1:]))
    single = _single(tiles.q)
    if single is None:
        return tiles, piece.mask
    mask = (None if x is None else x.select(single, 0) for x in piece.mask)
    return Inputs(*(x.select(single, 0) for x in tiles)), Mask(*mask)


def _single(tiles: Tensor) -> int | None:
    return 0 if tiles.shape[0] == 1 else 1 if tiles.shape[1] == 1 else None


def _forward_ordered(
    part: Ordered, inputs: Inputs, scale: float, total: Total, first: bool
) -> None:
    for row in range(inputs.q.shape[0]):
        one = slice(row, row + 1)
        mine = Inputs(*(select_rows(x[one], part.order[row]) for x in inputs))
        piece = Total(torch.empty_like(mine.q), torch.empty_like(total.lse[one]))
        _forward_part(part.part_of(row), mine, scale, 1, piece, True)
        piece = Total(*(select_rows(x, part.inverse[row]) for x in piece))
        Total(*(x[one] for x in total)).merge(piece, first)


def _backward_part(
    part: Part,
    inputs: Inputs,
    rows: Rows,
    written: Inputs,
    scale: float,
    heads: int,
    first: bool,
) -> None:
    """Add to the gradients of k and v, and to that of q, which the first part sets."""
    for piece in part.pieces(inputs.q, heads):
        (queries, keys), head = (piece.stack.queries, piece.stack.keys), piece.rows
        tiles, mask = _tiles(piece, inputs)
        sums = [queries.read(x[head]) for x in rows]
        single = _single(sums[0])
        if single is not None:
            sums = [x.select(single, 0) for x in sums]
        grads = tile_backward(tiles, mask.bias, scale, Rows(*sums))
        shape = head.stop - head.start, queries.tiles, -1, inputs.q.shape[2]
        grad_q, grad_k, grad_v = (x.view(shape) for x in grads)
        total = queries.read(written.q[head])
        total.copy_(grad_q) if first else total.add_(grad_q)
        keys.add(written.k[head], grad_k)
        keys.add(written.v[head], grad_v)


def _backward_ordered(
    part: Ordered, inputs: Inputs, rows: Rows, written: Inputs, scale: float, first: bool
) -> None:
    for row in range(inputs.q.shape[0]):
        one = slice(row, row + 1)
        order, inverse = part.order[row], part.inverse[row]
        mine = Inputs(*(select_rows(x[one], order) for x in inputs))
        sums = Rows(*(select_rows(x[one], order) for x in rows))
        grads = Inputs(torch.empty_like(mine.q), *(torch.zeros_like(x) for x in mine[1:]))
        _backward_part(part.part_of(row), mine, sums, grads, scale, 1, True)
        for number, (total, grad) in enumerate(zip(written, grads, strict=True)):
            here, grad = total[one], select_rows(grad, inverse)
            here.copy_(grad) if first and number == 0 else here.add_(grad)
