"""Factorised sparse patterns with O(N·√N) pairs.

    strided: |i-j| ≤ s, or i-j divisible by s       fixed: the own block of s tokens, or a summary column

A summary column is one of the last `summary` columns of any block. Softmax attention over those keys, each
pair once; the causal form keeps j ≤ i. With stride 0, s = round(√N). Paper: Child et al., "Generating Long
Sequences with Sparse Transformers", 2019. Time and memory follow the pairs; no mask of N×N is built.
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from attn_core.contract import AttentionMethod, AttentionOp, Budget, Cost, Dims, Param, Shape
from attn_core.kernels import flex
from attn_core.kernels.merged import merged_attention, merged_attention_and_sums
from attn_core.kernels.parts import Part, Stack, key_bias
from attn_core.kernels.slots import Affine, band_stacks, residue_classes
from attn_core.matrix import MatrixView, ScoreView
from attn_core.patterns import Pattern, Run, in_time

ROWS = 1024


class SparseTransformer(AttentionOp):
    def __init__(self, dims: Dims, pattern: str, stride: int, summary: int, seed: int) -> None:
        super().__init__(dims)
        self.pattern, self.stride, self.summary = pattern, stride, summary

    def drawn(self, length: int, causal: bool) -> Pattern:
        return draw_pattern(length, length, causal, self.pattern, self.stride, self.summary)

    def attend(
        self, q: Tensor, k: Tensor, v: Tensor, key_keep: Tensor | None, causal: bool
    ) -> Tensor:
        if flex.selected():
            pattern = self.drawn(q.shape[2], causal)
            return flex.flex_attend(q, k, v, pattern, key_keep, self.scale)
        parts, columns = self.parts(q.shape[2], causal, key_keep, q.device)
        sources = [(k, v)]
        if columns is not None:
            sources.append((k[:, :, columns], v[:, :, columns]))
        return merged_attention(q, sources, parts, self.scale)

    def matrix(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> MatrixView:
        lse, pattern = self.sums(q, k, key_keep, causal), self.drawn(q.shape[2], causal)
        return ScoreView(q, k, self.scale, key_keep=key_keep, pattern=pattern, lse=lse)

    def sums(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> Tensor:
        parts, columns = self.parts(q.shape[2], causal, key_keep, q.device)
        keys = [k] if columns is None else [k, k[:, :, columns]]
        return merged_attention_and_sums(q, [(x, x) for x in keys], parts, self.scale)[1]

    def parts(
        self, length: int, causal: bool, key_keep: Tensor | None, device: torch.device
    ) -> tuple[list[Part], Tensor | None]:
        """The parts, and the summary columns that serve as a second source of keys ("fixed" only)."""
        stride = chosen_stride(self.stride, length)
        if self.pattern == "strided":
            return _strided_parts(length, stride, causal, key_bias(key_keep)), None
        position = torch.arange(length, device=device)
        columns = position[position % stride >= stride - self.summary]
        keep = None if key_keep is None else key_keep[:, columns]
        parts = [_own_blocks(length, stride, causal, key_bias(key_keep))]
        if len(columns):
            parts.append(_summaries(length, stride, causal, columns, key_bias(keep)))
        return parts, columns


def chosen_stride(stride: int, length: int) -> int:
    return stride or max(1, round(math.sqrt(length)))


def _strided_parts(length: int, stride: int, causal: bool, bias: Tensor | None) -> list[Part]:
    reach = min(stride, length)
    rows = min(128, max(32, stride))
    near = band_stacks(length, reach, 0 if causal else reach, rows)
    same_class = [Stack(slots, slots) for slots in residue_classes(length, stride)]
    band = in_time(lambda i, j: (i - j).abs() <= stride, causal)
    beyond = in_time(lambda i, j: (i - j).abs() > stride, causal)
    return [
        Part([Stack(*pair) for pair in near], band, shared=True, key_bias=bias),
        Part(same_class, beyond, shared=True, key_bias=bias),
    ]


def _own_blocks(length: int, stride: int, causal: bool, bias: Tensor | None) -> Part:
    blocks, rest = divmod(length, stride)
    slots = [Affine(0, blocks, stride, stride)] if blocks else []
    slots += [Affine(blocks * stride, 1, rest)] if rest else []
    rule = (lambda i, j: j <= i) if causal else None
    return Part([Stack(own, own) for own in slots], rule, shared=True, key_bias=bias)


def _summaries(
    length: int, stride: int, causal: bool, columns: Tensor, bias: Tensor | None
) -> Part:
    """Every query against the summary columns of other blocks, some rows at a time."""
    positions = columns.tolist()

    def rule(i: Tensor, j: Tensor) -> Tensor:
        column = columns.to(j.device)[j] // stride
        return column < i // stride if causal else column != i // stride

    stacks = []
    for start in range(0, length, ROWS):
        stop = min(start + ROWS, length)
        # A causal row block needs no column after its last row.
        seen = sum(p < stop for p in positions) if causal else len(positions)
        if seen:
            stacks.append(Stack(Affine(start, 1, stop - start), Affine(0, 1, seen)))
    return Part(stacks, rule, source=1, key_bias=bias)


def draw_pattern(
    queries: int, keys: int, causal: bool, pattern: str, stride: int, summary: int
) -> Pattern:
    step = chosen_stride(stride, queries)
    last = queries - 1

    def strided(i: Tensor, j: Tensor) -> Tensor:
        return ((i - j).abs() <= step) | ((i - j) % step == 0)

    def fixed(i: Tensor, j: Tensor) -> Tensor:
        return (i // step == j // step) | (j % step >= step - summary)

    def strided_counts() -> Tensor:
        i = torch.arange(queries)
        before = i.clamp(max=step) + (i // step - 1).clamp_min(0)
        after = (last - i).clamp(max=step) + ((last - i) // step - 1).clamp_min(0)
        return before + 1 + (0 if causal else after)

    def fixed_counts() -> Tensor:
        i = torch.arange(queries)
        block, per_block = i // step, min(summary, step)
        if causal:
            return i % step + 1 + block * per_block
        sizes = (queries - block * step).clamp(max=step)
        total = sum(p % step >= step - summary for p in range(queries))
        return sizes + total - (sizes - (step - per_block)).clamp_min(0)

    def strided_runs() -> list[Run]:
        i = torch.arange(queries)
        ends = i + 1 if causal else torch.full_like(i, keys)
        band = Run("band", (i - step).clamp_min(0), torch.minimum(i + step + 1, ends))
        stride_run = Run("stride", torch.zeros_like(i), ends, step, i)
        return [band, stride_run, replace(stride_run, low=band.low, high=band.high, repeats=True)]

    def fixed_runs() -> list[Run]:
        i, per_block = torch.arange(queries), min(summary, step)
        start = i // step * step
        own = Run("own block", start, i + 1 if causal else (start + step).clamp_max(keys))
        ends = start if causal else torch.full_like(i, keys)
        columns = Run("summary", torch.zeros_like(i), ends, step, step - per_block, per_block)
        return [
            own,
            columns,
            replace(columns, low=start, high=own.high.minimum(ends), repeats=True),
        ]

    if pattern == "strided":
        return Pattern(queries, keys, in_time(strided, causal), strided_counts, strided_runs)
    return Pattern(queries, keys, in_time(fixed, causal), fixed_counts, fixed_runs)


def count(shape: Shape, pattern: str, stride: int, summary: int) -> Cost:
    drawn = draw_pattern(shape.queries, shape.keys, shape.causal, pattern, stride, summary)
    pairs = shape.slices * int(drawn.row_counts().sum())
    return Cost(
        flops=4 * pairs * shape.head_dim,
        bytes_moved=shape.io_bytes,
        peak_bytes=2 * shape.output_bytes + 8 * shape.slices * shape.queries,
        scores=pairs,
    )


METHOD = AttentionMethod(
    name="sparse_transformer",
    title="Sparse Transformer",
    family="sparse",
    formula=r"\mathrm{softmax}\left(\frac{QK^\top}{\sqrt d}+M\right)V,\quad M_{ij}=0 \text{ if } "
    r"|i-j|\le s \text{ or } s\mid i-j,\text{ else } -\infty",
    complexity={"time": "O(N·√N)", "memory": "O(N·√N)"},
    paper="Child et al. 2019, arXiv:1904.10509",
    summary="A local part and a strided or summarising part; two steps connect any two tokens.",
    limits=(
        "The pattern depends on N when stride is 0, so a padded batch and a shorter one differ.",
        "Strided suits data with a period; fixed suits text.",
        "No cross-attention: the pattern needs queries and keys on one axis.",
    ),
    roles=frozenset({"encoder", "decoder"}),
    params=(
        Param(
            "pattern",
            "strided",
            "Which second part joins the local one.",
            choices=("strided", "fixed"),
        ),
        Param("stride", 0, "Local reach and period; 0 takes the root of the length.", minimum=0),
        Param(
            "summary",
            1,
            "Columns at the end of each block that all later rows see (fixed).",
            minimum=1,
        ),
    ),
    make=SparseTransformer,
    count=count,
    draw_pattern=draw_pattern,
    budget=Budget("stride"),
)
