"""What a feature map gives, for every method of linear attention."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

# exp2 of a multiple is several times faster than exp in torch on a CPU.
LOG2_E, LOG_2 = math.log2(math.e), math.log(2)
# Stands for the logarithm of zero where -inf - (-inf) would be NaN.
LOG_ZERO = -1e30
# Feature elements held at a time: enough for good matrix products, and on a CPU few enough to stay in cache.
ELEMENTS, CUDA_ELEMENTS = 1 << 19, 1 << 27
CHUNK = 64


class Features(NamedTuple):
    """φ (…, n, m), possibly divided by exp of one logarithm per token (…, n) that stands beside it."""

    values: Tensor
    log_scale: Tensor | None = None


FeatureMap = Callable[[Tensor], Features]


def held_elements(x: Tensor) -> int:
    return CUDA_ELEMENTS if x.is_cuda else ELEMENTS


def safe(weights: Tensor) -> Tensor:
    """Denominators to divide by. One close to the smallest normal number is an underflow, not a sum: it becomes
    one, and its row, whose sums have underflowed likewise, practically zero. The margin keeps gradients, which
    sum many quotients, finite."""
    smallest = torch.finfo(weights.dtype).tiny * 2.0**27
    return weights.masked_fill(weights < smallest, 1.0)


def key_features(features: FeatureMap, k: Tensor, keep: Tensor | None) -> Features:
    """Features of keys, nothing where a key is padding."""
    values, log_scale = features(k)
    if keep is not None:
        values = values.masked_fill(~keep[..., None], 0.0)
        log_scale = None if log_scale is None else log_scale.masked_fill(~keep, LOG_ZERO)
    return Features(values, log_scale)


def log_features(made: Features) -> Tensor:
    """log φ in fp64, where φ itself may be too large or too small to write down; -inf where it is 0."""
    logs = made.values.double().log()
    return logs if made.log_scale is None else logs + made.log_scale.double()[..., None]


def log_products(a: Features, b: Features) -> Tensor:
    """log of φ(x)·φ(y) (…, n, m) in fp64: the kernel of every pair, before rows are normalised."""
    logs = (a.values.double() @ b.values.double().transpose(-2, -1)).log()
    if a.log_scale is not None:
        logs = logs + a.log_scale.double()[..., :, None]
    return logs if b.log_scale is None else logs + b.log_scale.double()[..., None, :]
