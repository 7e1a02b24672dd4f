"""Causal linear attention: a masked product inside each chunk, a running state between chunks.

    Yᵢ = Σ_{j≤i} exp(mⱼ - cᵢ) φ(q)ᵢ·φ(k)ⱼ vⱼ,   cᵢ = max_{j≤i} mⱼ

The logarithms m come from the feature map, or are given: minus a cumulative log-decay makes this a state-space
recurrence. The maximum only ever runs over the past, so a future key can change nothing, not even by rounding.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from attn_core.kernels.features import CHUNK, ELEMENTS, LOG_ZERO, FeatureMap, key_features


def causal_sums(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    features: FeatureMap,
    keep: Tensor | None = None,
    log_scale: Tensor | None = None,
    chunk: int = CHUNK,
) -> Tensor:
    """Y (G, N, E) of q, k (G, N, D) and v (G, N, E); m (G, N) from `log_scale` if given."""
    pieces = _pieces(q, k, v, features, keep, log_scale, chunk)
    if torch.is_grad_enabled():
        return torch.cat(list(pieces), 1)
    out, start = v.new_empty(v.shape), 0
    for piece in pieces:
        out[:, start : start + piece.shape[1]] = piece
        start += piece.shape[1]
    return out


def _pieces(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    features: FeatureMap,
    keep: Tensor | None,
    log_scale: Tensor | None,
    chunk: int,
) -> Iterator[Tensor]:
    """A few chunks at a time, so that their features stay in cache."""
    state: Tensor | None = None
    top = q.new_full((q.shape[0], 1), LOG_ZERO, dtype=torch.float64)
    step = chunk * max(1, ELEMENTS // (q.shape[0] * chunk * 256))
    for start in range(0, q.shape[1], step):
        part = slice(start, min(start + step, q.shape[1]))
        phi_q = features(q[:, part]).values
        phi_k, scales = key_features(features, k[:, part], None if keep is None else keep[:, part])
        scales = scales if log_scale is None else log_scale[:, part]
        lack = -phi_q.shape[1] % chunk
        folded_q, folded_k, folded_v = (_fold(x, lack, chunk) for x in (phi_q, phi_k, v[:, part]))
        if scales is None:
            piece, state = _plain(folded_q, folded_k, folded_v, state)
        else:
            # Differences of large logarithms need the digits; there is one per token, so fp64 is cheap.
            scales = F.pad(scales.double(), (0, lack), value=LOG_ZERO).unflatten(1, (-1, chunk))
            piece, state, top = _scaled(folded_q, folded_k, folded_v, scales, state, top)
        piece = piece.flatten(1, 2)
        yield piece[:, : piece.shape[1] - lack] if lack else piece


def _fold(x: Tensor, lack: int, chunk: int) -> Tensor:
    """(G, n, …) → (G, chunks, chunk, …), the last chunk filled with zeros."""
    if lack:
        x = torch.cat([x, x.new_zeros(x.shape[0], lack, *x.shape[2:])], 1)
    return x.unflatten(1, (-1, chunk))


def _plain(q: Tensor, k: Tensor, v: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
    inside = (q @ k.transpose(-2, -1)).tril() @ v
    before, state = _scan(k.transpose(-2, -1) @ v, state, None)
    return inside + q @ before, state


def _scaled(
    q: Tensor, k: Tensor, v: Tensor, scales: Tensor, state: Tensor | None, top: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Some chunks with log-scales (G, n, c), given the state and the maximum of all before them."""
    highest = torch.maximum(scales.flatten(1).cummax(1).values, top).view_as(scales)
    last = highest[..., -1:]
    previous = torch.cat([top[:, None], last[:, :-1]], 1)
    # Counted from the chunk's own end, logarithms are small enough for the dtype of the products.
    keys, rows = (scales - last).to(q.dtype), (highest - last).to(q.dtype)
    future = torch.ones(scales.shape[2:] * 2, dtype=q.dtype, device=q.device).triu_(1)
    gap = (keys[:, :, None, :] - rows[..., None]).clamp(max=0.0) + future * LOG_ZERO
    inside = ((q @ k.transpose(-2, -1)) * gap.exp()) @ v
    sums = k.transpose(-2, -1) @ (v * keys.exp()[..., None])
    before, state = _scan(sums, state, (previous - last).exp().to(q.dtype)[..., None])
    outside = (q @ before) * (previous - highest).exp().to(q.dtype)[..., None]
    return inside + outside, state, last[:, -1]


def _scan(sums: Tensor, state: Tensor | None, decay: Tensor | None) -> tuple[Tensor, Tensor]:
    """The state before each chunk (G, n, m, E), and after the last."""
    state = torch.zeros_like(sums[:, 0]) if state is None else state
    before = []
    for chunk in range(sums.shape[1]):
        before.append(state)
        state = (state if decay is None else state * decay[:, chunk]) + sums[:, chunk]
    return torch.stack(before, 1), state
