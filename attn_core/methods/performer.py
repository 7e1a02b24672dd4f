"""Attention through positive random features (FAVOR+).

    Z = φ(Q)(φ(K)ᵀV) / φ(Q)(φ(K)ᵀ1),   φ(x) = m^-½ exp(ωᵀx̂ - ‖x̂‖²/2),   x̂ = x·d^-¼

ω is block-orthogonal with χ-distributed norms, so that φ(q)·φ(k) is an unbiased estimate of exp(q·k/√d).
`kernel="relu"` is the generalised form φ(x) = m^-½ (max(ωᵀx̂, 0) + 1e-3). Paper: Choromanski et al.,
"Rethinking Attention with Performers", 2021. Time O(N·m·d), memory O(N·d + m·d), in every role.
"""

from __future__ import annotations

import math
from functools import partial

import torch
from torch import Tensor

from attn_core.contract import AttentionMethod, AttentionOp, Budget, Cost, Dims, Param, Shape
from attn_core.kernels.features import LOG2_E, LOG_2, Features
from attn_core.kernels.linear import linear_attention
from attn_core.kernels.linear_cost import linear_attention_cost
from attn_core.kernels.linear_view import linear_view
from attn_core.matrix import MatrixView

RELU_FLOOR = 1e-3


class Performer(AttentionOp):
    omega: Tensor

    def __init__(
        self, dims: Dims, features: int, kernel: str, orthogonal: bool, seed: int
    ) -> None:
        super().__init__(dims)
        self.count, self.kernel, self.orthogonal = features, kernel, orthogonal
        self.register_buffer("omega", torch.empty(dims.head_dim, features))
        self.redraw(seed)

    def redraw(self, seed: int) -> None:
        """Draw new features; the same seed always gives the same ones."""
        generator = torch.Generator().manual_seed(seed)
        omega = draw_features(self.dims.head_dim, self.count, self.orthogonal, generator)
        # A new tensor: a backward pass still to come keeps the features of its forward pass.
        self.omega = omega.to(self.omega)

    def features(self, x: Tensor, omega: Tensor | None = None) -> Features:
        """φ of queries or keys (…, n, d), divided by exp of its largest logarithm per token."""
        omega = self.omega if omega is None else omega
        scaled = omega.to(x.dtype) * self.dims.head_dim**-0.25
        if self.kernel == "relu":
            projected = (x @ scaled).relu_()
            return Features(projected.add(RELU_FLOOR).mul_(self.count**-0.5))
        # In powers of two. The maximum is taken out here and put back in the logarithm, so no gradient goes
        # through it.
        projected = x @ (scaled * LOG2_E)
        largest = projected.detach().amax(-1)
        values = projected.sub_(largest[..., None]).exp2_()
        half_square = x.square().sum(-1) * (0.5 * self.scale)
        return Features(values, largest * LOG_2 - half_square - 0.5 * math.log(self.count))

    def attend(
        self, q: Tensor, k: Tensor, v: Tensor, key_keep: Tensor | None, causal: bool
    ) -> Tensor:
        features = partial(self.features, omega=self.omega)
        return linear_attention(q, k, v, features, key_keep, causal)

    def matrix(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> MatrixView:
        return linear_view(q, k, self.features, key_keep, causal)


def draw_features(width: int, count: int, orthogonal: bool, generator: torch.Generator) -> Tensor:
    """(width, count) Gaussian columns; orthogonal within each block of `width`, with the norms of independent
    Gaussians, so that every column alone is still N(0, I)."""
    if not orthogonal:
        return torch.randn(width, count, generator=generator)
    blocks = []
    for _ in range(-(-count // width)):
        gaussian = torch.randn(width, width, generator=generator, dtype=torch.float64)
        basis, upper = torch.linalg.qr(gaussian)
        # Without the sign of the diagonal the basis is not uniformly (Haar) distributed.
        blocks.append(basis * upper.diagonal().sign())
    norms = torch.randn(count, width, generator=generator, dtype=torch.float64).norm(dim=1)
    return (torch.cat(blocks, 1)[:, :count] * norms).float()


def count(shape: Shape, features: int, kernel: str, orthogonal: bool, seed: int) -> Cost:
    projected = 2 * shape.slices * (shape.queries + shape.keys) * shape.head_dim * features
    return linear_attention_cost(shape, features, projected)


METHOD = AttentionMethod(
    name="performer",
    title="Performer (FAVOR+)",
    family="kernel",
    formula=r"\frac{\phi(Q)\left(\phi(K)^\top V\right)}{\phi(Q)\,\phi(K)^\top\mathbf 1},\quad "
    r"\phi(x)=\tfrac{1}{\sqrt m}\exp\left(\omega^\top\hat x-\tfrac{\lVert\hat x\rVert^2}{2}\right)",
    complexity={"time": "O(N·m)", "memory": "O(N + m)"},
    paper="Choromanski et al. 2021, arXiv:2009.14794",
    summary="Positive orthogonal random features estimate the softmax kernel without bias.",
    limits=(
        "The error grows exponentially with the norms of queries and keys: at unit-variance inputs and d = 64 "
        "even 1,024 features leave a large error.",
        "Rows whose features all underflow against every key give zeros.",
    ),
    roles=frozenset({"encoder", "decoder", "cross"}),
    params=(
        Param(
            "features",
            256,
            "Random features; error falls as 1/√features, time grows with them.",
            minimum=1,
        ),
        Param(
            "kernel",
            "softmax",
            "Kernel estimated: softmax, or the ReLU variant.",
            choices=("softmax", "relu"),
        ),
        Param(
            "orthogonal", True, "Orthogonal features have lower variance than independent ones."
        ),
        Param("seed", 0, "Which features are drawn.", minimum=0),
    ),
    make=Performer,
    count=count,
    budget=Budget("features"),
)
