"""One fault of a peer as data, and the questions several of them ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from benchmarks.comparison import relative_error

# What rounding alone does to these comparisons in fp32 stays far below this.
NOTHING = 1e-3


@dataclass(frozen=True)
class Fault:
    """`measure` gives the peer's number and ours (None where the question cannot be asked of us)."""

    peer: str
    claim: str
    how: str
    measure: Callable[[], tuple[float, float | None]]
    wrong_above: float = NOTHING


def change(function: Callable[..., Tensor], before: Any, after: Any, rows: slice) -> float:
    """How much some output rows (of dimension -2) move when the input changes: norms over norms."""
    with torch.no_grad():
        first, second = function(*before), function(*after)
    return relative_error(second[..., rows, :], first[..., rows, :])
