"""Patterns of the chosen methods, taken apart by the engine and kept at hand. No streamlit here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch

from attn_core import Cost, Dims, Shape
from attn_core.masks import (
    Anatomy,
    BucketAnatomy,
    Everyone,
    RunAnatomy,
    Shares,
    anatomy_of,
    arrivals,
    everyone,
    shares,
)
from attn_core.methods.reformer import BucketPattern
from attn_core.sources import Source, check_affordable
from attn_core.views import Progress
from dashboard.services.kept import Kept
from dashboard.services.mask_form import Choice, Layout, check_work, no_buckets
from dashboard.services.shown import setting


@dataclass(frozen=True, eq=False)
class Mask:
    """One pattern at these lengths. `key` names it among all that were ever asked for."""

    choice: Choice
    layout: Layout
    anatomy: Anatomy
    key: tuple
    shape: Shape
    hashed: str = ""

    @property
    def words(self) -> str:
        """For files. What is hashed is a head of the source."""
        parts = [self.choice.words, self.layout.words]
        return "; ".join([*parts, *([self.hashed] if self.hashed else [])])

    @property
    def cost(self) -> Cost:
        return self.choice.method.cost(self.shape, **self.choice.params)

    def shares(self, size: int) -> Shares:
        return _shares.get((*self.key, size), lambda: shares(self.anatomy, size))

    def arrivals(self, query: int) -> torch.Tensor:
        return _arrivals.get((*self.key, query), lambda: arrivals(self.anatomy, query))

    def everyone(self, thorough: bool = False, on_progress: Progress | None = None) -> Everyone:
        """What was found thoroughly before stays found."""
        found = _everyone.get(self.key, lambda: everyone(self.anatomy, thorough=False))
        if found.known or not thorough:
            return found
        found = everyone(self.anatomy, on_progress=on_progress)
        _everyone.put(self.key, found)
        return found


def mask(choice: Choice, layout: Layout, source: Source, head: int) -> Mask:
    """A ValueError says in one sentence why there is no such pattern."""
    method, tokens = choice.method, layout.tokens
    method.check_role(layout.length, layout.length, layout.causal)
    check_work(choice, layout)
    shape = shape_of(layout, source)
    if method.name == "reformer":  # the others take their patterns from rules, without scores
        check_affordable(method.name, choice.params, shape)
    key, hashed = (*choice.key, layout), ""
    if method.name == "reformer":
        key = (*key, source.spec.id, source.spec.model, head)
        anatomy = _anatomies.get(key, lambda: _buckets(choice, layout, source, head))
        hashed = f"buckets of {setting(source, head)}"
    else:
        anatomy = _anatomies.get(
            key,
            lambda: anatomy_of(method, layout.length, tokens, layout.causal, **choice.params),
        )
    return Mask(choice, layout, anatomy, key, shape, hashed)


def shape_of(layout: Layout, source: Source) -> Shape:
    """One sequence of the source's heads, in fp32."""
    return Shape(
        1, source.heads, layout.length, layout.length, source.q.shape[3], causal=layout.causal
    )


def _buckets(choice: Choice, layout: Layout, source: Source, head: int) -> BucketAnatomy:
    if why := no_buckets(source, layout):
        raise ValueError(f"reformer: {why}")
    # One head alone: what it hashes does not depend on the others.
    q = source.q[:, head : head + 1]
    params = dict(choice.params)
    seed = params.pop("seed")
    dims = Dims(1, q.shape[3], layout.length, layout.length)
    op = choice.method.build(dims, seed=seed, **params)
    keep = (torch.arange(layout.length) < layout.tokens)[None]
    pattern = cast("BucketPattern", op.view(q, q, keep, layout.causal).pattern)
    return BucketAnatomy(pattern, layout.tokens)


def _weight(anatomy: Anatomy) -> int:
    if isinstance(anatomy, RunAnatomy):
        return sum(16 * run.low.numel() for run in anatomy.runs)
    return 64 * anatomy.tokens * len(anatomy.parts)


_anatomies: Kept[Anatomy] = Kept(32, _weight, 2**29)
_shares: Kept[Shares] = Kept(64)
_arrivals: Kept[torch.Tensor] = Kept(128)
_everyone: Kept[Everyone] = Kept(256)
