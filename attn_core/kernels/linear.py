"""Linear attention: Σⱼ φ(q)·φ(k)ⱼ vⱼ / Σⱼ φ(q)·φ(k)ⱼ in O(N), over all keys or over the past only.

Keys of any magnitude are summed like an online softmax: their features come with logarithms, one per token, and
the sum is kept relative to the largest so far.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from attn_core.kernels.causal import causal_sums
from attn_core.kernels.features import (
    CHUNK,
    LOG_ZERO,
    FeatureMap,
    held_elements,
    key_features,
    safe,
)
from attn_core.matrix import widen


def linear_attention(
    q: Tensor, k: Tensor, v: Tensor, features: FeatureMap, key_keep: Tensor | None, causal: bool
) -> Tensor:
    """(B, H, N, D), (B, H, M, D), (B, H, M, E) → (B, H, N, E), normalised."""
    flat_q, flat_k, flat_v = (widen(x.flatten(0, 1)) for x in (q, k, v))
    keep = None if key_keep is None else key_keep.repeat_interleave(q.shape[1], 0)
    # Sums are kept in fp32 or wider also where autocast would lower them.
    with torch.autocast(q.device.type, enabled=False):
        if causal:
            sums, weights = causal_sums(flat_q, flat_k, flat_v, features, keep)
            out = sums / safe(weights)[..., None]
        else:
            out = _Bidirectional.apply(flat_q, flat_k, flat_v, features, keep)
    return out.unflatten(0, q.shape[:2]).to(v.dtype)


def _chunks(x: Tensor, features: FeatureMap) -> Iterator[slice]:
    width = features(x[:, :1]).values.shape[-1]
    step = max(CHUNK, held_elements(x) // (x.shape[0] * width))
    for start in range(0, x.shape[1], step):
        yield slice(start, min(start + step, x.shape[1]))


class _Bidirectional(torch.autograd.Function):
    """Features are made chunk by chunk, used while in cache, and made again in the backward pass.

    The denominators are sums beside the products, not one more column of the values: products whose width is
    no multiple of the vector width are a fifth slower.
    """

    @staticmethod
    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, q: Tensor, k: Tensor, v: Tensor, features: FeatureMap, keep: Tensor | None
    ) -> Tensor:
        state, total, top = _summarise(k, v, features, keep)
        same = v.shape[2] == q.shape[2]
        out = torch.empty_like(q) if same else q.new_empty(*q.shape[:2], v.shape[2])
        denominator = q.new_empty(q.shape[:2])
        for part in _chunks(q, features):
            values = features(q[:, part]).values
            sums = values @ state
            weights = values.mul_(total[:, None]).sum(-1)
            denominator[:, part] = safe(weights)
            torch.div(sums, denominator[:, part, None], out=out[:, part])
        ctx.save_for_backward(q, k, v, keep, state, total, top, out, denominator)
        ctx.features = features
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        with torch.autocast(grad.device.type, enabled=False):
            return _bidirectional_gradients(ctx.features, grad, *ctx.saved_tensors)


def _bidirectional_gradients(
    features: FeatureMap,
    grad: Tensor,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    keep: Tensor | None,
    state: Tensor,
    total: Tensor,
    top: Tensor,
    out: Tensor,
    denominator: Tensor,
) -> tuple[Tensor | None, ...]:
    """Of q, k and v; the features are made again, chunk by chunk."""
    grad_q, grad_k, grad_v = torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)
    grad_state, grad_total = torch.zeros_like(state), torch.zeros_like(total)
    for part in _chunks(q, features):
        # out = sums / weights. Divided by the weights last, for they may be so small that anything but a
        # feature overflows by it.
        inverse = denominator[:, part, None].reciprocal()
        by_weights = (grad[:, part] * out[:, part]).sum(-1, keepdim=True).neg_()
        with torch.enable_grad():
            x = q[:, part].detach().requires_grad_()
            values = features(x).values
        by_values = grad[:, part] @ state.transpose(1, 2)
        by_values.addcmul_(by_weights, total[:, None])
        torch.mul(torch.autograd.grad(values, x, by_values)[0], inverse, out=grad_q[:, part])
        values = values.detach() * inverse
        grad_state.baddbmm_(values.transpose(1, 2), grad[:, part])
        grad_total += (values * by_weights).sum(1)
    for part in _chunks(k, features):
        with torch.enable_grad():
            x = k[:, part].detach().requires_grad_()
            values, log_scale = key_features(features, x, _cut(keep, part))
        weight = None if log_scale is None else (log_scale.detach() - top).exp_()[..., None]
        grad_v[:, part] = _times(values.detach() @ grad_state, weight)
        by_values = v[:, part] @ grad_state.transpose(1, 2) + grad_total[:, None]
        made, grads = [values], [_times(by_values, weight)]
        if log_scale is not None and log_scale.requires_grad:
            made.append(log_scale)
            grads.append((values.detach() * by_values).sum(-1))
        grad_k[:, part] = torch.autograd.grad(made, x, grads)[0]
    return grad_q, grad_k, grad_v, None, None


def _summarise(
    k: Tensor, v: Tensor, features: FeatureMap, keep: Tensor | None
) -> tuple[Tensor, Tensor, Tensor]:
    """Σⱼ φ(k)ⱼ vⱼ (G, m, E) and Σⱼ φ(k)ⱼ (G, m), divided by exp of the largest log-scale (G, 1), which comes
    along."""
    state = total = None
    top = k.new_full((k.shape[0], 1), LOG_ZERO)
    for part in _chunks(k, features):
        values, log_scale = key_features(features, k[:, part], _cut(keep, part))
        if log_scale is not None:
            higher = torch.maximum(top, log_scale.amax(1, keepdim=True))
            values = values * (log_scale - higher).exp_()[..., None]
            if state is not None and total is not None:
                shrink = (top - higher).exp_()
                state.mul_(shrink[..., None])
                total.mul_(shrink)
            top = higher
        more, weights = values.transpose(1, 2) @ v[:, part], values.sum(1)
        state = more if state is None else state.add_(more)
        total = weights if total is None else total.add_(weights)
    assert state is not None and total is not None
    return state, total, top


def _cut(keep: Tensor | None, part: slice) -> Tensor | None:
    return None if keep is None else keep[:, part]


def _times(x: Tensor, weight: Tensor | None) -> Tensor:
    return x if weight is None else x.mul_(weight)
