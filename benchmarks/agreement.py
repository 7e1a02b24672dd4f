"""Where a peer computes the same function, both outputs and both input gradients must be equal.

The comparisons that are timed and say they compute one function are checked as they are; the cases beside them
are functions nobody needs to time. Errors are norms of differences over norms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from benchmarks.adapters import EXACT, PEERS
from benchmarks.adapters.same import PAIRS
from benchmarks.clock import Side
from benchmarks.comparison import Comparison, Pair, relative_error
from benchmarks.outcome import attempt
from benchmarks.results import Row

# Short enough to be quick, long enough for several windows, chunks and landmarks' segments.
LENGTH = 512


@dataclass(frozen=True)
class Case:
    """One function computed twice."""

    name: str
    build: Callable[[], Pair]
    tolerance: float


def timed_case(comparison: Comparison) -> Case:
    assert comparison.tolerance is not None
    return Case(comparison.name, partial(comparison.build, LENGTH), comparison.tolerance)


CASES: tuple[Case, ...] = (
    *(timed_case(comparison) for comparison in (*PEERS, *EXACT) if comparison.tolerance),
    *(Case(name, build, tolerance) for name, build, tolerance in PAIRS),
)


def output_and_gradients(side: Side, inputs: tuple[Tensor, ...]) -> list[Tensor]:
    leaves = [tensor.clone().requires_grad_() for tensor in inputs]
    out = side.call(*leaves)
    generator = torch.Generator().manual_seed(1)
    weights = torch.randn(out.shape, generator=generator)
    return [out.detach(), *torch.autograd.grad(out, leaves, weights)]


def errors(pair: Pair) -> tuple[float, float]:
    """Relative error of the output, and the largest one of the gradients of the inputs."""
    found = output_and_gradients(pair.ours, pair.inputs)
    expected = output_and_gradients(pair.peer, pair.inputs)
    output, *gradients = (relative_error(a, b) for a, b in zip(found, expected, strict=True))
    return output, max(gradients)


def measure(cases: Iterable[Case]) -> Iterator[Row]:
    for case in cases:
        torch.manual_seed(0)
        row: Row = {"name": case.name, "tolerance": case.tolerance}
        yield attempt(row, partial(check, case))


def check(case: Case) -> Row:
    output, gradient = errors(case.build())
    return {"output": output, "gradient": gradient, "met": max(output, gradient) <= case.tolerance}
