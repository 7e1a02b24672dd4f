"""Linear attention: Σⱼ φ(q)·φ(k)ⱼ vⱼ / Σⱼ φ(q)·φ(k)ⱼ in O(N), over all keys or over the past only.

A feature map may return features divided by exp(m), with the logarithms m (one per token) beside them. Keys
of any magnitude are then summed like an online softmax, against a running maximum. In the causal form that
maximum only ever runs over the past, so a future key can change nothing, not even by rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from attn_core.matrix import widen

# Feature elements held at a time: enough for good matrix products, small enough to stay in cache.
ELEMENTS = 1 << 19
CHUNK = 64
# Below this a denominator is an underflow, not a sum; such a row gives zeros.
SMALLEST = 1e-30
# Stands for the logarithm of zero where -inf - (-inf) would be NaN.
LOG_ZERO = -1e30


class Features(NamedTuple):
    values: Tensor
    log_scale: Tensor | None = None


FeatureMap = Callable[[Tensor], Features]


def linear_attention(
    q: Tensor, k: Tensor, v: Tensor, features: FeatureMap, key_keep: Tensor | None, causal: bool
) -> Tensor:
    """(B, H, N, D), (B, H, M, D), (B, H, M, E) → (B, H, N, E), normalised."""
    flat = [widen(x.flatten(0, 1)) for x in (q, k, v)]
    keep = None if key_keep is None else key_keep.repeat_interleave(q.shape[1], 0)
    if causal:
        out = _divide(
            causal_sums(flat[0], flat[1], F.pad(flat[2], (0, 1), value=1.0), features, keep)
        )
    else:
        out = _Bidirectional.apply(*flat, features, keep)
    return out.unflatten(0, q.shape[:2]).to(v.dtype)


def _divide(sums: Tensor) -> Tensor:
    return sums[..., :-1] / sums[..., -1:].clamp_min(SMALLEST)


def _chunks(x: Tensor, width: int) -> Iterator[slice]:
    step = max(CHUNK, ELEMENTS // (x.shape[0] * width))
    for start in range(0, x.shape[1], step):
        yield slice(start, min(start + step, x.shape[1]))


def masked_features(features: FeatureMap, x: Tensor, keep: Tensor | None) -> Features:
    """Features of keys, nothing where a key is padding."""
    values, log_scale = features(x)
    if keep is not None:
        values = values.masked_fill(~keep[..., None], 0.0)
        log_scale = None if log_scale is None else log_scale.masked_fill(~keep, LOG_ZERO)
    return Features(values, log_scale)


class _Bidirectional(torch.autograd.Function):
    """Features are made chunk by chunk, used while in cache, and made again in the backward pass."""

    @staticmethod
    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, q: Tensor, k: Tensor, v: Tensor, features: FeatureMap, keep: Tensor | None
    ) -> Tensor:
        state, top = _summarise(k, v, features, keep)
        out = q.new_empty(*q.shape[:2], v.shape[2])
        denominator = q.new_empty(q.shape[:2])
        for part in _chunks(q, state.shape[1]):
            sums = features(q[:, part]).values @ state
            torch.clamp_min(sums[..., -1], SMALLEST, out=denominator[:, part])
            torch.div(sums[..., :-1], denominator[:, part, None], out=out[:, part])
        ctx.save_for_backward(q, k, v, keep, state, top, out, denominator)
        ctx.features = features
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        q, k, v, keep, state, top, out, denominator = ctx.saved_tensors
        grad_q, grad_k, grad_v = torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)
        grad_state = torch.zeros_like(state)
        for part in _chunks(q, state.shape[1]):
            # d(sums) of out = sums[:-1] / sums[-1]; an underflowed denominator is a constant.
            scaled = grad[:, part] / denominator[:, part, None]
            last = (scaled * out[:, part]).sum(-1, keepdim=True).neg_()
            last.masked_fill_(denominator[:, part, None] <= SMALLEST, 0.0)
            sums = torch.cat([scaled, last], -1)
            with torch.enable_grad():
                x = q[:, part].detach().requires_grad_()
                values = ctx.features(x).values
            grad_state += values.detach().transpose(1, 2) @ sums
            grad_q[:, part] = torch.autograd.grad(values, x, sums @ state.transpose(1, 2))[0]
        for part in _chunks(k, state.shape[1]):
            with torch.enable_grad():
                x = k[:, part].detach().requires_grad_()
                values, log_scale = masked_features(ctx.features, x, _cut(keep, part))
            weight = None if log_scale is None else (log_scale.detach() - top).exp_()[..., None]
            ones = _with_one(v[:, part], weight)
            grad_v[:, part] = _times(values.detach() @ grad_state[..., :-1], weight)
            made, grads = [values], [ones @ grad_state.transpose(1, 2)]
            if log_scale is not None and log_scale.requires_grad:
                made.append(log_scale)
                grads.append((values.detach() * grads[0]).sum(-1))
            grad_k[:, part] = torch.autograd.grad(made, x, grads)[0]
        return grad_q, grad_k, grad_v, None, None


def _summarise(
    k: Tensor, v: Tensor, features: FeatureMap, keep: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Σⱼ φ(k)ⱼ [v, 1]ⱼ (G, m, E+1), divided by exp of the largest log-scale (G, 1), which comes along."""
    state, top, width = None, k.new_full((k.shape[0], 1), LOG_ZERO), 256
    for part in _chunks(k, width):
        values, log_scale = masked_features(features, k[:, part], _cut(keep, part))
        weight = None
        if log_scale is not None:
            higher = torch.maximum(top, log_scale.amax(1, keepdim=True))
            weight = (log_scale - higher).exp_()[..., None]
            if state is not None:
                state.mul_((top - higher).exp_()[..., None])
            top = higher
        ones = _with_one(v[:, part], weight)
        sums = values.transpose(1, 2) @ ones
        state = sums if state is None else state.add_(sums)
    assert state is not None
    return state, top


def _cut(keep: Tensor | None, part: slice) -> Tensor | None:
    return None if keep is None else keep[:, part]


def _with_one(v: Tensor, weight: Tensor | None) -> Tensor:
    return _times(F.pad(v, (0, 1), value=1.0), weight)


def _times(x: Tensor, weight: Tensor | None) -> Tensor:
    return x if weight is None else x.mul_(weight)


def causal_sums(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    features: FeatureMap,
    keep: Tensor | None = None,
    log_scale: Tensor | None = None,
    chunk: int = CHUNK,
) -> Tensor:
    """Yᵢ = Σ_{j≤i} exp(mⱼ - cᵢ) φ(q)ᵢ·φ(k)ⱼ vⱼ with cᵢ = max_{j≤i} mⱼ, for (G, N, ·) → (G, N, E).

    The logarithms m come from the feature map, or from `log_scale` (G, N): minus a cumulative log-decay makes
    this a state-space recurrence. Within a chunk the sum is a masked product; between chunks a state is kept.
    """
    pieces = _causal_pieces(q, k, v, features, keep, log_scale, chunk)
    if torch.is_grad_enabled():
        return torch.cat(list(pieces), 1)
    out, start = v.new_empty(v.shape), 0
    for piece in pieces:
        out[:, start : start + piece.shape[1]] = piece
        start += piece.shape[1]
    return out


def _causal_pieces(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    features: FeatureMap,
    keep: Tensor | None,
    log_scale: Tensor | None,
    chunk: int,
) -> Iterator[Tensor]:
    state: Tensor | None = None
    top = q.new_full((q.shape[0], 1), LOG_ZERO, dtype=torch.float64)
    step = chunk * max(1, ELEMENTS // (q.shape[0] * chunk * 256))
    for start in range(0, q.shape[1], step):
        part = slice(start, min(start + step, q.shape[1]))
        phi_q = features(q[:, part]).values
        phi_k, scales = masked_features(features, k[:, part], _cut(keep, part))
        scales = scales if log_scale is None else log_scale[:, part]
        lack = -phi_q.shape[1] % chunk
        chunked = [_fold(x, lack, chunk) for x in (phi_q, phi_k, v[:, part])]
        if scales is None:
            piece, state = _plain_block(*chunked, state)
        else:
            # Differences of large logarithms need the digits; there is one per token, so fp64 is cheap.
            scales = _fold(F.pad(scales.double(), (0, lack), value=LOG_ZERO), 0, chunk)
            piece, state, top = _scaled_block(*chunked, scales, state, top)
        piece = piece.flatten(1, 2)
        yield piece[:, : piece.shape[1] - lack] if lack else piece


def _fold(x: Tensor, lack: int, chunk: int) -> Tensor:
    """(G, n, …) → (G, chunks, chunk, …), the last chunk filled with zeros."""
    if lack:
        x = torch.cat([x, x.new_zeros(x.shape[0], lack, *x.shape[2:])], 1)
    return x.unflatten(1, (-1, chunk))


def _plain_block(q: Tensor, k: Tensor, v: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
    inside = (q @ k.transpose(-2, -1)).tril() @ v
    sums = k.transpose(-2, -1) @ v
    before, state = _scan(sums, state, None)
    return inside + q @ before, state


def _scaled_block(
    q: Tensor, k: Tensor, v: Tensor, scales: Tensor, state: Tensor | None, top: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """One block of chunks with log-scales (G, n, c), given the state and maximum of all before it."""
    highest = torch.maximum(scales.flatten(1).cummax(1).values, top).view_as(scales)
    last = highest[..., -1:]
    previous = torch.cat([top[:, None], last[:, :-1]], 1)
    future = torch.ones(scales.shape[2:] * 2, dtype=torch.bool, device=q.device).triu(1)
    gap = (scales[:, :, None, :] - highest[..., None]).to(q.dtype).masked_fill(future, -torch.inf)
    inside = ((q @ k.transpose(-2, -1)) * gap.exp()) @ v
    weight = (scales - last).exp().to(q.dtype)[..., None]
    sums = k.transpose(-2, -1) @ (v * weight)
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
