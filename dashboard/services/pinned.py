"""The pinned pair in numbers and words, and the keys its query attends to most. No streamlit here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

import pandas as pd
import torch

from attn_core.matrix import MatrixView
from attn_core.sources import Source
from dashboard.services.literal import literal

MOST_KEYS = 10


@dataclass(frozen=True)
class Pinned:
    """One pair of one head. `weights` has a number for every matrix that is shown, by its name."""

    query: int
    key: int
    query_label: str
    key_label: str
    dot: float
    score: float
    masked: bool
    weights: Mapping[str, float]
    outside: frozenset[str] = frozenset()  # matrices whose pattern leaves the pair out

    @property
    def words(self) -> str:
        """The facts without colour or mouse."""
        pair = f"Query {self.query:,}{_quoted(self.query_label)}, key {self.key:,}{_quoted(self.key_label)}"
        product = f"q·k = {self.dot:.4g}, divided by √d {self.score:.4g}"
        if self.masked:
            product += "; the pair is masked"
        found = [
            f"{name} {value:.4g}" + (" (outside its pattern)" if name in self.outside else "")
            for name, value in self.weights.items()
        ]
        return f"**{pair}**: {product}; weight " + ", ".join(found) + "."


def pinned(
    source: Source, views: Mapping[str, MatrixView], head: int, query: int, key: int
) -> Pinned:
    """Every number by its engine, for this pair alone. A matrix has all heads of the source, or this one alone."""
    q, k = source.q[0, head, query].double(), source.k[0, head, key].double()
    dot = float(q @ k)
    at = slice(query, query + 1), slice(key, key + 1)
    masked = source.causal and key > query
    outside = [
        name
        for name, view in views.items()
        if not _met(view, head, (query, query + 1), (key, key + 1))
    ]
    return Pinned(
        query=query,
        key=key,
        query_label="" if source.query_labels is None else source.query_labels[query],
        key_label="" if source.key_labels is None else source.key_labels[key],
        dot=dot,
        score=dot / math.sqrt(q.numel()),
        masked=masked,
        weights={
            name: float(view.block(*at)[0, _place(view, head)]) for name, view in views.items()
        },
        outside=frozenset() if masked else frozenset(outside),
    )


def strongest(
    source: Source, views: Mapping[str, MatrixView], head: int, query: int, most: int = MOST_KEYS
) -> pd.DataFrame:
    """The keys with the largest weight, each matrix naming its next one in turn, and what all matrices give them, those
    first that the first gives most. The future is no key."""
    met = query + 1 if source.causal else source.keys
    rows = {
        name: view.block(slice(query, query + 1), slice(0, met))[0, _place(view, head), 0].double()
        for name, view in views.items()
    }
    first = next(iter(rows.values()))
    named = [torch.topk(row, min(most, met)).indices.tolist() for row in rows.values()]
    some = list(dict.fromkeys(chain.from_iterable(zip(*named, strict=True))))[:most]
    order = sorted(some, key=lambda key: -first[key].item())
    found: dict[str, list] = {"key j": order}
    if source.key_labels is not None:
        found["token"] = [source.key_labels[j].replace("▁", " ") for j in order]
    return pd.DataFrame(found | {name: row[order].tolist() for name, row in rows.items()})


def _place(view: MatrixView, head: int) -> int:
    return head if view.heads > 1 else 0


def _met(view: MatrixView, head: int, i: tuple[int, int], j: tuple[int, int]) -> bool:
    mask = view.one(_place(view, head)).allowed(i, j) if view.pattern is not None else None
    return mask is None or bool(mask.any())


def _quoted(label: str) -> str:
    return f" “{literal(label.replace('▁', ' ').strip() or label)}”" if label else ""
