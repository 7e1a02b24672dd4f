"""Linear attention: Σⱼ φ(q)·φ(k)ⱼ vⱼ / Σⱼ φ(q)·φ(k)ⱼ in O(N), over all keys or over the past only.

Keys of any magnitude are summed like an online softmax: their features come with logarithms, one per token, and
the sum is kept relative to the largest so far.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from attn_core.kernels.causal import causal_sums
from attn_core.kernels.features import (
    CHUNK,
    ELEMENTS,
    LOG_ZERO,
    SMALLEST,
    FeatureMap,
    key_features,
)
from attn_core.matrix import widen


def linear_attention(
    q: Tensor, k: Tensor, v: Tensor, features: FeatureMap, key_keep: Tensor | None, causal: bool
) -> Tensor:
    """(B, H, N, D), (B, H, M, D), (B, H, M, E) → (B, H, N, E), normalised."""
    flat_q, flat_k, flat_v = (widen(x.flatten(0, 1)) for x in (q, k, v))
    keep = None if key_keep is None else key_keep.repeat_interleave(q.shape[1], 0)
    if causal:
        with_one = F.pad(flat_v, (0, 1), value=1.0)
        sums = causal_sums(flat_q, flat_k, with_one, features, keep)
        out = sums[..., :-1] / sums[..., -1:].clamp_min(SMALLEST)
    else:
        out = _Bidirectional.apply(flat_q, flat_k, flat_v, features, keep)
    return out.unflatten(0, q.shape[:2]).to(v.dtype)


def _chunks(x: Tensor, width: int) -> Iterator[slice]:
    step = max(CHUNK, ELEMENTS // (x.shape[0] * width))
    for start in range(0, x.shape[1], step):
        yield slice(start, min(start + step, x.shape[1]))


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
                values, log_scale = key_features(ctx.features, x, _cut(keep, part))
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
        values, log_scale = key_features(features, k[:, part], _cut(keep, part))
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
