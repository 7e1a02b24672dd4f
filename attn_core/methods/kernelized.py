"""Linear attention with a fixed feature map.

    Z = φ(Q)(φ(K)ᵀV) / φ(Q)(φ(K)ᵀ1),   φ ∈ { elu + 1, relu, relu², exp }

`random_features=m` first projects queries and keys by a fixed Gaussian divided by √m; with elu + 1 that is the
simplified Performer of the tutorial behind Figure Z. Paper: Katharopoulos et al., "Transformers are RNNs", 2020.
Time O(N·d²), memory O(N·d), in every role.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from attn_core.contract import AttentionMethod, AttentionOp, Budget, Cost, Dims, Param, Shape
from attn_core.kernels.features import LOG2_E, Features
from attn_core.kernels.linear import linear_attention
from attn_core.kernels.linear_cost import linear_attention_cost
from attn_core.kernels.linear_view import linear_view
from attn_core.matrix import MatrixView

MAPS = ("elu+1", "relu", "squared-relu", "exp")


class Kernelized(AttentionOp):
    projection: Tensor | None

    def __init__(self, dims: Dims, feature_map: str, random_features: int, seed: int) -> None:
        super().__init__(dims)
        self.feature_map = feature_map
        projection = None
        if random_features:
            generator = torch.Generator().manual_seed(seed)
            drawn = torch.randn(dims.head_dim, random_features, generator=generator)
            projection = drawn * random_features**-0.5
        self.register_buffer("projection", projection)

    def features(self, x: Tensor) -> Features:
        """φ of queries or keys (…, n, d)."""
        if self.projection is not None:
            x = x @ self.projection.to(x.dtype)
        if self.feature_map == "exp":
            largest = x.detach().amax(-1)
            return Features((x - largest[..., None]).mul_(LOG2_E).exp2_(), largest)
        if self.feature_map == "elu+1":
            return Features(_EluPlusOne.apply(x))
        rectified = F.relu(x)
        return Features(rectified if self.feature_map == "relu" else rectified.square())

    def attend(
        self, q: Tensor, k: Tensor, v: Tensor, key_keep: Tensor | None, causal: bool
    ) -> Tensor:
        return linear_attention(q, k, v, self.features, key_keep, causal)

    def matrix(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> MatrixView:
        # A rectified row may be all zeros; elu + 1 and exp never are.
        positive = self.feature_map in ("elu+1", "exp")
        return linear_view(q, k, self.features, key_keep, causal, row_sums_to_one=positive)


class _EluPlusOne(torch.autograd.Function):
    """elu(x) + 1, keeping only its result: the derivative is min(result, 1)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        # exp2 is faster than the expm1 inside elu, and keeps the digits of small results.
        result = (x * LOG2_E).clamp_(max=0.0).exp2_().add_(x.clamp(min=0.0))
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        (result,) = ctx.saved_tensors
        return result.clamp(max=1.0).mul_(grad)


def count(shape: Shape, feature_map: str, random_features: int) -> Cost:
    tokens = shape.slices * (shape.queries + shape.keys)
    projected = 2 * tokens * shape.head_dim * random_features
    return linear_attention_cost(shape, random_features or shape.head_dim, projected)


METHOD = AttentionMethod(
    name="kernelized",
    title="Kernelized (linear) attention",
    family="kernel",
    formula=r"\frac{\phi(Q)\left(\phi(K)^\top V\right)}{\phi(Q)\,\phi(K)^\top\mathbf 1},\quad "
    r"\phi=\mathrm{elu}+1",
    complexity={"time": "O(N·d)", "memory": "O(N)"},
    paper="Katharopoulos et al. 2020, arXiv:2006.16236",
    summary="A fixed feature map replaces the softmax kernel; the cheapest linear attention.",
    limits=(
        "Does not estimate softmax attention: a model must be trained or distilled with it.",
        "With a rectified map, a row whose features are all zero gives zeros.",
    ),
    roles=frozenset({"encoder", "decoder", "cross"}),
    params=(
        Param("feature_map", "elu+1", "The function applied to queries and keys.", choices=MAPS),
        Param(
            "random_features",
            0,
            "First project to this many Gaussian features; 0 applies the map to the heads as they are.",
            minimum=0,
        ),
    ),
    make=Kernelized,
    count=count,
    budget=Budget("random_features", also=(0,)),
)
