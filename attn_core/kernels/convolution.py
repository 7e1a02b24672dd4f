"""Depthwise convolution along the sequence, one filter per head, as a banded matrix product."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

ROWS = 64


def depthwise(v: Tensor, weight: Tensor) -> Tensor:
    """outᵢ = Σ_t weight[h, t] · v[i + t - reach], zero outside: (B, H, N, D), (H, width) → (B, H, N, D)."""
    reach, length = weight.shape[1] // 2, v.shape[2]
    lack = -length % ROWS
    padded = F.pad(v, (0, 0, reach, reach + lack))
    windows = padded.unfold(2, ROWS + 2 * reach, ROWS)
    band = toeplitz_block(weight, (reach, reach + ROWS), (0, ROWS + 2 * reach))
    out = torch.einsum("hrs,bhtds->bhtrd", band, windows)
    return out.flatten(2, 3)[:, :, :length]


def toeplitz_block(weight: Tensor, i: tuple[int, int], j: tuple[int, int]) -> Tensor:
    """The convolution as a matrix: entry (i, j) = weight[h, j - i + reach], (H, r, c)."""
    rows = torch.arange(*i, device=weight.device)[:, None]
    offset = torch.arange(*j, device=weight.device) - rows + weight.shape[1] // 2
    inside = (offset >= 0) & (offset < weight.shape[1])
    return weight[:, offset.clamp(0, weight.shape[1] - 1)] * inside
