"""FlashAttention: tiles of keys one after another, with a running maximum and sum for each query.

How wide a tile really is, the fused kernel decides; the sequence is the same for any width.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from attn_core.contract import Shape
from attn_core.steps import scored
from attn_core.steps.latex import factor, number
from attn_core.steps.step import FEATURE, KEY, QUERY, Array, Call, Step, Work

WIDEST, TILE = 128, "tile"


def tile_width(keys: int) -> int:
    """About six tiles, but none wider than real ones."""
    return min(WIDEST, max(4, 2 ** round(math.log2(max(1, keys / 6)))))


def pairs(shape: Shape) -> int:
    return shape.slices * shape.queries * shape.keys // (2 if shape.causal else 1)


def steps(call: Call) -> tuple[Step, ...]:
    width = tile_width(len(call.keys))
    _, found = scored.scaled(call, call.keys, call.future)
    tiles = Tiles(found.split(width, 1), call.values.split(width))
    return (
        scored.dot(call, call.keys),
        _cut(call, found, width),
        _running(call, tiles),
        _gathered(call, tiles),
        _divided(call, tiles),
    )


class Tiles:
    """What the kernel keeps after each tile: the largest score so far, the sum of exponentials and of values
    relative to it, each (tiles, strip, ·)."""

    def __init__(self, scores: tuple[Tensor, ...], values: tuple[Tensor, ...]) -> None:
        rows, width = len(scores[0]), values[0].shape[1]
        top = scores[0].new_full((rows,), -torch.inf)
        total, out = scores[0].new_zeros(rows), values[0].new_zeros(rows, width)
        kept: list[tuple[Tensor, ...]] = []
        for tile, value in zip(scores, values, strict=True):
            higher = torch.maximum(top, tile.amax(1))
            finite = higher.nan_to_num(neginf=0.0)
            shrink = (top - finite).exp()
            weights = (tile - finite[:, None]).exp()
            total = shrink * total + weights.sum(1)
            out = shrink[:, None] * out + weights @ value
            top = higher
            kept.append((top, total, shrink))
        self.scores, self.values = scores, values
        self.top, self.total, self.shrink = (torch.stack(x, 1) for x in zip(*kept, strict=True))
        self.out = out

    def sums(self, row: int) -> Tensor:
        """One query's sum of values after each tile, (tiles, D): made again, not kept for all."""
        out, found = torch.zeros_like(self.out[row]), []
        for at, (tile, value) in enumerate(zip(self.scores, self.values, strict=True)):
            finite = self.top[row, at].nan_to_num(neginf=0.0)
            out = self.shrink[row, at] * out + (tile[row] - finite).exp() @ value
            found.append(out)
        return torch.stack(found)


def _cut(call: Call, found: Tensor, width: int) -> Step:
    def substituted(i: int, j: int) -> str:
        tile = j // width
        part = found[call.row(i), tile * width : (tile + 1) * width]
        return (
            rf"j={j}\in\text{{tile }}{tile},\quad S^{{({tile})}}_{{{i},{j}}}="
            rf"{number(found[call.row(i), j])},\quad\max={number(part.amax())}"
        )

    return Step(
        key="tiles",
        title="Tiles of scores",
        says=f"Scores are made for {width} keys at a time, used, and forgotten: no row of them is ever stored.",
        formula=r"S^{(t)}=\frac{Q\,K_t^\top}{\sqrt d}\;(+M),\qquad K=[K_0;K_1;\dots]",
        arrays=(Array("S, tile by tile", found, QUERY, KEY, "score", call.first, call.future),),
        cost=lambda shape: Work(2 * pairs(shape) * shape.head_dim, shape.slices * WIDEST**2),
        substituted=substituted,
    )


def _running(call: Call, tiles: Tiles) -> Step:
    def substituted(i: int, j: int) -> str:
        row = call.row(i)
        tops, sums = tiles.top[row], tiles.total[row]
        return rf"m_{{{i}}}: {_path(tops)}\qquad \ell_{{{i}}}: {_path(sums)}"

    return Step(
        key="running",
        title="Running max and sum",
        says="After each tile a query keeps two numbers: its largest score so far, and the sum relative to it.",
        formula=r"m'=\max(m,\max_j S^{(t)}_{j}),\qquad \ell'=e^{m-m'}\ell+\sum_j e^{S^{(t)}_j-m'}",
        arrays=(
            Array("running max m", tiles.top, QUERY, TILE, "score", call.first),
            Array("running sum ℓ", tiles.total, QUERY, TILE, "feature", call.first),
        ),
        cost=lambda shape: Work(0, 2 * shape.slices * shape.queries),
        substituted=substituted,
    )


def _path(numbers: Tensor) -> str:
    shown = [number(x) for x in numbers[:3]]
    if len(numbers) > 3:
        shown += ([r"\cdots"] if len(numbers) > 4 else []) + [number(numbers[-1])]
    return r"\to ".join(shown)


def _gathered(call: Call, tiles: Tiles) -> Step:
    def opened(i: int, j: int) -> tuple[Array, ...]:
        sums = tiles.sums(call.row(i))
        return (Array(f"o of query {i} after each tile", sums, TILE, FEATURE, "value"),)

    def substituted(i: int, j: int) -> str:
        row = call.row(i)
        sums = tiles.sums(row)
        if len(sums) == 1:
            return rf"o_{{{i},0}}={number(sums[0, 0])}"
        added = sums[-1, 0] - tiles.shrink[row, -1] * sums[-2, 0]
        return (
            rf"o'_{{{i},0}}={factor(tiles.shrink[row, -1])}\cdot{factor(sums[-2, 0])}+{factor(added)}"
            rf"={number(sums[-1, 0])}"
        )

    return Step(
        key="gathered",
        title="Running output",
        says="Values are added up relative to the running maximum; a higher one shrinks what is there.",
        formula=r"o'=e^{m-m'}o+\sum_j e^{S^{(t)}_j-m'}\,v_j",
        arrays=(Array("shrink factor", tiles.shrink, QUERY, TILE, "weight", call.first),),
        cost=lambda shape: Work(
            2 * pairs(shape) * shape.head_dim, shape.slices * shape.queries * shape.head_dim
        ),
        substituted=substituted,
        opened=opened,
    )


def _divided(call: Call, tiles: Tiles) -> Step:
    total = tiles.total[:, -1:]
    out = tiles.out / total.masked_fill(total == 0, 1.0)

    def substituted(i: int, j: int) -> str:
        row = call.row(i)
        return (
            rf"Z_{{{i},0}}=\frac{{{number(tiles.out[row, 0])}}}{{{number(total[row, 0])}}}"
            rf"={number(out[row, 0])}"
        )

    return Step(
        key="output",
        title="Divide once",
        says="The sum divides the output at the very end: the exact result, without a matrix.",
        formula=r"z_i=\frac{o_i}{\ell_i}",
        arrays=(Array("Z", out, QUERY, FEATURE, "value", call.first),),
        cost=lambda shape: Work(0, shape.slices * shape.queries * shape.head_dim),
        substituted=substituted,
    )
