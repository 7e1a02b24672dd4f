"""State-space duality: a gated linear recurrence written as masked attention.

    Z = (L ∘ QKᵀ) V,   L_ij = Π_{t=j+1..i} a_t for j ≤ i, else 0,   log a_t = -softplus(w·k_t + b)

Paper: Dao & Gu, "Transformers are SSMs" (Mamba-2), 2024, with C = q, B = k, X = v and a decay per token and
head read off the key by learned w and b. There is no softmax and no normalisation. Computed in chunks: a
masked product inside a chunk, a state between chunks; time O(N·(d² + chunk·d)), memory O(N·d).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attn_core.contract import AttentionMethod, AttentionOp, Cost, Dims, Param, Shape
from attn_core.kernels.causal import causal_sums
from attn_core.kernels.features import Features
from attn_core.matrix import MatrixView, widen

# Heads start with memories spread evenly, in logarithm, between these decays per token.
SLOWEST, FASTEST = 0.001, 0.1


class StateSpaceDual(AttentionOp):
    def __init__(self, dims: Dims, chunk: int, seed: int) -> None:
        super().__init__(dims)
        self.chunk = chunk
        generator = torch.Generator().manual_seed(seed)
        weight = torch.randn(dims.heads, dims.head_dim, generator=generator)
        self.decay_weight = nn.Parameter(weight * dims.head_dim**-0.5)
        rates = torch.logspace(0, 1, dims.heads, base=FASTEST / SLOWEST) * SLOWEST
        # The inverse of softplus, so that a key of zeros decays at the chosen rate.
        self.decay_bias = nn.Parameter(rates.expm1().log())

    def log_decay(self, k: Tensor, key_keep: Tensor | None) -> Tensor:
        """log a_t (B, H, N) in fp64; padding neither decays nor adds."""
        weight, bias = self.decay_weight.to(k.dtype), self.decay_bias.to(k.dtype)
        rate = (k @ weight[..., None])[..., 0] + bias[:, None]
        log_decay = -F.softplus(rate).double()
        return log_decay if key_keep is None else log_decay * key_keep[:, None]

    def attend(
        self, q: Tensor, k: Tensor, v: Tensor, key_keep: Tensor | None, causal: bool
    ) -> Tensor:
        wide_k = widen(k)
        log_scale = -self.log_decay(wide_k, key_keep).cumsum(-1).flatten(0, 1)
        keep = None if key_keep is None else key_keep.repeat_interleave(q.shape[1], 0)
        flat_q, flat_k, flat_v = (widen(x.flatten(0, 1)) for x in (q, wide_k, v))
        sums, _ = causal_sums(flat_q, flat_k, flat_v, Features, keep, log_scale, self.chunk)
        return sums.unflatten(0, q.shape[:2]).to(v.dtype)

    def matrix(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> MatrixView:
        wide = widen(k)
        kept = wide if key_keep is None else wide * key_keep[:, None, :, None]
        return DecayView(widen(q), kept, self.log_decay(wide, key_keep).cumsum(-1))


class DecayView(MatrixView):
    """q_i·k_j exp(A_i - A_j) for j ≤ i, A the cumulative log-decay."""

    signed = True
    row_sums_to_one = False
    causal = True

    def __init__(self, q: Tensor, k: Tensor, cumulative: Tensor) -> None:
        super().__init__(q, k)
        self.q, self.k, self.cumulative = q, k, cumulative

    def one(self, head: int, batch: int = 0) -> DecayView:
        one, part = self.alone(head, batch)
        one.q, one.k, one.cumulative = self.q[part], self.k[part], self.cumulative[part]
        return one

    def read(self, i: tuple[int, int], j: tuple[int, int]) -> Tensor:
        rows, cols = slice(*i), slice(*j)
        product = self.q[:, :, rows] @ self.k[:, :, cols].transpose(-2, -1)
        gap = self.cumulative[:, :, rows, None] - self.cumulative[:, :, None, cols]
        positions = torch.arange(self.shape[0], device=self.device)
        future = positions[None, cols] > positions[rows, None]
        return product * gap.masked_fill_(future, -torch.inf).exp_().to(product.dtype)


def count(shape: Shape, chunk: int) -> Cost:
    tokens = shape.slices * shape.queries
    inside = 4 * shape.slices * -(-shape.queries // chunk) * chunk * chunk * shape.head_dim
    between = 4 * tokens * shape.head_dim**2
    return Cost(
        flops=inside + between + 2 * tokens * shape.head_dim,
        bytes_moved=shape.io_bytes,
        peak_bytes=2 * shape.output_bytes + 32 * tokens,
    )


METHOD = AttentionMethod(
    name="ssd",
    title="State-space dual (SSD)",
    family="recurrent",
    formula=r"(L\circ QK^\top)V,\quad L_{ij}=\prod_{t=j+1}^{i}a_t\ (j\le i)",
    complexity={"time": "O(N·d)", "memory": "O(N)"},
    paper="Dao & Gu 2024, arXiv:2405.21060",
    summary="A decaying recurrence with a fixed-size state, computed as chunked masked attention.",
    limits=(
        "Causal only: there is no encoder or cross form.",
        "Rows are signed and do not sum to one, so it is no distribution over tokens.",
    ),
    roles=frozenset({"decoder"}),
    params=(Param("chunk", 64, "Tokens per chunk; changes speed, not the result.", minimum=1),),
    make=StateSpaceDual,
    count=count,
)
