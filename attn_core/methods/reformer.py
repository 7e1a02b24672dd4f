"""Attention inside buckets of similar vectors, found by locality-sensitive hashing.

    k_j = q_j / ‖q_j‖;   per round: sort tokens by (bucket, position), cut into chunks, attend own and previous chunk

Rounds are combined by their log-sum-exp, and a pair met in several rounds counts once. A token attends itself
only when it meets no other. Queries and keys are shared: the keys passed in are replaced by the normalised
queries. Paper: Kitaev et al., "Reformer", 2020. Time O(N·bucket·rounds) plus hashing O(N·√(N/bucket)·d) and
sorting; memory O(N·rounds). The grouping depends on every token: with `causal`, no later *value* reaches an
earlier output, but later queries may change which past tokens share a chunk with it.
"""

from __future__ import annotations

import math
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from attn_core.contract import AttentionMethod, AttentionOp, Budget, Cost, Dims, Param, Shape
from attn_core.kernels.merged import merged_attention_and_sums
from attn_core.kernels.parts import Mask, Ordered, Part, Stack
from attn_core.kernels.slots import band_stacks
from attn_core.matrix import MatrixView, ScoreView, widen
from attn_core.patterns import bounds

# More buckets than this are found as pairs of two smaller hashes, or hashing alone would cost O(N²).
DIRECT_BUCKETS = 128
# Added to a score half of it makes a weight of exactly zero; finite, because 0·∞ is not a number.
FORBID = 3e38


class Reformer(AttentionOp):
    shares_queries_and_keys = True

    def __init__(self, dims: Dims, bucket: int, rounds: int, seed: int) -> None:
        super().__init__(dims)
        self.bucket, self.rounds, self.seed = bucket, rounds, seed

    def attend(
        self, q: Tensor, k: Tensor, v: Tensor, key_keep: Tensor | None, causal: bool
    ) -> Tensor:
        q = _SharedWithKeys.apply(q, k)
        parts = self.parts(q, key_keep, causal)
        out, lse = merged_attention_and_sums(q, [(unit(q), v)], parts, self.scale)
        alone = lse == -torch.inf
        if key_keep is not None:
            alone = alone & key_keep[:, None, :]
        return torch.where(alone[..., None], v, out)

    def matrix(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> MatrixView:
        parts, keys = self.parts(q, key_keep, causal), unit(q)
        _, lse = merged_attention_and_sums(q, [(keys, keys)], parts, self.scale)
        own = (q * keys).sum(-1).to(lse.dtype) * self.scale
        pattern = BucketPattern(chunks(parts, self.bucket), lse == -torch.inf, causal, q.shape)
        view = ScoreView(
            q, keys, self.scale, key_keep=key_keep, lse=torch.where(pattern.alone, own, lse)
        )
        view.pattern = pattern  # pyright: ignore[reportAttributeAccessIssue]
        return view

    def sums(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> Tensor:
        """The scores of the keys passed in, which the method itself replaces."""
        parts = self.parts(q, key_keep, causal)
        lse = merged_attention_and_sums(q, [(k, k)], parts, self.scale)[1]
        own = (q * k).sum(-1).to(lse.dtype) * self.scale
        return torch.where(lse == -torch.inf, own, lse)

    @torch.no_grad()
    def parts(self, q: Tensor, key_keep: Tensor | None, causal: bool) -> list[Ordered]:
        """One part per round; each drops the pairs an earlier round has met."""
        # Hashed in fp32 or wider, so that half precision groups the tokens like full precision does.
        flat, length = widen(q.flatten(0, 1)), q.shape[2]
        dropped = None if key_keep is None else ~key_keep.repeat_interleave(q.shape[1], 0)
        stacks = [Stack(*pair) for pair in band_stacks(length, self.bucket, 0, self.bucket)]
        parts: list[Ordered] = []
        met: list[Tensor] = []
        for buckets in self.buckets_of(flat):
            if dropped is not None:
                # Padding goes last, so that it moves no real token.
                buckets = buckets.masked_fill(dropped, torch.iinfo(buckets.dtype).max)
            order = buckets.sort(dim=-1, stable=True).indices
            places = torch.arange(length, device=q.device).expand_as(order)
            inverse = torch.empty_like(order).scatter_(1, order, places)
            part_of = partial(_round_part, stacks, order, tuple(met), dropped, causal, flat.dtype)
            parts.append(Ordered(order, inverse, part_of))
            met.append((inverse // self.bucket).to(flat.dtype))
        return parts

    def buckets_of(self, x: Tensor) -> Tensor:
        """Bucket of every token in every round (rounds, G, N): the nearest of ± random directions, in one or two
        factors. All rounds share one product."""
        buckets = x.new_zeros(self.rounds, *x.shape[:2], dtype=torch.int32)
        for factor, size in enumerate(bucket_factors(-(-x.shape[1] // self.bucket))):
            half = size // 2
            directions = rotations(self.seed, factor, x.shape[2], self.rounds * half).to(x)
            projected = (x @ directions).unflatten(-1, (self.rounds, half)).movedim(-2, 0)
            nearest = projected.abs().argmax(-1, keepdim=True)
            behind = projected.gather(-1, nearest) < 0
            buckets = buckets * size + (nearest + behind * half)[..., 0].to(torch.int32)
        return buckets


class _SharedWithKeys(torch.autograd.Function):
    """The queries, with a gradient of zero for the keys they replace: their content changes nothing."""

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx.key_shape = k.shape
        return q.view_as(q)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return grad, grad.new_zeros(()).expand(ctx.key_shape)


def unit(q: Tensor) -> Tensor:
    return F.normalize(q, dim=-1)


def bucket_factors(wanted: int) -> list[int]:
    """Even sizes whose product is at least `wanted`; none for a single bucket."""
    if wanted == 1:
        return []
    if wanted <= DIRECT_BUCKETS:
        return [wanted + wanted % 2]
    root = math.isqrt(wanted - 1) + 1
    first = root + root % 2
    second = -(-wanted // first)
    return [first, second + second % 2]


@lru_cache(maxsize=256)
def rotations(seed: int, factor: int, width: int, directions: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed * 2 + factor)
    return torch.randn(width, directions, generator=generator)


@dataclass(frozen=True)
class _RoundPart(Part):
    """One head in one round, in sorted positions: what was where, and who met whom before.

    Its masks differ for every tile, so they are most of its work. They are made by arithmetic on small whole
    numbers held as floats, several times faster than comparisons: a pair to drop comes out negative.
    """

    position: Tensor = field(kw_only=True)
    met: tuple[Tensor, ...] = field(kw_only=True)
    dropped: Tensor | None = field(kw_only=True)
    causal: bool = field(kw_only=True)

    def mask(self, stack: Stack, sample: int, like: Tensor) -> Mask:
        queries, keys = stack.queries, stack.keys

        def gap(x: Tensor) -> Tensor:
            own, other = queries.read(x[None])[0], keys.read(x[None])[0]
            return own[:, :, None] - other[:, None, :]

        penalty = gap(self.position)
        if not self.causal:
            penalty.abs_()
        # -½ for oneself, and for the future when causal.
        penalty.sub_(0.5).clamp_(max=0.0)
        for chunk in self.met:
            # Met before: the key's chunk was the query's own or the one before it, a gap of 0 or 1.
            penalty.add_(gap(chunk).sub_(0.5).abs_().sub_(1.0).clamp_(max=0.0))
        if self.dropped is not None:
            penalty.sub_(keys.read(self.dropped[None])[0][:, None, :])
        bias = penalty.mul_(FORBID)[None].to(like.dtype)
        dead = bias.amax(-1) < 0
        return Mask(bias, dead if bool(dead.any()) else None)


def _round_part(
    stacks: list[Stack],
    order: Tensor,
    met: tuple[Tensor, ...],
    dropped: Tensor | None,
    causal: bool,
    dtype: torch.dtype,
    row: int,
) -> Part:
    position = order[row]
    earlier = tuple(chunk[row][position] for chunk in met)
    gone = None if dropped is None else dropped[row][position].to(dtype)
    return _RoundPart(
        stacks, position=position.to(dtype), met=earlier, dropped=gone, causal=causal
    )


def chunks(parts: list[Ordered], bucket: int) -> list[Tensor]:
    return [part.inverse // bucket for part in parts]


class BucketPattern:
    """Which pairs met in any round; differs by batch element and head: blocks are (B, H, r, c)."""

    def __init__(
        self, chunk_of: list[Tensor], alone: Tensor, causal: bool, shape: torch.Size
    ) -> None:
        self.chunk_of = [chunk.unflatten(0, shape[:2]) for chunk in chunk_of]
        self.alone, self.causal = alone, causal
        self.queries = self.keys = shape[2]

    def block(self, rows: slice, cols: slice, device: torch.device | None = None) -> Tensor:
        i = torch.arange(*bounds(rows, self.queries), device=self.alone.device)[:, None]
        j = torch.arange(*bounds(cols, self.keys), device=self.alone.device)
        met = torch.zeros((), dtype=torch.bool, device=self.alone.device)
        for chunk in self.chunk_of:
            gap = chunk[:, :, rows, None] - chunk[:, :, None, cols]
            met = met | (gap == 0) | (gap == 1)
        met = met & (j < i if self.causal else j != i)
        return met | (self.alone[:, :, rows, None] & (i == j))

    def one(self, head: int, batch: int) -> BucketPattern:
        one, part = copy(self), (slice(batch, batch + 1), slice(head, head + 1))
        one.chunk_of, one.alone = [chunk[part] for chunk in self.chunk_of], self.alone[part]
        return one

    def density(self) -> float:
        """The mean share of pairs that meet, over the batch and heads."""
        strip = max(1, (1 << 24) // (self.keys * self.alone.shape[0] * self.alone.shape[1]))
        whole = slice(None)
        starts = range(0, self.queries, strip)
        pairs = sum(int(self.block(slice(s, s + strip), whole).sum()) for s in starts)
        return pairs / (self.alone.numel() * self.keys)


def count(shape: Shape, bucket: int, rounds: int, seed: int) -> Cost:
    tokens = shape.slices * shape.queries
    full, rest = divmod(shape.queries, bucket)
    # Every chunk sees itself and the one before it.
    pairs = (
        full * bucket**2 + rest**2 + max(0, full - 1) * bucket**2 + (rest * bucket if full else 0)
    )
    hashing = tokens * shape.head_dim * sum(bucket_factors(-(-shape.queries // bucket)))
    return Cost(
        flops=rounds * (4 * shape.slices * pairs * shape.head_dim + hashing),
        bytes_moved=shape.io_bytes + rounds * 2 * shape.io_bytes,
        peak_bytes=3 * shape.output_bytes + tokens * 24 * rounds,
        scores=rounds * shape.slices * pairs,
    )


METHOD = AttentionMethod(
    name="reformer",
    title="Reformer (LSH)",
    family="sparse",
    formula=r"\mathrm{softmax}\left(\frac{Q\hat Q^\top}{\sqrt d}+M\right)V,\quad \hat q=\frac{q}{\lVert q\rVert},\ "
    r"M_{ij}=0 \text{ if } i,j \text{ meet in a round, else } -\infty",
    complexity={"time": "O(N·√N) hashing, O(N·b·r) attention", "memory": "O(N·r)"},
    paper="Kitaev et al. 2020, arXiv:2001.04451",
    summary="Hashing sorts similar tokens into chunks; each attends within its chunk and the one before.",
    limits=(
        "Queries and keys are shared: the keys passed in are replaced by the normalised queries.",
        "Which tokens meet depends on all tokens, later queries and the length included; only values of later "
        "tokens are guaranteed never to reach an earlier output.",
        "No cross-attention: there is only one set of vectors to hash.",
    ),
    roles=frozenset({"encoder", "decoder"}),
    params=(
        Param("bucket", 64, "Tokens per chunk.", minimum=1),
        Param("rounds", 4, "Hashing rounds; more find more of the near neighbours.", minimum=1),
        Param("seed", 0, "Which random directions hash the tokens.", minimum=0),
    ),
    make=Reformer,
    count=count,
    budget=Budget("rounds", low=1, high=16),
)
