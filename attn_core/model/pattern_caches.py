"""Decoding methods that see some of the past: a token reads the keys that its row of the pattern names."""

from __future__ import annotations

import math
from typing import Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from torch import Tensor

from attn_core.contract import AttentionOp
from attn_core.kernels.exact import fused_attention
from attn_core.methods.multiscale import Multiscale, level_rule
from attn_core.methods.reformer import Reformer, chunks, unit
from attn_core.model.caches import Cache, Kind
from attn_core.patterns import Pattern


@runtime_checkable
class Patterned(Protocol):
    """A method whose scores are plain ones over a pattern."""

    def drawn(self, length: int, causal: bool) -> Pattern: ...


class PatternCache(Cache):
    """Reads the keys of the pattern's row alone. The pattern is the one of a text as long as the buffers, for
    that is what a pattern that moves with the length was trained on."""

    kind: Kind = "window"

    def __init__(self, op: AttentionOp, capacity: int) -> None:
        super().__init__(op, capacity)
        assert isinstance(op, Patterned)
        self.pattern = op.drawn(capacity, True)

    def visible(self) -> tuple[Tensor, Tensor]:
        row = slice(self.length - 1, self.length)
        seen = self.pattern.block(row, slice(0, self.length))[0].nonzero()[:, 0]
        k, v = (buffer.index_select(2, seen.to(buffer.device)) for buffer in self.buffers)
        return k, v


class LevelCache:
    """The means of every level's blocks, one sum per block. Coarse blocks are seen once they are complete."""

    kind: Kind = "window"

    def __init__(self, op: Multiscale, capacity: int) -> None:
        self.op, self.length = op, 0
        rules = (level_rule(op.scales, op.window, n, True) for n in range(len(op.scales)))
        self.levels = [
            (Cache(op, -(-capacity // scale)), scale, rule)
            for scale, rule in zip(op.scales, rules, strict=True)
        ]

    def step(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        i, keys, values, weights = torch.tensor(self.length), [], [], []
        for cache, scale, rule in self.levels:
            if self.length % scale == 0:
                cache.append(torch.zeros_like(k), torch.zeros_like(v))
            for buffer, row in zip(cache.buffers, (k, v), strict=True):
                buffer[:, :, cache.length - 1] += row[:, :, 0] / scale
            seen = rule(i, torch.arange(cache.length) * scale).nonzero()[:, 0]
            found = (buffer[:, :, seen.to(q.device)] for buffer in cache.buffers)
            for pile, part in zip((keys, values), found, strict=True):
                pile.append(part)
            weights.append(q.new_full((len(seen),), math.log(scale)))
        self.length += 1
        bias, k, v = torch.cat(weights)[None], torch.cat(keys, 2), torch.cat(values, 2)
        return F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=self.op.scale)

    def select(self, rows: Tensor) -> None:
        for cache, _, _ in self.levels:
            cache.select(rows)

    def elements(self) -> int:
        return sum(cache.elements() for cache, _, _ in self.levels)


class BucketCache(Cache):
    """Groups all tokens so far again, in as many buckets as the buffers are long, for the last one's row. What
    earlier tokens saw stays as it was."""

    kind: Kind = "recompute"

    def __init__(self, op: Reformer, capacity: int) -> None:
        super().__init__(op, capacity)
        self.reformer = op

    def step(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        self.append(q, v)
        queries, values = self.buffers
        position, last = torch.arange(self.capacity, device=q.device), self.length - 1
        parts = self.reformer.parts(queries, (position <= last).expand(len(q), -1), True)
        met = torch.zeros(
            q.shape[0] * q.shape[1], self.capacity, dtype=torch.bool, device=q.device
        )
        for chunk in chunks(parts, self.reformer.bucket):
            gap = chunk[:, last : last + 1] - chunk
            met = met | (gap == 0) | (gap == 1)
        met = (met & (position < last)).unflatten(0, q.shape[:2])[:, :, None]
        out = fused_attention(q, unit(queries), values, met, self.op.scale)
        return torch.where(met.any(-1, keepdim=True), out, v)
