"""Numbers as LaTeX, short enough to read."""

from __future__ import annotations

import math

import torch
from torch import Tensor

TERMS = 3


def number(value: float | Tensor) -> str:
    """Three digits: 0.123, -4.5·10⁻⁵."""
    value = float(value)
    if math.isnan(value):
        return r"\text{NaN}"
    if math.isinf(value):
        return r"\infty" if value > 0 else r"-\infty"
    text = f"{value:.3g}"
    if "e" not in text:
        return text
    digits, power = text.split("e")
    return rf"{digits}\cdot 10^{{{int(power)}}}"


def factor(value: float | Tensor) -> str:
    """As part of a product or after a sign."""
    text = number(value)
    return rf"({text})" if text.startswith("-") or "cdot" in text else text


def products(left: Tensor, right: Tensor, largest: bool = False) -> str:
    """Σ left·right term by term: the first few, or those whose left is largest, and dots for the rest."""
    count = left.numel()
    order = torch.topk(left.abs(), count).indices if largest else torch.arange(count)
    shown = order[:TERMS].tolist()
    terms = [rf"{factor(left[at])}\cdot{factor(right[at])}" for at in shown]
    if count > TERMS:
        last = order[-1]
        more = [] if largest else [rf"{factor(left[last])}\cdot{factor(right[last])}"]
        terms += [r"\cdots", *more]
    return "+".join(terms)
