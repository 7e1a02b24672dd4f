"""Block-sparse attention: a window of blocks, a few random blocks, and global blocks.

    block u sees the blocks { |u-b| ≤ window/2 } ∪ { b < global_blocks } ∪ { `random` others drawn by the seed }

Global blocks see everything. Softmax over those keys, each block once. The draw depends on the seed and the
number of blocks alone, so training and evaluation use the same pattern. Paper: Zaheer et al., "Big Bird",
2020. Time and memory O(N·block·(window + random + global)). Not causal: global blocks look ahead.
"""

from __future__ import annotations

import random as draws
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from attn_core.contract import AttentionMethod, AttentionOp, Budget, Cost, Dims, Param, Shape
from attn_core.kernels import flex
from attn_core.kernels.merged import merged_attention_and_sums
from attn_core.kernels.parts import Part, Stack, key_bias
from attn_core.kernels.slots import Affine, Blocks
from attn_core.matrix import MatrixView, ScoreView
from attn_core.patterns import Pattern, Rule, Run


class BigBird(AttentionOp):
    def __init__(
        self, dims: Dims, block: int, random: int, global_blocks: int, window: int, seed: int
    ) -> None:
        super().__init__(dims)
        self.settings = (block, random, global_blocks, window, seed)

    def parts(self, length: int, key_bias: Tensor | None, device: torch.device) -> list[Part]:
        block, _, global_blocks, _, _ = self.settings
        full, rest = divmod(length, block)
        table = block_table(-(-length // block), *self.settings[1:]).to(device)
        stacks = []
        if full:
            stacks.append(Stack(Affine(0, full, block, block), Blocks(table[:full], block)))
        if rest:
            stacks.append(Stack(Affine(full * block, 1, rest), Blocks(table[full:], block)))
        parts = [Part(stacks, key_bias=key_bias)]
        leading = min(global_blocks * block, length)
        if leading:
            listed = _listed(table, block)
            rows = Stack(Affine(0, 1, leading), Affine(0, 1, length))
            parts.append(Part([rows], lambda i, j: ~listed(i, j), key_bias=key_bias))
        return parts

    def attend(
        self, q: Tensor, k: Tensor, v: Tensor, key_keep: Tensor | None, causal: bool
    ) -> Tensor:
        if flex.selected():
            pattern = draw_pattern(q.shape[2], q.shape[2], causal, *self.settings)
            return flex.flex_attend(q, k, v, pattern, key_keep, self.scale)
        return self._attend_and_sum(q, k, v, key_keep)[0]

    def _attend_and_sum(
        self, q: Tensor, k: Tensor, v: Tensor, key_keep: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Keys and values are filled up to whole blocks, and what was filled in is dropped again."""
        length = q.shape[2]
        lack = -length % self.settings[0]
        if lack:
            if key_keep is None:
                key_keep = torch.ones(q.shape[0], length, dtype=torch.bool, device=q.device)
            k, v = F.pad(k, (0, 0, 0, lack)), F.pad(v, (0, 0, 0, lack))
            key_keep = F.pad(key_keep, (0, lack))
        parts = self.parts(length, key_bias(key_keep), q.device)
        # Whole blocks are gathered as rows, which they only are when a head's tokens follow each other.
        return merged_attention_and_sums(q, [(k.contiguous(), v.contiguous())], parts, self.scale)

    def matrix(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> MatrixView:
        lse = self.sums(q, k, key_keep, causal)
        pattern = draw_pattern(q.shape[2], q.shape[2], causal, *self.settings)
        return ScoreView(q, k, self.scale, key_keep=key_keep, pattern=pattern, lse=lse)

    def sums(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> Tensor:
        return self._attend_and_sum(q, k, k, key_keep)[1]


def check_together(window: int, **_: int) -> None:
    if window % 2 == 0:
        raise ValueError(f"bigbird: window must be an odd number of blocks, got {window}")


@lru_cache(maxsize=64)
def block_table(blocks: int, random: int, global_blocks: int, window: int, seed: int) -> Tensor:
    """(blocks, global + window + random) block numbers each block sees, each once; -1 fills empty places."""
    generator, rows = draws.Random(seed), []
    leading = list(range(min(global_blocks, blocks)))
    for block in range(blocks):
        near = range(max(0, block - window // 2), min(blocks, block + window // 2 + 1))
        seen = sorted({*leading, *near})
        chosen = generator.sample(range(blocks - len(seen)), min(random, blocks - len(seen)))
        # The draw numbers the blocks not seen yet; step over the seen ones to find them.
        for place, number in enumerate(chosen):
            for taken in seen:
                number += taken <= number
            chosen[place] = number
        rows.append(seen + sorted(chosen))
    longest = max(map(len, rows))
    return torch.tensor([row + [-1] * (longest - len(row)) for row in rows])


def _listed(table: Tensor, block: int) -> Rule:
    """Whether the block of key j is in the table row of the block of query i."""

    def listed(i: Tensor, j: Tensor) -> Tensor:
        row = table.to(i.device)[i // block]
        return (row == (j // block)[..., None]).any(-1)

    return listed


def draw_pattern(
    queries: int,
    keys: int,
    causal: bool,
    block: int,
    random: int,
    global_blocks: int,
    window: int,
    seed: int,
) -> Pattern:
    blocks = -(-queries // block)
    table = block_table(blocks, random, global_blocks, window, seed)
    listed = _listed(table, block)

    def rule(i: Tensor, j: Tensor) -> Tensor:
        return listed(i, j) | (i // block < global_blocks)

    def row_counts() -> Tensor:
        sizes = torch.full((blocks + 1,), block)
        sizes[blocks - 1] = keys - (blocks - 1) * block
        sizes[-1] = 0
        per_block = sizes[table].sum(1)
        per_block[:global_blocks] = keys
        return per_block.repeat_interleave(sizes[:-1])

    def runs() -> list[Run]:
        return _block_runs(table, block, queries, global_blocks, window)

    return Pattern(queries, keys, rule, row_counts, runs)


def _block_runs(
    table: Tensor, block: int, length: int, global_blocks: int, window: int
) -> list[Run]:
    """The table's blocks by what they are there for. A global block's row is one run over everything."""
    own, place = torch.arange(len(table))[:, None], torch.arange(table.shape[1])
    leads, listed = own < global_blocks, table >= 0
    near = listed & ((table - own).abs() <= window // 2)
    shown = listed & (table < global_blocks) & ~leads
    every_row = torch.arange(length) // block

    def run(part: str, which: Tensor, repeats: bool = False) -> Run:
        low, high = table * block, (table * block + block).clamp_max(length)
        whole = leads & (place == 0) if part == "global" else torch.zeros_like(which)
        low, high = (
            low.where(which, 0),
            torch.full_like(high, length).where(whole, high.where(which, 0)),
        )
        return Run(part, low[every_row], high[every_row], repeats=repeats)

    random = listed & ~near & ~shown & ~leads
    both = near & (shown | leads)
    return [
        run("window", near),
        run("global", shown),
        run("random", random),
        run("both", both, True),
    ]


def count(
    shape: Shape, block: int, random: int, global_blocks: int, window: int, seed: int
) -> Cost:
    settings = (block, random, global_blocks, window, seed)
    pattern = draw_pattern(shape.queries, shape.keys, False, *settings)
    pairs = shape.slices * int(pattern.row_counts().sum())
    return Cost(
        flops=4 * pairs * shape.head_dim,
        bytes_moved=shape.io_bytes,
        peak_bytes=2 * shape.output_bytes + 8 * shape.slices * shape.queries,
        scores=pairs,
    )


METHOD = AttentionMethod(
    name="bigbird",
    title="BigBird",
    family="sparse",
    formula=r"\mathrm{softmax}\left(\frac{QK^\top}{\sqrt d}+M\right)V,\quad "
    r"M_{ij}=0 \text{ in window, random and global blocks},\quad \text{else } -\infty",
    complexity={"time": "O(N·b·(w+r+g))", "memory": "O(N·b·(w+r+g))"},
    paper="Zaheer et al. 2020, arXiv:2007.14062",
    summary="Blocks see their neighbours, a few random blocks and the global ones.",
    limits=(
        "Encoder only: global blocks see the future, and no cross form exists.",
        "The random blocks depend on the number of blocks, so a padded batch and a shorter one differ.",
    ),
    roles=frozenset({"encoder"}),
    params=(
        Param("block", 64, "Tokens per block.", minimum=1),
        Param("random", 3, "Random blocks each block sees.", minimum=0),
        Param("global_blocks", 1, "Leading blocks that see and are seen by all.", minimum=0),
        Param("window", 3, "Neighbouring blocks seen, the own one included; odd.", minimum=1),
        Param("seed", 0, "Which random blocks are drawn.", minimum=0),
    ),
    make=BigBird,
    count=count,
    draw_pattern=draw_pattern,
    check_together=check_together,
    budget=Budget("window", low=1),
)
