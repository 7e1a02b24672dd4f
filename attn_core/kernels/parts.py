"""A part of an attention matrix: a set of (query, key) pairs cut into stacks of tiles.

The parts of one call never share a pair, so their outputs merge exactly (see merged.py). A part knows which
pairs it holds, and how to cut itself so that what is held in memory at a time stays small.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from attn_core.kernels.slots import Affine, Blocks
from attn_core.matrix import widen
from attn_core.patterns import Rule

# Elements of scores, outputs, masks or gathered keys held at a time. A CPU keeps them in cache and spares the
# page faults of fresh memory, which cost more than the arithmetic; a GPU wants few, large launches.
CPU_ELEMENTS = 1 << 20
CUDA_ELEMENTS = 1 << 27


class Mask(NamedTuple):
    """What is added to the scores of a piece, over (G or 1, T or 1, b, s), and the rows that see nothing."""

    bias: Tensor | None = None
    dead: Tensor | None = None


@dataclass(frozen=True)
class Stack:
    """Query tiles, each against the key tile of the same number."""

    queries: Affine
    keys: Affine | Blocks

    def part(self, first: int, last: int) -> Stack:
        return Stack(self.queries.part(first, last), self.keys.part(first, last))

    @property
    def pairs_per_tile(self) -> int:
        return self.queries.width * self.keys.width


class Piece(NamedTuple):
    """As many heads (rows of G) and tiles as are worked on at a time."""

    rows: slice
    stack: Stack
    mask: Mask


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

    def allowed(self, stack: Stack, device: torch.device) -> Tensor | None:
        """Bool (T or 1, b, s), or None if every pair of the stack is attended."""
        filled = None
        if isinstance(stack.keys, Blocks) and bool((stack.keys.index < 0).any()):
            filled = (stack.keys.positions(device) >= 0)[:, None, :].expand(
                -1, stack.queries.width, -1
            )
        if self.rule is None:
            return filled
        one = stack.part(0, 1) if self.shared else stack
        i, j = one.queries.positions(device), one.keys.positions(device)
        allowed = self.rule(i[:, :, None], j[:, None, :])
        return allowed if filled is None else allowed & filled

    def mask(self, stack: Stack, sample: int, like: Tensor) -> Mask:
        """For one sample of the batch."""
        bias = dead = None
        # Scores are made in fp32 or wider, and so is what is added to them.
        dtype = widen(like[:0]).dtype
        allowed = self.allowed(stack, like.device)
        if allowed is not None:
            bias = torch.where(allowed, 0.0, -torch.inf).to(dtype)[None]
            dead = ~allowed.any(-1)[None]
        if self.key_bias is not None:
            keys = stack.keys.read(self.key_bias[sample : sample + 1].to(dtype))[:, :, None]
            bias = keys if bias is None else bias + keys
            dead = bias.amax(-1) == -torch.inf
        if bias is not None:
            bias = bias.expand(-1, -1, stack.queries.width, -1)
        # Asking costs a wait on a GPU and nothing on a CPU.
        if dead is not None and not dead.is_cuda and not bool(dead.any()):
            dead = None
        return Mask(bias, dead)

    def pieces(self, q: Tensor, heads: int) -> Iterator[Piece]:
        """The whole part for q (G, N, D) with G = samples·heads, piece by piece."""
        groups = q.shape[0]
        sample = groups if self.key_bias is None else heads
        for stack in self.stacks:
            tiles, span = self._piece_size(stack, q, sample)
            for first in range(0, stack.queries.tiles, tiles):
                part = stack.part(first, min(first + tiles, stack.queries.tiles))
                for base in range(0, groups, sample):
                    mask = self.mask(part, base // heads, q)
                    for row in range(base, base + sample, span):
                        yield Piece(slice(row, min(row + span, base + sample)), part, mask)

    def _piece_size(self, stack: Stack, q: Tensor, sample: int) -> tuple[int, int]:
        """How many tiles and how many heads to take at a time."""
        gathered = stack.keys.width * q.shape[2] if isinstance(stack.keys, Blocks) else 0
        outputs = stack.queries.width * q.shape[2]
        held = max(stack.pairs_per_tile, outputs, gathered)
        budget = CUDA_ELEMENTS if q.is_cuda else CPU_ELEMENTS
        tiles = min(stack.queries.tiles, max(1, budget // held))
        # Many tiles of one head, or one tile of many heads, are plain batched products over strided views, for
        # which a CPU copies nothing; a GPU rather copies than waits for many small launches.
        plain = stack.queries.tiles > 1 and not q.is_cuda
        return tiles, 1 if plain else min(sample, max(1, budget // (held * tiles)))


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
    return None if key_keep is None else torch.where(key_keep, 0.0, -torch.inf)
