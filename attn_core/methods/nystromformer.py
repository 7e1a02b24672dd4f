"""The Nyström method: attention through landmark queries and keys.

    Z = F · A⁺ · (B V),   F = softmax(QK̃ᵀ/√d),  A = softmax(Q̃K̃ᵀ/√d),  B = softmax(Q̃Kᵀ/√d)

Landmarks Q̃, K̃ are means over equal segments of the real tokens; the pseudo-inverse A⁺ comes from a fixed
number of iterations, started at Aᵀ/(‖A‖₁‖A‖∞) per head. A depthwise convolution of the values may be added
(`conv`). Paper: Xiong et al., "Nyströmformer", 2021. Time and memory O(N·m); F and B are never stored.
Self-attention only, and no causal form: landmarks average over the future.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from attn_core.contract import AttentionMethod, AttentionOp, Budget, Cost, Dims, Param, Shape
from attn_core.kernels.convolution import depthwise, toeplitz_block
from attn_core.kernels.exact import fused_attention
from attn_core.matrix import FactorView, MatrixView, widen


class Factors(NamedTuple):
    """The landmarks (B, H, m, D), and F (B, H, N, m), A (B, H, m, m), B (B, H, m, N)."""

    q_marks: Tensor
    k_marks: Tensor
    left: Tensor
    between: Tensor
    right: Tensor


class Nystromformer(AttentionOp):
    def __init__(self, dims: Dims, landmarks: int, iterations: int, conv: int, seed: int) -> None:
        super().__init__(dims)
        self.landmarks, self.iterations = landmarks, iterations
        self.convolution = None
        if conv:
            generator = torch.Generator().manual_seed(seed)
            drawn = torch.rand(dims.heads, conv, generator=generator) * 2 - 1
            self.convolution = nn.Parameter(drawn * conv**-0.5)

    def attend(
        self, q: Tensor, k: Tensor, v: Tensor, key_keep: Tensor | None, causal: bool
    ) -> Tensor:
        q_marks, k_marks, used = self.segment_means(q, k, key_keep)
        inverse = self.pseudo_inverse(self._between(q_marks, k_marks, used)).to(v.dtype)
        keep = None if key_keep is None else key_keep[:, None, None, :]
        gathered = fused_attention(q_marks, k, v, keep, self.scale)
        out = fused_attention(q, k_marks, inverse @ gathered, used, self.scale)
        if self.convolution is not None:
            kept = v if key_keep is None else v * key_keep[:, None, :, None]
            out = out + depthwise(kept, self.convolution.to(v.dtype))
        return out

    def segment_means(
        self, q: Tensor, k: Tensor, key_keep: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """Landmark queries and keys (B, H, m, D), and which landmarks exist (B, 1, 1, m), None if all do."""
        length, marks = q.shape[2], min(self.landmarks, q.shape[2])
        if key_keep is None and length % marks == 0:
            means = [x.unflatten(2, (marks, -1)).mean(3) for x in (q, k)]
            return means[0], means[1], None
        member = segment_members(length, marks, key_keep, q.device)
        sizes = member.sum(-1, keepdim=True)
        average = (member / sizes.clamp_min(1)).to(widen(q).dtype)
        means = [(average @ widen(x)).to(x.dtype) for x in (q, k)]
        return means[0], means[1], None if key_keep is None else (sizes > 0)[:, :, None, :, 0]

    def _between(self, q_marks: Tensor, k_marks: Tensor, used: Tensor | None) -> Tensor:
        scores = (widen(q_marks) * self.scale) @ widen(k_marks).transpose(-2, -1)
        if used is None:
            return scores.softmax(-1)
        weights = scores.masked_fill(~used, -torch.inf).softmax(-1).nan_to_num(0.0)
        return weights * used.transpose(-2, -1)

    def pseudo_inverse(self, a: Tensor) -> Tensor:
        """A⁺ of (B, H, m, m), as near as the iterations come."""
        return deque(self.pseudo_inverses(a), maxlen=1).pop()

    def pseudo_inverses(self, a: Tensor) -> Iterator[Tensor]:
        """The start, and A⁺ after each of the paper's third-order iterations, each head scaled by itself."""
        scale = a.abs().sum(-1).amax(-1) * a.abs().sum(-2).amax(-1)
        z = a.transpose(-2, -1) / scale[..., None, None].clamp_min(torch.finfo(a.dtype).tiny)
        yield z
        identity = torch.eye(a.shape[-1], dtype=a.dtype, device=a.device)
        for _ in range(self.iterations):
            az = a @ z
            z = 0.25 * z @ (13 * identity - az @ (15 * identity - az @ (7 * identity - az)))
            yield z

    def factors(self, q: Tensor, k: Tensor, key_keep: Tensor | None = None) -> Factors:
        """All that the matrix F·A⁺·B is made of."""
        q_marks, k_marks, used = self.segment_means(q, k, key_keep)
        right = (q_marks * self.scale) @ k.transpose(-2, -1)
        left = (q * self.scale) @ k_marks.transpose(-2, -1)
        if key_keep is not None and used is not None:
            right = right.masked_fill(~key_keep[:, None, None, :], -torch.inf)
            left = left.masked_fill(~used, -torch.inf)
        right, left = right.softmax(-1).nan_to_num(0.0), left.softmax(-1).nan_to_num(0.0)
        return Factors(q_marks, k_marks, left, self._between(q_marks, k_marks, used), right)

    def matrix(self, q: Tensor, k: Tensor, key_keep: Tensor | None, causal: bool) -> MatrixView:
        q, k = widen(q), widen(k)
        made = self.factors(q, k, key_keep)
        beside = None
        if self.convolution is not None:
            beside = partial(_convolution_block, self.convolution.to(q.dtype), key_keep)
        left = made.left @ self.pseudo_inverse(made.between)
        return FactorView(left, made.right, signed=True, row_sums_to_one=False, extra=beside)


def check_together(conv: int, **_: int) -> None:
    if conv and conv % 2 == 0:
        raise ValueError(f"nystromformer: conv must be 0 or an odd width, got {conv}")


def _convolution_block(
    weight: Tensor, key_keep: Tensor | None, i: tuple[int, int], j: tuple[int, int]
) -> Tensor:
    block = toeplitz_block(weight, i, j)
    return block if key_keep is None else block * key_keep[:, None, None, slice(*j)]


def segment_members(
    length: int, marks: int, key_keep: Tensor | None, device: torch.device
) -> Tensor:
    """Bool (B or 1, 1, m, N): token of rank p among n real ones belongs to segment ⌊p·m/n⌋, with m = min(marks, n),
    so that padding moves no landmark."""
    if key_keep is None:
        key_keep = torch.ones(1, length, dtype=torch.bool, device=device)
    rank, real = key_keep.cumsum(-1) - 1, key_keep.sum(-1, keepdim=True)
    segment = rank * real.clamp(max=marks) // real.clamp_min(1)
    rows = torch.arange(marks, device=device)[:, None]
    return ((segment[:, None, :] == rows) & key_keep[:, None, :])[:, None]


def count(shape: Shape, landmarks: int, iterations: int, conv: int) -> Cost:
    slices, width, marks = shape.slices, shape.head_dim, min(landmarks, shape.queries)
    through = 4 * slices * (shape.queries + shape.keys) * marks * width
    inverse = slices * marks**2 * (2 * width + 8 * marks * iterations + 2 * width)
    convolution = 2 * slices * shape.queries * conv * width
    held = slices * (4 * marks * width + 6 * marks**2) * max(4, shape.element_size)
    return Cost(
        flops=through + inverse + convolution,
        bytes_moved=shape.io_bytes,
        peak_bytes=shape.output_bytes * (2 if conv else 1) + held,
    )


METHOD = AttentionMethod(
    name="nystromformer",
    title="Nyströmformer",
    family="low-rank",
    formula=r"F A^{+} B V,\quad F=\mathrm{softmax}\left(\tfrac{Q\tilde K^\top}{\sqrt d}\right),\quad "
    r"A=\mathrm{softmax}\left(\tfrac{\tilde Q\tilde K^\top}{\sqrt d}\right),\quad "
    r"B=\mathrm{softmax}\left(\tfrac{\tilde QK^\top}{\sqrt d}\right)",
    complexity={"time": "O(N·m)", "memory": "O(N·m)"},
    paper="Xiong et al. 2021, arXiv:2102.03902",
    summary="Segment means serve as landmarks; the matrix is rebuilt from its rows and columns at them.",
    limits=(
        "Self-attention only and not causal: landmarks average over the whole sequence.",
        "A few iterations do not invert an ill-conditioned landmark matrix; rows need not sum to one and may be "
        "negative.",
    ),
    roles=frozenset({"encoder"}),
    params=(
        Param("landmarks", 64, "Segment means used as landmarks.", minimum=1),
        Param("iterations", 6, "Steps of the pseudo-inverse iteration.", minimum=1),
        Param(
            "conv",
            0,
            "Width of a depthwise convolution of the values, odd; 0 for none.",
            minimum=0,
        ),
    ),
    make=Nystromformer,
    count=count,
    check_together=check_together,
    budget=Budget("landmarks"),
)
