"""A fine neighbourhood, and ever farther context as ever coarser means.

    Z_i = Σ_b softmax_b( q_i·k̄_b/√d + log n_b ) v̄_b

over blocks b: single tokens near i, means k̄, v̄ of n_b tokens farther away. Level ℓ holds blocks of scales[ℓ]
tokens as far as about window·scales[ℓ] tokens; the levels meet without gap or overlap because each ends on a
block edge of the next. log n_b makes a mean weigh as much as its tokens, so that constant keys are attended
exactly. Related: Nguyen et al., "FMMformer", 2021; Zhu & Soricut, "H-Transformer-1D", 2021. Time and memory are
O(N·w·levels).
"""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor

from attn_core.contract import AttentionMethod, AttentionOp, Budget, Cost, Dims, Param, Shape
from attn_core.kernels.merged import merged_attention, merged_attention_and_sums
from attn_core.kernels.parts import Part, Stack, key_bias
from attn_core.kernels.slots import band_stacks
from attn_core.matrix import MatrixView, widen
from attn_core.patterns import Pattern, Rule, Run, in_time

ROWS = 64


class Multiscale(AttentionOp):
    def __init__(self, dims: Dims, scales: tuple[int, ...], window: int, seed: int) -> None:
        super().__init__(dims)
        self.scales, self.window = scales, window

    def attend(
        self, q: Tensor, k: Tensor, v: Tensor, key_keep: Tensor | None, causal: bool
    ) -> Tensor:
        counts = [block_counts(k, key_keep, scale) for scale in self.scales]
        pooled = [
            (block_means(k, key_keep, n, scale), block_means(v, key_keep, n, scale))
            for n, scale in zip(counts, self.scales, strict=True)
        ]
        parts = self.parts(q.shape[2], causal, key_keep, counts)
        return merged_attention(q, pooled, parts, self.scale)

    def matrix(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> MatrixView:
        counts = [block_counts(k, key_keep, scale) for scale in self.scales]
        keys = [
            block_means(k, key_keep, n, scale)
            for n, scale in zip(counts, self.scales, strict=True)
        ]
        parts = self.parts(q.shape[2], causal, key_keep, counts)
        _, lse = merged_attention_and_sums(q, [(x, x) for x in keys], parts, self.scale)
        levels = [level_rule(self.scales, self.window, n, causal) for n in range(len(keys))]
        view = LevelView(q, k, keys, levels, self.scales, lse, self.scale, key_keep)
        view.pattern = draw_pattern(*view.shape, causal, self.scales, self.window)
        return view

    def sums(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> Tensor:
        """Every token its own key, where the method reads means."""
        rule = draw_pattern(q.shape[2], k.shape[2], causal, self.scales, self.window).rule
        outer, length = self.scales[-1], q.shape[2]
        reach = min((self.window + 1) * outer, -(-length // outer) * outer)
        rows = -(-ROWS // outer) * outer
        band = band_stacks(length, reach, 0 if causal else reach, rows)
        stacks = [Stack(*pair) for pair in band]
        part = Part(stacks, rule, shared=True, key_bias=key_bias(key_keep))
        return merged_attention_and_sums(q, [(k, k)], [part], self.scale)[1]

    def parts(
        self, length: int, causal: bool, key_keep: Tensor | None, counts: list[Tensor]
    ) -> list[Part]:
        parts = []
        for level, scale in enumerate(self.scales):
            outer, reach = reaches(self.scales, self.window)[level]
            span = min(reach * outer, -(-length // outer) * outer) // scale
            # A quarter of the reach per tile: wider tiles read fewer keys in all, but more in vain.
            rows = -(-max(ROWS, span * scale // 4) // outer) * outer
            stacks = band_stacks(length, span, 0 if causal else span, rows, ratio=scale)
            inside = level_rule(self.scales, self.window, level, causal)
            rule = _on_blocks(inside, scale)
            bias = key_bias(key_keep) if scale == 1 else counts[level].log()
            pairs = [Stack(*pair) for pair in stacks]
            parts.append(Part(pairs, rule, shared=True, source=level, key_bias=bias))
        return parts


def check_together(scales: tuple[int, ...], **_: int) -> None:
    rising = all(a < b and b % a == 0 for a, b in pairwise(scales))
    if scales[0] != 1 or not rising:
        raise ValueError(
            f"multiscale: scales must start at 1 and each divide the next, larger one, got {scales}"
        )


def block_counts(k: Tensor, key_keep: Tensor | None, scale: int) -> Tensor:
    """Real tokens in each block of `scale` tokens, (B, blocks)."""
    keep = k.new_ones(k.shape[0], k.shape[2]) if key_keep is None else key_keep.to(k.dtype)
    return F.pad(widen(keep), (0, -k.shape[2] % scale)).unflatten(1, (-1, scale)).sum(2)


def block_means(x: Tensor, key_keep: Tensor | None, counts: Tensor, scale: int) -> Tensor:
    """Means over the real tokens of each block, (B, H, blocks, D)."""
    if scale == 1:
        return x
    if key_keep is not None:
        x = x * key_keep[:, None, :, None]
    lack = -x.shape[2] % scale
    blocks = (F.pad(x, (0, 0, 0, lack)) if lack else x).unflatten(2, (-1, scale))
    return blocks.sum(3) / counts.clamp_min(1).to(x.dtype)[:, None, :, None]


def reaches(scales: tuple[int, ...], window: int) -> list[tuple[int, int]]:
    """Per level (outer, reach): it ends where blocks of `outer` tokens are more than `reach` blocks away."""
    inner = [(b, -(-window * a // b)) for a, b in pairwise(scales)]
    return [*inner, (scales[-1], window)]


def level_rule(scales: tuple[int, ...], window: int, level: int, causal: bool) -> Rule:
    """Whether token j is attended by token i at this level: inside its reach, outside the finer one's."""
    outer, reach = reaches(scales, window)[level]

    def rule(i: Tensor, j: Tensor) -> Tensor:
        inside = (i // outer - j // outer).abs() <= reach
        if level:
            finer, finer_reach = reaches(scales, window)[level - 1]
            inside = inside & ((i // finer - j // finer).abs() > finer_reach)
        return inside

    return in_time(rule, causal)


def _on_blocks(rule: Rule, scale: int) -> Rule:
    """The rule for block numbers: all tokens of a block agree, so its first stands for it."""
    return lambda i, j: rule(i, j * scale)


class LevelView(MatrixView):
    """A token's weight is its block's divided by the tokens in it: exp(q·k̄ - log-sum-exp)."""

    def __init__(
        self,
        q: Tensor,
        k: Tensor,
        keys: list[Tensor],
        levels: list[Rule],
        scales: tuple[int, ...],
        lse: Tensor,
        scale: float,
        key_keep: Tensor | None,
    ) -> None:
        super().__init__(q, k)
        self.q, self.keys = widen(q) * scale, [widen(x) for x in keys]
        self.levels, self.scales, self.key_keep = levels, scales, key_keep
        self.lse = lse.nan_to_num(neginf=0.0)

    def one(self, head: int, batch: int = 0) -> LevelView:
        one, part = self.alone(head, batch)
        one.q, one.lse = self.q[part], self.lse[part]
        one.keys = [keys[part] for keys in self.keys]
        return one

    def read(self, i: tuple[int, int], j: tuple[int, int]) -> Tensor:
        rows, cols = (torch.arange(*x, device=self.device) for x in (i, j))
        queries = self.q[:, :, slice(*i)]
        scores = queries.new_full((*queries.shape[:3], len(cols)), -torch.inf)
        for keys, rule, scale in zip(self.keys, self.levels, self.scales, strict=True):
            here = rule(rows[:, None], cols[None, :])
            if here.any():
                level = queries @ keys[:, :, cols // scale].transpose(-2, -1)
                scores = torch.where(here, level, scores)
        if self.key_keep is not None:
            scores = scores.masked_fill(~self.key_keep[:, None, None, slice(*j)], -torch.inf)
        return (scores - self.lse[:, :, slice(*i), None]).exp()


def draw_pattern(
    queries: int, keys: int, causal: bool, scales: tuple[int, ...], window: int
) -> Pattern:
    outer = scales[-1]

    def rule(i: Tensor, j: Tensor) -> Tensor:
        return (i // outer - j // outer).abs() <= window

    def row_counts() -> Tensor:
        i = torch.arange(queries)
        first = ((i // outer - window) * outer).clamp_min(0)
        last = i + 1 if causal else ((i // outer + window + 1) * outer).clamp_max(keys)
        return last - first

    def runs() -> list[Run]:
        i = torch.arange(queries)
        ends = i + 1 if causal else torch.full_like(i, keys)
        found, inner = [], (i, i)
        for scale, (outer, reach) in zip(scales, reaches(scales, window), strict=True):
            low = ((i // outer - reach) * outer).clamp_min(0)
            high = ((i // outer + reach + 1) * outer).minimum(ends)
            sides = torch.stack([low, inner[1]], -1), torch.stack([inner[0], high], -1)
            found.append(Run("single tokens" if scale == 1 else f"means of {scale}", *sides))
            inner = low, high
        return found

    return Pattern(queries, keys, in_time(rule, causal), row_counts, runs)


def count(shape: Shape, scales: tuple[int, ...], window: int) -> Cost:
    i, pairs = torch.arange(shape.queries), 0
    sides = [i] if shape.causal else [i, shape.queries - 1 - i]
    pooled = sum(shape.keys // scale for scale in scales[1:])
    covered = 0
    for scale, (outer, reach) in zip(scales, reaches(scales, window), strict=True):
        # Blocks of `scale` tokens per side, less those a finer level holds, plus the own token below.
        span, near = (reach * outer + (outer - 1) // 2) // scale, covered // scale
        for tokens in sides:
            blocks = tokens // scale
            pairs += int((blocks.clamp_max(span) - blocks.clamp_max(near)).sum())
        covered = span * scale
    pairs = shape.slices * (pairs + shape.queries)
    pooled_bytes = 2 * shape.slices * pooled * shape.head_dim * shape.element_size
    return Cost(
        flops=4 * pairs * shape.head_dim,
        bytes_moved=shape.io_bytes + 2 * pooled_bytes,
        peak_bytes=2 * shape.output_bytes + pooled_bytes + 8 * shape.slices * shape.queries,
        scores=pairs,
    )


METHOD = AttentionMethod(
    name="multiscale",
    title="Multiscale",
    family="sparse",
    formula=r"\sum_b \mathrm{softmax}_b\left(\frac{q_i\cdot\bar k_b}{\sqrt d}+\log n_b\right)\bar v_b",
    complexity={"time": "O(N·w·levels)", "memory": "O(N·w·levels)"},
    paper="Related: Nguyen et al. 2021, arXiv:2108.02347; Zhu & Soricut 2021, arXiv:2107.11906",
    summary="Full resolution nearby, means over ever more tokens farther away.",
    limits=(
        "Far tokens are seen as means: one sharp key among them is blurred.",
        "Nothing beyond about window·(largest scale) tokens is seen at all.",
        "No cross-attention: distance needs queries and keys on one axis.",
    ),
    roles=frozenset({"encoder", "decoder"}),
    params=(
        Param(
            "scales",
            (1, 4, 16),
            "Tokens per block of each level; each divides the next.",
            minimum=1,
        ),
        Param("window", 64, "Blocks seen on each side, at every level.", minimum=1),
    ),
    make=Multiscale,
    count=count,
    draw_pattern=draw_pattern,
    check_together=check_together,
    budget=Budget("window"),
)
