"""Singular values of attention matrices, and what the best matrix of rank k could reach.

By the Eckart-Young theorem no matrix of rank k is nearer in Frobenius norm than the truncated SVD; its output,
the truncated matrix times V, is what such a matrix would compute, though not the best output of that rank.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Spectra:
    exact: Tensor  # (B, H, min(N, M)), descending
    approximate: Tensor
    best_matrix_error: Tensor  # (H, ranks), relative, in Frobenius norm
    best_output_error: Tensor  # (H, ranks), relative


def spectra(
    exact: Tensor, approximate: Tensor, v: Tensor, ranks: tuple[int, ...], step: Callable[[], None]
) -> Spectra:
    """Of dense (B, H, N, M) matrices; `step` is called after each of the 2·B·H decompositions."""
    batch, heads, queries, keys = exact.shape
    values = exact.new_zeros((2, batch, heads, min(queries, keys)))
    energy = exact.new_zeros((2, batch, heads, min(queries, keys)))
    for b in range(batch):
        for h in range(heads):
            _, singular, right = torch.linalg.svd(exact[b, h], full_matrices=False)
            values[0, b, h] = singular
            energy[0, b, h] = singular.square()
            energy[1, b, h] = singular.square() * (right @ v[b, h]).square().sum(-1)
            step()
            values[1, b, h] = torch.linalg.svdvals(approximate[b, h])
            step()
    matrix, output = (truncation_error(part.sum(0), ranks) for part in energy)
    return Spectra(values[0], values[1], matrix, output)


def effective_rank(singular: Tensor) -> Tensor:
    """exp of the entropy of the singular values scaled to sum to one (Roy and Vetterli, 2007): 1 for a matrix
    of rank one, n where n singular values are equal."""
    shares = singular / singular.sum(-1, keepdim=True)
    return torch.special.entr(shares).sum(-1).exp()


def truncation_error(energy: Tensor, ranks: Sequence[int]) -> Tensor:
    """(H, K) energies by singular direction to (H, ranks): root of the share beyond the first k. The left
    singular vectors are orthonormal, so energies of dropped directions add up."""
    tails = torch.nn.functional.pad(energy.flip(-1).cumsum(-1).flip(-1), (0, 1))
    kept = [min(rank, energy.shape[-1]) for rank in ranks]
    return (tails[:, kept] / tails[:, :1]).sqrt()
