"""What changes with the number of features, the drawing and the norms: measured on a sample. No streamlit here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from attn_core.fidelity.kernel_estimate import (
    VARIANTS,
    Errors,
    error_rows,
    errors,
    norm_grid,
    pair_ratios,
    predicted_spread,
    square_norms,
    variant_op,
)
from attn_core.sources import Source, thinned
from attn_core.views import Progress, ignore_progress
from dashboard.services.kept import Kept

# Queries and keys of the sample that curves are measured on, evenly spaced.
SAMPLE = 64
COUNTS = (16, 32, 64, 128, 256, 512, 1024)
SEED_COUNTS = (8, 32, 128)
TIMES = (0.25, 0.5, 1.0)
# Of one pair, and fewer where features are many: so many are drawn in all, for each kind of directions.
PAIR_SEEDS, MOST_DRAWN = 128, 2**17
GRID_SEEDS = 4
GRID_SAMPLE = 24
FACTORS = tuple(2.0 ** (power / 2) for power in range(-6, 5))
COMPARED_SEEDS = 8
NAMES = {
    "orthogonal": "FAVOR+, orthogonal",
    "independent": "FAVOR+, independent",
    "relu": "ReLU kernel",
    "elu+1": "elu + 1",
}
MAPS = ("orthogonal", "relu", "elu+1")


@dataclass(frozen=True, eq=False)
class Curve:
    """A row a variant, number of features and seed; `predicted` is what theory says of the kernel, by features."""

    rows: pd.DataFrame
    predicted: pd.DataFrame
    tokens: int
    seeds: int


@dataclass(frozen=True, eq=False)
class Compared:
    """One variant on the sample: weights of every pair, exact and its own, and errors over seeds."""

    variant: str
    name: str
    exact: np.ndarray
    own: np.ndarray
    drawn: list[Errors]


def curve(
    source: Source,
    head: int,
    seeds: int,
    times: float = 1.0,
    report: Progress = ignore_progress,
) -> Curve:
    """Errors against the number of features, of queries and keys that are `times` as long as they are."""
    return _curves.get(
        (source.spec, head, seeds, times), lambda: _curve(source, head, seeds, times, report)
    )


def _curve(source: Source, head: int, seeds: int, times: float, report: Progress) -> Curve:
    sample = thinned(source, head, SAMPLE)
    q, k = sample.q * times, sample.k * times
    total = 3 * len(COUNTS) * seeds + 1
    found = []
    for row in error_rows(q, k, sample.v, source.causal, COUNTS, range(seeds)):
        found.append(row)
        report(len(found), total)
    squares = square_norms(q, k, q.shape[3] ** -0.5)[0, 0]
    if source.causal:
        squares = squares[torch.ones_like(squares, dtype=torch.bool).tril()]
    predicted = [float(predicted_spread(squares, m).square().mean().sqrt()) for m in COUNTS]
    rows = pd.DataFrame(found)
    rows["name"] = [NAMES[one] for one in rows["variant"]]
    return Curve(rows, pd.DataFrame({"m": COUNTS, "kernel": predicted}), sample.keys, seeds)


def compared(
    source: Source, head: int, count: int, report: Progress = ignore_progress
) -> list[Compared]:
    """The maps beside each other; each estimates attention on the same sample, the first seed is shown."""
    return _compared.get((source.spec, head, count), lambda: _compare(source, head, count, report))


def _compare(source: Source, head: int, count: int, report: Progress) -> list[Compared]:
    sample = thinned(source, head, SAMPLE // 2)
    q, k, v, whole = sample.q, sample.k, sample.v, slice(None)
    exact = sample.operator("softmax").view(q, k, causal=source.causal).block(whole, whole)[0, 0]
    found = []
    for at, variant in enumerate(MAPS):
        report(at, len(MAPS))
        op = variant_op(variant, q, k, count)
        own = op.view(q, k, causal=source.causal).block(whole, whole)[0, 0]
        drawn = []
        for seed in range(COMPARED_SEEDS if hasattr(op, "redraw") else 1):
            if seed:
                op.redraw(seed)  # pyright: ignore[reportCallIssue, reportAttributeAccessIssue]
            drawn.append(errors(op, q, k, v, source.causal))
        found.append(Compared(variant, NAMES[variant], exact.numpy(), own.numpy(), drawn))
    return found


ERROR_COLUMNS = ("matrix", "matrix least", "matrix most", "output", "output least", "output most")


def error_table(found: list[Compared]) -> pd.DataFrame:
    """A row a map: median, least and most over seeds."""
    rows = []
    for one in found:
        row: dict[str, object] = {"map": one.name, "seeds": len(one.drawn)}
        for name in ("matrix", "output"):
            values = [getattr(errors, name) for errors in one.drawn]
            row |= {
                name: float(np.median(values)),
                f"{name} least": min(values),
                f"{name} most": max(values),
            }
        rows.append(row)
    return pd.DataFrame(rows)


def counted(seeds: int, report: Progress, part: int = 0, parts: int = 1) -> Iterator[int]:
    """Seed by seed, each reported before it is drawn; of several parts this is one."""
    for seed in range(seeds):
        report(part * seeds + seed, parts * seeds)
        yield seed


def pair_seeds(count: int) -> int:
    return min(PAIR_SEEDS, MOST_DRAWN // count)


def pair_spread(
    source: Source, head: int, query: int, key: int, count: int, report: Progress = ignore_progress
) -> pd.DataFrame:
    """Estimate over exact kernel of one pair: a row a seed and kind of directions."""
    return _spreads.get(
        (source.spec, head, query, key, count),
        lambda: _spread(source, head, query, key, count, report),
    )


def _spread(
    source: Source, head: int, query: int, key: int, count: int, report: Progress
) -> pd.DataFrame:
    seeds = pair_seeds(count)
    kinds = ("orthogonal", "independent")
    q, k = source.q[0, head, query], source.k[0, head, key]
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "variant": variant,
                    "name": NAMES[variant],
                    "seed": range(seeds),
                    "ratio": pair_ratios(
                        q, k, variant, count, counted(seeds, report, at, len(kinds))
                    ).numpy(),
                }
            )
            for at, variant in enumerate(kinds)
        ],
        ignore_index=True,
    )


def pair_prediction(source: Source, head: int, query: int, key: int, count: int) -> float:
    """The relative standard deviation that theory gives this pair."""
    q, k = source.q[0, head, query][None], source.k[0, head, key][None]
    return float(predicted_spread(square_norms(q, k, q.shape[1] ** -0.5), count))


def norm_table(
    source: Source, head: int, count: int, report: Progress = ignore_progress
) -> pd.DataFrame:
    """The median error of a pair when queries and keys are longer or shorter: a row a pair of factors."""
    return _grids.get((source.spec, head, count), lambda: _grid(source, head, count, report))


def _grid(source: Source, head: int, count: int, report: Progress) -> pd.DataFrame:
    sample = thinned(source, head, GRID_SAMPLE)
    q, k = sample.q[0, 0], sample.k[0, 0]
    found = norm_grid(q, k, count, FACTORS, counted(GRID_SEEDS, report))
    lengths = [float(x.norm(dim=-1).mean()) for x in (q, k)]
    return pd.DataFrame(
        [
            {
                "query_factor": f,
                "key_factor": g,
                "query_norm": f * lengths[0],
                "key_norm": g * lengths[1],
                "error": float(found[a, b]),
            }
            for a, f in enumerate(FACTORS)
            for b, g in enumerate(FACTORS)
        ]
    )


assert set(NAMES) == set(VARIANTS)
_curves: Kept[Curve] = Kept(32)
_compared: Kept[list[Compared]] = Kept(32)
_spreads: Kept[pd.DataFrame] = Kept(64)
_grids: Kept[pd.DataFrame] = Kept(32)
