"""How well features estimate the softmax kernel exp(q·k/√d), pair by pair and as attention.

FAVOR+ estimates it without bias. With m independent directions the standard deviation of one pair's estimate,
relative to the kernel itself, is exactly

    √((exp ‖q̂ + k̂‖² - 1) / m),   x̂ = x·d^-¼

(Choromanski et al. 2021, lemma 2): it falls as 1/√m and grows exponentially with the squared norms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from attn_core.contract import AttentionOp, Dims
from attn_core.kernels.features import log_products
from attn_core.methods import get_method
from attn_core.methods.kernelized import Kernelized
from attn_core.methods.performer import Performer

FeatureOp = Performer | Kernelized
# What is compared, as a method and its settings. The last has no features to draw.
VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "orthogonal": ("performer", {"kernel": "softmax", "orthogonal": True}),
    "independent": ("performer", {"kernel": "softmax", "orthogonal": False}),
    "relu": ("performer", {"kernel": "relu", "orthogonal": True}),
    "elu+1": ("kernelized", {"feature_map": "elu+1", "random_features": 0}),
}


class Errors(NamedTuple):
    """Relative: of the kernel as the root mean square over pairs, of the matrix in Frobenius norm, of the output."""

    kernel: float
    matrix: float
    output: float


def log_kernels(op: FeatureOp, q: Tensor, k: Tensor) -> tuple[Tensor, Tensor]:
    """Logarithms of the estimates φ(q)·φ(k) and of exp(q·k/√d), in fp64: (…, n, m) each."""
    exact = (q.double() @ k.double().transpose(-2, -1)) * op.scale
    with torch.no_grad():
        return log_products(op.features(q), op.features(k)), exact


def square_norms(q: Tensor, k: Tensor, scale: float) -> Tensor:
    """‖q̂ + k̂‖² of every pair: what the spread of the estimate depends on."""
    q, k = q.double(), k.double()
    own = q.square().sum(-1)[..., :, None] + k.square().sum(-1)[..., None, :]
    return (own + 2 * q @ k.transpose(-2, -1)) * scale


def predicted_spread(squares: Tensor, count: int) -> Tensor:
    """The relative standard deviation that theory gives `count` independent features."""
    return (squares.expm1() / count).sqrt()


def errors(op: FeatureOp, q: Tensor, k: Tensor, v: Tensor, causal: bool = False) -> Errors:
    """Of the operator on these inputs (1, H, ·, D), whole matrices: for samples, not for long texts."""
    estimate, exact = log_kernels(op, q, k)
    ratio = (estimate - exact).exp() - 1
    scores = exact
    if causal:
        seen = torch.ones(exact.shape[-2:], dtype=torch.bool, device=q.device).tril()
        ratio, scores = ratio[..., seen], scores.masked_fill(~seen, -torch.inf)
    weights = scores.softmax(-1)
    with torch.no_grad():
        ours = op.view(q, k, causal=causal).block(slice(None), slice(None)).double()
    out, target = ours @ v.double(), weights @ v.double()
    return Errors(
        kernel=float(ratio.square().mean().sqrt()),
        matrix=float((ours - weights).norm() / weights.norm()),
        output=float((out - target).norm() / target.norm()),
    )


def error_rows(
    q: Tensor, k: Tensor, v: Tensor, causal: bool, counts: Sequence[int], seeds: Iterable[int]
) -> Iterator[dict[str, Any]]:
    """A row for each variant, number of features and seed; every one an operator of its own drawing."""
    seeds = tuple(seeds)
    for variant in VARIANTS:
        op = variant_op(variant, q, k, max(counts))
        if isinstance(op, Kernelized):
            yield {"variant": variant, "m": q.shape[-1], "seed": 0} | errors(
                op, q, k, v, causal
            )._asdict()
            continue
        for count in counts:
            op = variant_op(variant, q, k, count)
            assert isinstance(op, Performer)
            for seed in seeds:
                op.redraw(seed)
                found = errors(op, q, k, v, causal)._asdict()
                yield {"variant": variant, "m": count, "seed": seed} | found


def pair_ratios(q: Tensor, k: Tensor, variant: str, count: int, seeds: Iterable[int]) -> Tensor:
    """Estimate over exact kernel of one query (D) and one key (D), a number a seed."""
    q, k = q.reshape(1, 1, 1, -1), k.reshape(1, 1, 1, -1)
    op = variant_op(variant, q, k, count)
    assert isinstance(op, Performer)
    ratios = []
    for seed in seeds:
        op.redraw(seed)
        estimate, exact = log_kernels(op, q, k)
        ratios.append((estimate - exact).exp().reshape(()))
    return torch.stack(ratios)


def norm_grid(
    q: Tensor, k: Tensor, count: int, factors: Sequence[float], seeds: Iterable[int]
) -> Tensor:
    """(factors of q, factors of k): the median over pairs and seeds of |estimate / exact - 1| when queries and keys
    (n, D), (m, D) are that many times as long."""
    op = variant_op("orthogonal", q[None, None], k[None, None], count)
    assert isinstance(op, Performer)
    drawn = []
    for seed in seeds:
        op.redraw(seed)
        with torch.no_grad():
            ours = [[op.features(x * factor) for factor in factors] for x in (q, k)]
        exact = (q.double() @ k.double().T) * op.scale
        drawn.append(
            torch.stack([
                torch.stack([
                    ((log_products(a, b) - exact * (f * g)).exp() - 1).abs()
                    for b, g in zip(ours[1], factors, strict=True)
                ])
                for a, f in zip(ours[0], factors, strict=True)
            ])
        )  # fmt: skip
    return torch.stack(drawn, 2).flatten(2).median(-1).values


def variant_op(variant: str, q: Tensor, k: Tensor, count: int) -> FeatureOp:
    """For inputs of these sizes, with `count` features where there are any to draw."""
    name, settings = VARIANTS[variant]
    dims = Dims(q.shape[1], q.shape[3], q.shape[2], k.shape[2])
    params = dict(settings) | ({"features": count} if name == "performer" else {})
    op: AttentionOp = get_method(name).build(dims, **params)
    assert isinstance(op, Performer | Kernelized)
    return op
