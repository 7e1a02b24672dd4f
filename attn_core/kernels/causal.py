"""Causal linear attention: a masked product inside each chunk, a running state between chunks.

    Yᵢ = Σ_{j≤i} exp(mⱼ - cᵢ) φ(q)ᵢ·φ(k)ⱼ vⱼ,   cᵢ = max_{j≤i} mⱼ

The logarithms m come from the feature map, or are given: minus a cumulative log-decay makes this a state-space
recurrence. The maximum only ever runs over the past, so a future key can change nothing, not even by rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from attn_core.kernels.features import (
    CHUNK,
    LOG2_E,
    LOG_ZERO,
    FeatureMap,
    held_elements,
    key_features,
)


def causal_sums(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    features: FeatureMap,
    keep: Tensor | None = None,
    log_scale: Tensor | None = None,
    chunk: int = CHUNK,
) -> tuple[Tensor, Tensor]:
    """Y (G, N, E) of q, k (G, N, D) and v (G, N, E), and the same sums with every v = 1 (G, N); the logarithms
    (G, N) from `log_scale` if given."""
    pieces = _pieces(q, k, v, features, keep, log_scale, chunk)
    if torch.is_grad_enabled():
        sums, weights = zip(*pieces, strict=True)
        return torch.cat(sums, 1), torch.cat(weights, 1)
    out, ones, start = v.new_empty(v.shape), v.new_empty(v.shape[:2]), 0
    for sums, weights in pieces:
        part = slice(start, start + sums.shape[1])
        out[:, part], ones[:, part] = sums, weights
        start = part.stop
    return out, ones


def _pieces(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    features: FeatureMap,
    keep: Tensor | None,
    log_scale: Tensor | None,
    chunk: int,
) -> Iterator[tuple[Tensor, Tensor]]:
    """A few chunks at a time, so that their features stay in cache."""
    state: State | None = None
    top = q.new_full((q.shape[0], 1), LOG_ZERO, dtype=torch.float64)
    width = features(q[:, :1]).values.shape[-1]
    step = chunk * max(1, held_elements(q) // (q.shape[0] * chunk * width))
    for start in range(0, q.shape[1], step):
        part = slice(start, min(start + step, q.shape[1]))
        phi_q = features(q[:, part]).values
        phi_k, scales = key_features(features, k[:, part], None if keep is None else keep[:, part])
        scales = scales if log_scale is None else log_scale[:, part]
        real = phi_q.shape[1]
        lack = -real % chunk
        folded = Chunks(*(_fold(x, lack, chunk) for x in (phi_q, phi_k, v[:, part])))
        if scales is None:
            sums, weights, state = _plain(folded, state)
        else:
            # Differences of large logarithms need the digits; there is one per token, so fp64 is cheap.
            scales = F.pad(scales.double(), (0, lack), value=LOG_ZERO).unflatten(1, (-1, chunk))
            sums, weights, state, top = _scaled(folded, scales, state, top)
        yield sums.flatten(1, 2)[:, :real], weights.flatten(1, 2)[:, :real]


class Chunks(NamedTuple):
    """(G, chunks, chunk, ·)"""

    q: Tensor
    k: Tensor
    v: Tensor


class State(NamedTuple):
    """Σ φ(k) v (G, m, E) and Σ φ(k) (G, m) over the past, or stacked before each chunk."""

    sums: Tensor
    ones: Tensor


def _fold(x: Tensor, lack: int, chunk: int) -> Tensor:
    """(G, n, …) → (G, chunks, chunk, …), the last chunk filled with zeros."""
    if lack:
        x = torch.cat([x, x.new_zeros(x.shape[0], lack, *x.shape[2:])], 1)
    return x.unflatten(1, (-1, chunk))


def _plain(chunks: Chunks, state: State | None) -> tuple[Tensor, Tensor, State]:
    q, k, v = chunks
    weights = (q @ k.transpose(-2, -1)).tril()
    before, state = _scan(State(k.transpose(-2, -1) @ v, k.sum(2)), state, None)
    ones = weights.sum(-1) + (q * before.ones[:, :, None]).sum(-1)
    return weights @ v + q @ before.sums, ones, state


def _scaled(
    chunks: Chunks, scales: Tensor, state: State | None, top: Tensor
) -> tuple[Tensor, Tensor, State, Tensor]:
    """Some chunks with log-scales (G, n, c), given the state and the maximum of all before them."""
    q, k, v = chunks
    highest = torch.maximum(scales.flatten(1).cummax(1).values, top).view_as(scales)
    last = highest[..., -1:]
    previous = torch.cat([top[:, None], last[:, :-1]], 1)
    # Counted from the chunk's first row, logarithms are small enough for the dtype of the products, and no
    # later key decides how a row is rounded. Before the first real key there is nothing to count from.
    first = highest[..., :1]
    first = first.masked_fill(first <= LOG_ZERO / 2, 0.0)
    keys, rows = ((x - first).to(q.dtype) * LOG2_E for x in (scales, highest))
    future = torch.ones(scales.shape[2:] * 2, dtype=q.dtype, device=q.device).triu_(1)
    gap = (keys[:, :, None, :] - rows[..., None]).clamp(max=0.0) + future * LOG_ZERO
    weights = (q @ k.transpose(-2, -1)) * gap.exp2()
    weighted = k * (scales - last).exp().to(q.dtype)[..., None]
    decay = (previous - last).exp().to(q.dtype)
    more = State(weighted.transpose(-2, -1) @ v, weighted.sum(2))
    before, state = _scan(more, state, decay)
    fade = (previous - highest).exp().to(q.dtype)
    sums = weights @ v + (q @ before.sums) * fade[..., None]
    ones = weights.sum(-1) + (q * before.ones[:, :, None]).sum(-1) * fade
    return sums, ones, state, last[:, -1]


def _scan(more: State, state: State | None, decay: Tensor | None) -> tuple[State, State]:
    """The state before each chunk, stacked (G, n, …), and the one after the last."""
    if state is None:
        state = State(*(torch.zeros_like(x[:, 0]) for x in more))
    before = []
    for chunk in range(more.ones.shape[1]):
        before.append(state)
        if decay is not None:
            shrink = decay[:, chunk]
            state = State(state.sums * shrink[..., None], state.ones * shrink)
        state = State(state.sums + more.sums[:, chunk], state.ones + more.ones[:, chunk])
    return State(*(torch.stack(x, 1) for x in zip(*before, strict=True))), state
