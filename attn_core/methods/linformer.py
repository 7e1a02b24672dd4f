"""Attention to a fixed number of mixtures of the keys.

    Z = softmax(Q(EK)ᵀ / √d) (FV),   E, F: rank × M

E and F mix tokens: learned (`projection="linear"`) or means over equal segments ("pool"). Padded keys and
values are zeroed before they are mixed. Paper: Wang et al., "Linformer", 2020. Time and memory O(N·rank).
There is no causal form: every mixture already contains the future. E has a column per position, so a longer
sequence is refused, or E is interpolated along the positions and rescaled (`extend="interpolate"`).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attn_core.contract import AttentionMethod, AttentionOp, Budget, Cost, Dims, Param, Shape
from attn_core.kernels.exact import fused_attention
from attn_core.matrix import FactorView, MatrixView, widen


class Mixed(NamedTuple):
    """E and F, the mixed keys EK (B, H, rank, D), and how queries attend to them (B, H, N, rank)."""

    for_keys: Tensor
    for_values: Tensor
    keys: Tensor
    weights: Tensor


class Linformer(AttentionOp):
    def __init__(
        self, dims: Dims, rank: int, projection: str, share: bool, extend: str, seed: int
    ) -> None:
        super().__init__(dims)
        self.rank, self.projection, self.extend = rank, projection, extend
        self.key_projection = self.value_projection = None
        if projection == "linear":
            generator = torch.Generator().manual_seed(seed)
            # Of this size a mixture of unit-variance keys has unit variance itself.
            drawn = torch.randn(2, rank, dims.max_keys, generator=generator) * dims.max_keys**-0.5
            self.key_projection = nn.Parameter(drawn[0])
            self.value_projection = None if share else nn.Parameter(drawn[1].clone())

    def attend(
        self, q: Tensor, k: Tensor, v: Tensor, key_keep: Tensor | None, causal: bool
    ) -> Tensor:
        for_keys, for_values = self.mixtures(k.shape[2], key_keep, k)
        return self.attend_mixed(q, mix(for_keys, k), mix(for_values, v), self.used(for_keys))

    def attend_mixed(self, q: Tensor, keys: Tensor, values: Tensor, used: Tensor | None) -> Tensor:
        """Attention to keys and values (B, H, rank, ·) that are mixed already: a layer may mix its input
        before projecting it to keys and values, which is the same by linearity and far cheaper."""
        return fused_attention(q, keys, values, used, self.scale)

    def mixtures(
        self, length: int, key_keep: Tensor | None, like: Tensor
    ) -> tuple[Tensor, Tensor]:
        """E and F for this length and padding: (rank, M), or (B, 1, rank, M) when padding differs."""
        self._check_length(length)
        if self.projection == "pool":
            pooled = self._segment_means(length, key_keep, like)
            return pooled, pooled
        assert self.key_projection is not None
        for_keys = self._fitted(self.key_projection, length).to(like.dtype)
        for_values = for_keys
        if self.value_projection is not None:
            for_values = self._fitted(self.value_projection, length).to(like.dtype)
        if key_keep is not None:
            keep = key_keep[:, None, None, :]
            for_keys, for_values = for_keys * keep, for_values * keep
        return for_keys, for_values

    def used(self, mixture: Tensor) -> Tensor | None:
        """Which pooled segments hold any token; an empty one must not take part in the softmax."""
        if self.projection == "linear":
            return None
        used = (mixture > 0).any(-1)
        return used[None, None, None, :] if used.dim() == 1 else used[:, :, None, :]

    def _check_length(self, length: int) -> None:
        if length > self.dims.max_keys and self.extend == "refuse":
            raise ValueError(
                f"linformer: {length} keys exceed max_keys={self.dims.max_keys} and its projection has no "
                f'column for them; use at most {self.dims.max_keys}, or extend="interpolate"'
            )

    def _fitted(self, projection: Tensor, length: int) -> Tensor:
        """The first columns of the projection, or the whole stretched along the positions; rescaled so that
        sums over more tokens keep their size."""
        known = self.dims.max_keys
        if length <= known:
            return projection[:, :length]
        stretched = F.interpolate(projection[None], size=length, mode="linear")[0]
        return stretched * (known / length)

    def _segment_means(self, length: int, key_keep: Tensor | None, like: Tensor) -> Tensor:
        """Means over segments of max_keys/rank positions, of the real tokens in each."""
        span = max(length, self.dims.max_keys)
        segment = torch.arange(length, device=like.device) * self.rank // span
        rows = torch.arange(self.rank, device=like.device)[:, None]
        member = segment == rows
        if key_keep is not None:
            member = member & key_keep[:, None, None, :]
        return member.to(like.dtype) / member.sum(-1, keepdim=True).clamp_min(1).to(like.dtype)

    def mixed(self, q: Tensor, k: Tensor, key_keep: Tensor | None = None) -> Mixed:
        """The steps on the way to the matrix, which is weights · F."""
        for_keys, for_values = self.mixtures(k.shape[2], key_keep, k)
        keys = for_keys @ k
        scores = (q * self.scale) @ keys.transpose(-2, -1)
        used = self.used(for_keys)
        if used is not None:
            scores = scores.masked_fill(~used, -torch.inf)
        return Mixed(for_keys, for_values, keys, scores.softmax(-1).nan_to_num(0.0))

    def matrix(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> MatrixView:
        steps = self.mixed(widen(q), widen(k), key_keep)
        right = steps.for_values.expand(*q.shape[:2], *steps.for_values.shape[-2:])
        pooled = self.projection == "pool"
        return FactorView(steps.weights, right, signed=not pooled, row_sums_to_one=pooled)


def mix(mixture: Tensor, x: Tensor) -> Tensor:
    """(rank, M) or (B, 1, rank, M) times (B, H, M, D). One mixture for all heads is expanded, not copied, which
    the general product would do."""
    if mixture.dim() == 4:
        return mixture @ x
    flat = x.flatten(0, 1)
    return torch.bmm(mixture.expand(len(flat), -1, -1), flat).unflatten(0, x.shape[:2])


def count(shape: Shape, rank: int, projection: str, share: bool, extend: str) -> Cost:
    width, slices = shape.head_dim, shape.slices
    mixing = 4 * slices * rank * shape.keys * width
    attending = 4 * slices * shape.queries * rank * width
    held = 2 * slices * rank * width * shape.element_size
    return Cost(
        flops=mixing + attending,
        bytes_moved=shape.io_bytes,
        peak_bytes=shape.output_bytes + held,
    )


METHOD = AttentionMethod(
    name="linformer",
    title="Linformer",
    family="low-rank",
    formula=r"\mathrm{softmax}\left(\frac{Q(EK)^\top}{\sqrt d}\right)(FV)",
    complexity={"time": "O(N·r)", "memory": "O(N·r)"},
    paper="Wang et al. 2020, arXiv:2006.04768",
    summary="Keys and values are mixed down to a fixed number before exact attention to the mixtures.",
    limits=(
        "No causal form: every mixture contains the future.",
        "The learned projection has one column per position; longer inputs are refused or interpolated.",
        "Untrained, a learned projection is random: train or distil it, or use projection='pool'.",
    ),
    roles=frozenset({"encoder", "cross"}),
    params=(
        Param(
            "rank", 128, "Mixtures of keys and values; time and memory grow with it.", minimum=1
        ),
        Param(
            "projection",
            "linear",
            "Learned mixtures, or means over segments.",
            choices=("linear", "pool"),
        ),
        Param("share", True, "One projection for keys and values, instead of one each."),
        Param(
            "extend",
            "refuse",
            "Past the planned number of keys: refuse, or stretch the projection.",
            choices=("refuse", "interpolate"),
        ),
    ),
    make=Linformer,
    count=count,
    extends="rule",
    budget=Budget("rank"),
)
