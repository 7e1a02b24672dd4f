"""The attention matrix of linear attention: a product of features, optionally causal."""

from __future__ import annotations

import torch
from torch import Tensor

from attn_core.kernels.causal import causal_sums
from attn_core.kernels.features import FeatureMap, key_features, safe
from attn_core.matrix import FactorView, MatrixView, widen


def linear_view(
    q: Tensor,
    k: Tensor,
    features: FeatureMap,
    key_keep: Tensor | None,
    causal: bool,
    row_sums_to_one: bool = True,
) -> MatrixView:
    flat_q, flat_k = widen(q.flatten(0, 1)), widen(k.flatten(0, 1))
    keep = None if key_keep is None else key_keep.repeat_interleave(q.shape[1], 0)
    if causal:
        return CausalFeatureView(q, k, flat_q, flat_k, features, keep, row_sums_to_one)
    left = features(flat_q).values
    values, log_scale = key_features(features, flat_k, keep)
    if log_scale is not None:
        values = values * (log_scale - log_scale.amax(1, keepdim=True)).exp()[..., None]
    denominator = left @ values.sum(1)[..., None]
    left = left / safe(denominator)
    shape = q.shape[:2]
    return FactorView(
        left.unflatten(0, shape),
        values.transpose(1, 2).unflatten(0, shape),
        row_sums_to_one=row_sums_to_one,
    )


class CausalFeatureView(MatrixView):
    """exp(mⱼ - cᵢ) φ(q)ᵢ·φ(k)ⱼ / denominatorᵢ for j ≤ i."""

    def __init__(
        self,
        q: Tensor,
        k: Tensor,
        flat_q: Tensor,
        flat_k: Tensor,
        features: FeatureMap,
        keep: Tensor | None,
        row_sums_to_one: bool,
    ) -> None:
        super().__init__(q, k)
        self.row_sums_to_one, self.causal = row_sums_to_one, True
        self.phi_q = features(flat_q).values
        self.phi_k, scales = key_features(features, flat_k, keep)
        _, weights = causal_sums(flat_q, flat_k, flat_k[..., :1], features, keep)
        self.denominator = safe(weights)
        scales = flat_k.new_zeros(flat_k.shape[:2]) if scales is None else scales
        self.key_log = scales.double()
        self.row_log = self.key_log.cummax(1).values

    def one(self, head: int, batch: int = 0) -> CausalFeatureView:
        one, _ = self.alone(head, batch)
        group = slice(batch * self.heads + head, batch * self.heads + head + 1)
        one.phi_q, one.phi_k = self.phi_q[group], self.phi_k[group]
        one.denominator = self.denominator[group]
        one.key_log, one.row_log = self.key_log[group], self.row_log[group]
        return one

    def read(self, i: tuple[int, int], j: tuple[int, int]) -> Tensor:
        rows, cols = slice(*i), slice(*j)
        product = self.phi_q[:, rows] @ self.phi_k[:, cols].transpose(1, 2)
        gap = self.key_log[:, None, cols] - self.row_log[:, rows, None]
        positions = torch.arange(self.shape[0], device=self.device)
        future = positions[None, cols] > positions[rows, None]
        product = product * gap.to(product.dtype).masked_fill_(future, -torch.inf).exp_()
        product = product / self.denominator[:, rows, None]
        return product.unflatten(0, (self.batch, self.heads))
