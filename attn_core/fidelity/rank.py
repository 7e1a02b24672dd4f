"""Attention matrices held against the best matrix of the same rank (Eckart and Young, 1936)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from attn_core.fidelity.spectrum import truncation_error
from attn_core.matrix import MatrixView
from attn_core.methods.nystromformer import Factors, Nystromformer

WHOLE = slice(None)


class Step(NamedTuple):
    """After so many iterations: ‖AZA - A‖/‖A‖, and the error of F·Z·B against exact attention, one head each."""

    iteration: int
    residual: float
    matrix_error: float


def best_errors(singular: Tensor) -> Tensor:
    """(K) singular values, descending, to (K + 1) relative Frobenius errors of the best matrix of rank 0 … K."""
    return truncation_error(singular.double().square()[None], range(len(singular) + 1))[0]


def rank_for(singular: Tensor, error: float) -> int:
    """The smallest rank whose best matrix is no further off than `error`."""
    return int((best_errors(singular) > error).sum())


def head_matrix(view: MatrixView, head: int) -> Tensor:
    """One head's matrix (N, M), whole, in fp64; by its factors where it has them."""
    factors = view.factors()
    if factors is None:
        return view.block(WHOLE, WHOLE)[0, head].double()
    return factors[0][0, head].detach().double() @ factors[1][0, head].detach().double()


def matrix_error(exact: Tensor, approximate: Tensor) -> float:
    """Relative, in Frobenius norm."""
    return float((approximate.double() - exact.double()).norm() / exact.double().norm())


def inverse_steps(op: Nystromformer, made: Factors, head: int, exact: Tensor) -> list[Step]:
    """How the pseudo-inverse of one head comes near, iteration by iteration; the start is iteration 0."""
    a, left, right = (x[0, head].double() for x in (made.between, made.left, made.right))
    steps = []
    with torch.no_grad():
        for iteration, z in enumerate(op.pseudo_inverses(made.between)):
            inverse = z[0, head].double()
            residual = matrix_error(a, a @ inverse @ a)
            steps.append(Step(iteration, residual, matrix_error(exact, left @ inverse @ right)))
    return steps


def inverse_limit(made: Factors, head: int, exact: Tensor) -> float:
    """The error with the true pseudo-inverse, which the iterations are on the way to."""
    a, left, right = (x[0, head].double() for x in (made.between, made.left, made.right))
    return matrix_error(exact, left @ torch.linalg.pinv(a) @ right)
