"""Values as one byte each, so that whoever draws a tile chooses scale and colours: the logarithm in steps, and
codes of their own for what is no number, for zero, and for pairs that may not interact."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from attn_core.matrix import widen

MASKED, NOT_FINITE, ZERO, FIRST = 0, 1, 2, 3
SMALLEST = 1e-8
# Weights of rows that sum to one stay below 1; scores of a recurrence, which are signed, do not.
LARGEST = {False: 10.0, True: 1_000.0}
# Steps of either sign: 253 codes are left for numbers, and a signed table has as many below zero as above.
STEPS = {False: 253, True: 126}


def encode(values: Tensor, masked: Tensor | None, signed: bool) -> NDArray[np.uint8]:
    """(h, w) values as codes. A value beyond the table takes the nearest code of its sign; a negative one in a
    matrix that is not signed can only be rounding, and reads as zero."""
    numbers, steps = widen(values).cpu(), STEPS[signed]
    # Everything in place: a tile is coded while somebody waits for it.
    place = numbers.abs().div_(SMALLEST).log_().div_(log_step(signed)).round_()
    place = place.nan_to_num_(nan=0.0).clamp_(0, steps - 1)
    if signed:
        place = torch.where(numbers > 0, FIRST + steps + place, FIRST + steps - 1 - place)
        place[numbers == 0] = ZERO
    else:
        place = place.add_(FIRST).masked_fill_(numbers <= 0, ZERO)
    place.masked_fill_(~numbers.isfinite(), NOT_FINITE)
    if masked is not None:
        place.masked_fill_(masked.cpu(), MASKED)
    return place.to(torch.uint8).numpy()


@cache
def table(signed: bool) -> tuple[float | None, ...]:
    """What each of the 256 codes stands for; None for those that stand for no number."""
    steps = [SMALLEST * math.exp(log_step(signed) * place) for place in range(STEPS[signed])]
    numbers = [-step for step in reversed(steps)] + steps if signed else steps
    found: list[float | None] = [None, None, 0.0, *numbers]
    return tuple(found + [None] * (256 - len(found)))


def log_step(signed: bool) -> float:
    """Between the logarithms of neighbouring codes."""
    return math.log(LARGEST[signed] / SMALLEST) / (STEPS[signed] - 1)
