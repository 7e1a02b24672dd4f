"""Sliding-window attention with a few global tokens.

    Z_i = softmax over { j : |i-j| ≤ window·dilation, (i-j) divisible by dilation } ∪ { j < global_tokens }

Leading global tokens see everything and are seen by everything, each pair counted once; the causal form is
the same pattern restricted to j ≤ i. Paper: Beltagy et al., "Longformer", 2020. Time and memory are O(N·w):
the band is cut into tiles that read the sequence in place, and no N×N mask exists at any point.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from attn_core.contract import AttentionMethod, AttentionOp, Budget, Cost, Dims, Param, Shape
from attn_core.kernels import flex
from attn_core.kernels.merged import merged_attention, merged_attention_and_sums
from attn_core.kernels.parts import Part, Stack, key_bias
from attn_core.kernels.slots import Affine, band_stacks, every_query
from attn_core.matrix import MatrixView, ScoreView
from attn_core.patterns import Pattern, Rule, Run, in_time

# Pairs of a tile where each has a mask of its own: made of whole numbers, some 32 MiB.
ENTRIES = 2**22


class Longformer(AttentionOp):
    def __init__(
        self, dims: Dims, window: int, dilation: int, global_tokens: int, seed: int
    ) -> None:
        super().__init__(dims)
        self.window, self.dilation, self.global_tokens = window, dilation, global_tokens

    def parts(self, length: int, causal: bool, key_keep: Tensor | None) -> list[Part]:
        window, dilation = self.window, self.dilation
        near, leading = _band(window, dilation), min(self.global_tokens, length)
        bias = key_bias(key_keep)
        reach = min(window, length)
        band = band_stacks(length, reach, 0 if causal else reach, tile_rows(window), dilation)
        stacks = [Stack(queries, keys) for queries, keys in band]
        parts = [Part(stacks, in_time(near, causal), shared=True, key_bias=bias)]
        first = Affine(0, 1, leading)
        far = in_time(lambda i, j: ~near(i, j), causal)
        if leading and length > 1:
            columns = every_query(length, first, rows_at_once(leading))
            parts.append(Part([Stack(*pair) for pair in columns], far, key_bias=bias))
        if leading and not causal and length > leading:
            rest = Affine(leading, 1, length - leading)
            step = rows_at_once(length - leading)
            starts = range(0, leading, step)
            rows = [Affine(start, 1, min(step, leading - start)) for start in starts]
            parts.append(Part([Stack(one, rest) for one in rows], far, key_bias=bias))
        return parts

    def drawn(self, length: int, causal: bool) -> Pattern:
        settings = self.window, self.dilation, self.global_tokens
        return draw_pattern(length, length, causal, *settings)

    def attend(
        self, q: Tensor, k: Tensor, v: Tensor, key_keep: Tensor | None, causal: bool
    ) -> Tensor:
        length = q.shape[2]
        if flex.selected():
            return flex.flex_attend(q, k, v, self.drawn(length, causal), key_keep, self.scale)
        return merged_attention(q, [(k, v)], self.parts(length, causal, key_keep), self.scale)

    def matrix(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> MatrixView:
        lse, pattern = self.sums(q, k, key_keep, causal), self.drawn(q.shape[2], causal)
        return ScoreView(q, k, self.scale, key_keep=key_keep, pattern=pattern, lse=lse)

    def sums(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> Tensor:
        parts = self.parts(q.shape[2], causal, key_keep)
        return merged_attention_and_sums(q, [(k, k)], parts, self.scale)[1]


def tile_rows(window: int) -> int:
    """Query rows per tile: small tiles waste fewer keys, large ones make better matrix products."""
    return 32 if window <= 32 else 64 if window <= 512 else 128


def rows_at_once(keys: int) -> int:
    """Query rows per tile that see the same keys."""
    return max(1, min(1024, ENTRIES // keys))


def _band(window: int, dilation: int) -> Rule:
    def near(i: Tensor, j: Tensor) -> Tensor:
        within = (i - j).abs() <= window * dilation
        return within if dilation == 1 else within & ((i - j) % dilation == 0)

    return near


def draw_pattern(
    queries: int, keys: int, causal: bool, window: int, dilation: int, global_tokens: int
) -> Pattern:
    near = _band(window, dilation)

    leading = min(global_tokens, keys)

    def rule(i: Tensor, j: Tensor) -> Tensor:
        return near(i, j) | (j < global_tokens) | (i < global_tokens)

    def row_counts() -> Tensor:
        i = torch.arange(queries)
        before, after = (i // dilation).clamp_max(window), (queries - 1 - i) // dilation
        # Steps back that land on a leading token: from the first that does, to the edge of the band.
        first = -((leading - 1 - i) // dilation)
        far = leading - (before - first + 1).clamp_min(0)
        ahead = torch.zeros_like(i) if causal else after.clamp_max(window)
        everything = i + 1 if causal else torch.full_like(i, keys)
        return torch.where(i < leading, everything, before + 1 + ahead + far)

    def runs() -> list[Run]:
        i = torch.arange(queries)
        ahead = 0 if causal else ((queries - 1 - i) // dilation).clamp_max(window)
        low, high = i - (i // dilation).clamp_max(window) * dilation, i + ahead * dilation + 1
        everything = i + 1 if causal else torch.full_like(i, keys)
        known = torch.where(i < leading, everything, leading)
        band = Run("band", low, high, dilation, i)
        both = replace(band, high=torch.minimum(high, known), repeats=True)
        return [band, Run("global", torch.zeros_like(i), known), both]

    return Pattern(queries, keys, in_time(rule, causal), row_counts, runs)


def count(shape: Shape, window: int, dilation: int, global_tokens: int) -> Cost:
    pattern = draw_pattern(
        shape.queries, shape.keys, shape.causal, window, dilation, global_tokens
    )
    pairs = shape.slices * int(pattern.row_counts().sum())
    return Cost(
        flops=4 * pairs * shape.head_dim,
        bytes_moved=shape.io_bytes,
        peak_bytes=2 * shape.output_bytes + 8 * shape.slices * shape.queries,
        scores=pairs,
    )


METHOD = AttentionMethod(
    name="longformer",
    title="Longformer",
    family="sparse",
    formula=r"\mathrm{softmax}\left(\frac{QK^\top}{\sqrt d} + M\right)V,\quad M_{ij}=0 \text{ if } "
    r"|i-j|\le w\delta,\ \delta\mid i-j,\text{ or } i<g \text{ or } j<g\text{, else } -\infty",
    complexity={"time": "O(N·w)", "memory": "O(N·w)"},
    paper="Beltagy et al. 2020, arXiv:2004.05150",
    summary="A sliding window, optionally dilated, plus leading global tokens that see and are seen by all.",
    limits=(
        "Tokens farther apart than the window meet only through global tokens or deeper layers.",
        "No cross-attention: a window needs queries and keys on one axis.",
    ),
    roles=frozenset({"encoder", "decoder"}),
    params=(
        Param("window", 128, "Tokens seen on each side, in steps of the dilation.", minimum=0),
        Param("dilation", 1, "Distance between seen tokens; 2 doubles the reach.", minimum=1),
        Param("global_tokens", 1, "Leading tokens that see and are seen by all.", minimum=0),
    ),
    make=Longformer,
    count=count,
    draw_pattern=draw_pattern,
    budget=Budget("window"),
)
