"""Decoding linear methods with sums of a fixed size: O(1) per token, however long the text is."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from attn_core.kernels.features import Features, key_features, safe
from attn_core.matrix import widen
from attn_core.methods.ssd import StateSpaceDual
from attn_core.model.caches import Kind


@runtime_checkable
class FeatureMapped(Protocol):
    """A method of linear attention."""

    def features(self, x: Tensor) -> Features: ...


class Sums:
    """Σ φ(k)v and Σ φ(k), relative to exp of the largest logarithm so far where features come with one."""

    kind: Kind = "constant"

    def __init__(self, op: FeatureMapped) -> None:
        self.op = op
        self.sums = self.ones = self.top = torch.empty(0)

    def add(self, k: Tensor, v: Tensor, keep: Tensor | None = None) -> None:
        """Any number of keys and values (B, H, n, ·)."""
        kept = None if keep is None else keep[:, None]
        phi, log_scale = key_features(self.op.features, widen(k), kept)
        if log_scale is not None:
            log_scale = log_scale.double()
            highest = log_scale.amax(-1, keepdim=True)
            top = highest if not self.top.numel() else torch.maximum(self.top, highest)
            phi = phi * (log_scale - top).exp()[..., None].to(phi.dtype)
            if self.top.numel():
                shrink = (self.top - top).exp()[..., None].to(phi.dtype)
                self.sums, self.ones = self.sums * shrink, self.ones * shrink
            self.top = top
        more, ones = phi.transpose(-2, -1) @ widen(v), phi.sum(2, keepdim=True)
        started = self.sums.numel() > 0
        self.sums = self.sums + more if started else more
        self.ones = self.ones + ones if started else ones

    def read(self, q: Tensor) -> Tensor:
        phi = self.op.features(widen(q)).values
        weights = (phi * self.ones).sum(-1, keepdim=True)
        return (phi @ self.sums / safe(weights)).to(q.dtype)

    def step(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        self.add(k, v)
        return self.read(q)

    def select(self, rows: Tensor) -> None:
        self.sums, self.ones = self.sums[rows], self.ones[rows]
        self.top = self.top[rows] if self.top.numel() else self.top

    def elements(self) -> int:
        return self.sums.numel() + self.ones.numel() + self.top.numel()


class Recurrence:
    """State S ← a S + k v of a gated recurrence, read by q S."""

    kind: Kind = "constant"

    def __init__(self, op: StateSpaceDual) -> None:
        self.op, self.state = op, torch.empty(0)

    def step(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        wide = widen(k)
        more = wide.transpose(-2, -1) @ widen(v)
        if self.state.numel():
            decay = self.op.log_decay(wide, None).exp()[..., None].to(more.dtype)
            more = self.state * decay + more
        self.state = more
        return (widen(q) @ more).to(v.dtype)

    def select(self, rows: Tensor) -> None:
        self.state = self.state[rows]

    def elements(self) -> int:
        return self.state.numel()
