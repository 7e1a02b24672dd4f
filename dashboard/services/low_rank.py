"""A head's exact matrix decomposed, and how near methods of limited rank come to it. No streamlit here."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from attn_core import METHODS
from attn_core.fidelity.rank import best_errors, head_matrix, matrix_error, rank_for
from attn_core.fidelity.spectrum import effective_rank
from attn_core.sources import Source, SourceSpec, thinned
from attn_core.views import Progress, ignore_progress
from dashboard.services.features import check_sizes
from dashboard.services.kept import Kept
from dashboard.services.shown import Given
from dashboard.services.sources import model_config, source_of

# What says how large each method's rank may be.
BUDGETS = {
    "linformer": "rank",
    "nystromformer": "landmarks",
    "low_rank": "rank",
    "performer": "features",
}
MAPS = ("linformer", "nystromformer", "low_rank")
RANKS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
# Decomposed without being asked; on request; beyond, never.
AT_ONCE, MOST = 512, 2_048
MOST_ELEMENTS = 2**26
# Tokens of the matrices whose effective ranks are compared over heads and layers.
SAMPLE = 256
ENERGY = 0.9


@dataclass(frozen=True)
class Asked:
    """One method on one head of a source."""

    source: Source
    head: int
    method: str
    params: tuple[tuple[str, Any], ...]

    @property
    def settings(self) -> dict[str, Any]:
        return dict(self.params)

    @property
    def key(self) -> tuple[Any, ...]:
        return self.source.spec, self.head, self.method, self.params

    @property
    def given(self) -> Given:
        return METHODS[self.method], self.settings

    @property
    def rank(self) -> int:
        """The most its matrix can have."""
        asked = self.settings[BUDGETS[self.method]]
        return min(asked, self.source.queries, self.source.keys)


@dataclass(frozen=True, eq=False)
class Decomposed:
    """The exact matrix (N, M) in fp64, its singular values, and the best relative error by rank 0, 1, …"""

    exact: Tensor
    singular: Tensor
    best: Tensor

    @property
    def energy(self) -> np.ndarray:
        """The share of the squared norm in the first k directions, k from 0."""
        return 1 - self.best.square().numpy()

    def rank_of(self, share: float) -> int:
        """The smallest rank with that share of the energy."""
        return int((self.energy < share).sum())


def ask(source: Source, head: int, method: str, drawn: Mapping[str, Any]) -> Asked:
    """A ValueError says in one sentence what cannot be had."""
    definition = source.check(method)
    settings = definition.resolve(drawn)
    check_sizes(method, settings)
    tokens = source.heads * max(source.queries, source.keys)
    budget = settings[BUDGETS[method]]
    if tokens * budget > MOST_ELEMENTS:
        raise ValueError(
            f"{BUDGETS[method]} {budget:,} for {tokens:,} tokens, over all heads, needs more than the "
            f"{MOST_ELEMENTS:,} numbers held here; choose less or a shorter source"
        )
    return Asked(source, head, method, tuple(sorted(settings.items())))


def too_large(source: Source) -> str:
    """Why the matrix is never decomposed, or nothing."""
    if max(source.queries, source.keys) <= MOST:
        return ""
    return (
        f"A matrix of {source.queries:,} × {source.keys:,} is not decomposed here: singular values take time with the "
        f"cube of the length, and {MOST:,} is the most. Choose a shorter source; the factors below are shown at any "
        "length."
    )


def at_once(source: Source, head: int) -> bool:
    small = max(source.queries, source.keys) <= AT_ONCE
    return small or (source.spec, head) in _decomposed.known


def decomposed(source: Source, head: int) -> Decomposed:
    return _decomposed.get((source.spec, head), lambda: _decompose(source, head))


def _decompose(source: Source, head: int) -> Decomposed:
    exact = exact_matrix(source, head, MOST)
    singular = torch.linalg.svdvals(exact)
    return Decomposed(exact, singular, best_errors(singular))


def exact_matrix(source: Source, head: int, most: int) -> Tensor:
    """One head's exact attention in fp64, of at most so many tokens, evenly spaced."""
    one = thinned(source, head, most)
    view = one.operator("softmax").view(one.q.double(), one.k.double(), causal=source.causal)
    return head_matrix(view, 0)


def error_of(asked: Asked) -> float:
    return _errors.get(asked.key, lambda: _error(asked))


def _error(asked: Asked) -> float:
    source = asked.source
    op = source.operator(asked.method, **asked.settings)
    view = op.view(source.q, source.k, causal=source.causal)
    return matrix_error(decomposed(source, asked.head).exact, head_matrix(view, asked.head))


def serving(source: Source) -> list[str]:
    """The methods that have this role at all."""
    found = []
    for name in BUDGETS:
        with suppress(ValueError):
            source.check(name)
            found.append(name)
    return found


def rank_table(asked: Asked, report: Progress = ignore_progress) -> pd.DataFrame:
    """A row a method and rank: its error, the best possible one of that rank, and the rank that would do. The chosen
    method keeps its settings, the others have their defaults."""
    source, head = asked.source, asked.head
    found = decomposed(source, head)
    rows, names = [], serving(source)
    ranks = {rank for rank in RANKS if rank <= len(found.singular)} | {asked.rank}
    for name in names:
        budget = BUDGETS[name]
        settings = asked.settings if name == asked.method else {}
        for rank in sorted(ranks):
            report(len(rows), len(names) * len(ranks))
            one = ask(source, head, name, settings | {budget: rank})
            error, best = error_of(one), float(found.best[rank])
            rows.append(
                {
                    "method": name,
                    "k": rank,
                    "error": error,
                    "best": best,
                    "ratio": error / best if best > 1e-9 else float("nan"),
                    "would do": rank_for(found.singular, error),
                }
            )
    return pd.DataFrame(rows)


def rank_by_head(source: Source, report: Progress = ignore_progress) -> pd.DataFrame:
    """Effective rank, and the rank that holds 90% of the energy, of every head in every layer, on a sample."""
    spec = replace(source.spec, layer=0) if source.inside is not None else source.spec
    return _by_head.get(spec, lambda: _rank_by_head(source, report))


def _rank_by_head(source: Source, report: Progress) -> pd.DataFrame:
    rows, layers = [], _layers(source)
    for layer, one in layers:
        for head in range(one.heads):
            report(len(rows), len(layers) * one.heads)
            singular = torch.linalg.svdvals(exact_matrix(one, head, SAMPLE))
            rows.append(
                {
                    "layer": layer,
                    "head": head,
                    "effective": float(effective_rank(singular)),
                    "energy": int((1 - best_errors(singular).square() < ENERGY).sum()),
                    "size": len(singular),
                }
            )
    return pd.DataFrame(rows)


def _layers(source: Source) -> list[tuple[int, Source]]:
    if source.inside is None:
        return [(0, source)]
    spec: SourceSpec = source.spec
    count = model_config(spec.model).layers
    return [(layer, source_of(replace(spec, layer=layer))) for layer in range(count)]


_decomposed: Kept[Decomposed] = Kept(8, lambda one: one.exact.numel() * 8, 2**28)
_errors: Kept[float] = Kept(1_024)
_by_head: Kept[pd.DataFrame] = Kept(32)
