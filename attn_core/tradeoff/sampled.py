"""A method beside exact attention on sampled rows of one input: O(rows · keys) whatever the length.

Rows are taken in short strips spread over the text, because views are read in strips. What exact attention has there
is worked out once and shared by all methods.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from attn_core.contract import AttentionOp
from attn_core.fidelity.beside import Beside
from attn_core.matrix import MatrixView, ScoreView
from attn_core.sources import Source
from attn_core.views import NOT_FINITE, why_not_distributions

METRICS = ("output_error", "row_kl", "top_k_recall", "lost_mass")
TOP_K = 8
HEIGHT = 4
# Entries of exact attention over all heads that are kept for the next method: 128 MiB in fp64.
KEPT_ENTRIES = 2**24
NO_PATTERN = "lost_mass: the method has no pattern that leaves out pairs"
NO_OUTPUT = "output_error: the exact output is zero in every sampled row"

Values = dict[str, float | None]


def strips(length: int, rows: int, seed: int) -> list[slice]:
    """About so many rows as short strips, one at a random place in each of as many equal parts of the text."""
    height = min(HEIGHT, length)
    parts = max(1, min(rows, length) // height)
    generator = torch.Generator().manual_seed(seed)
    places = torch.rand(parts, generator=generator).tolist()
    found = []
    for part, place in enumerate(places):
        low, high = part * length // parts, (part + 1) * length // parts
        start = low + int(place * (high - low - height + 1))
        found.append(slice(start, start + height))
    return found


class Sampled:
    """One input with its sampled rows."""

    def __init__(self, source: Source, rows: int, seed: int) -> None:
        self.source, self.strips = source, strips(source.queries, rows, seed)
        self.rows = sum(part.stop - part.start for part in self.strips)
        q, k = source.q.double(), source.k.double()
        self.exact = ScoreView(q, k, q.shape[3] ** -0.5, causal=source.causal)
        self.v = source.v.double()
        a_strip = source.heads * source.keys * (self.strips[0].stop - self.strips[0].start)
        self.exact_rows = lru_cache(max(KEPT_ENTRIES // a_strip, 1))(self._exact_rows)

    def _exact_rows(self, start: int, stop: int) -> Tensor:
        return strip(self.exact, slice(start, stop))

    def compare(self, op: AttentionOp) -> tuple[Values, str]:
        """The metrics over all heads, and why some of them have no value."""
        q, k, v, causal = self.source.q, self.source.k, self.source.v, self.source.causal
        with torch.no_grad():
            output = op(q, k, v, causal=causal)
            view = op.view(q, k, causal=causal)
            beside = Beside(self.exact, view, self.v, output.double(), None, (TOP_K,))
            parts: dict[str, list[Tensor]] = {}
            for rows in self.strips:
                exact = self.exact_rows(rows.start, rows.stop)
                for name, values in beside.first(rows, exact, strip(view, rows).double()).items():
                    parts.setdefault(name, []).append(values)
        found = {name: torch.cat(values, 2) for name, values in parts.items()}
        return pooled(found, view)


def strip(view: MatrixView, rows: slice) -> Tensor:
    """Whole rows. Of plain scores these alone are summed: the view would sum all rows around them, to keep."""
    if type(view) is ScoreView and view.sums is None:
        scores = view.scores((rows.start, rows.stop), (0, view.shape[1]))
        return scores.softmax(-1)
    return view.block(rows, slice(None))


@dataclass
class _Words:
    """Why metrics have no value, each reason once."""

    said: dict[str, None]

    def none(self, reason: str) -> None:
        self.said[reason] = None


def pooled(rows: dict[str, Tensor], view: MatrixView) -> tuple[Values, str]:
    """From rows (B, H, r) to a number a metric; None, with the reason, where it means nothing."""
    values: Values = dict.fromkeys(METRICS)
    words = _Words({})
    norm, error = rows["output_norm"].sum(), rows["output_error"].sum()
    if not norm > 0:
        words.none(NO_OUTPUT)
    elif not error.isfinite():
        words.none(f"output_error: {NOT_FINITE}")
    else:
        values["output_error"] = float((error / norm).sqrt())
    if not rows["magnitude"].isfinite().all():
        words.none(f"row_kl, top_k_recall: {NOT_FINITE}")
    else:
        values["top_k_recall"] = float(rows["recall"].mean())
        values["row_kl"] = _divergence(rows, view, words)
    if "lost_mass" in rows:
        values["lost_mass"] = float(rows["lost_mass"].mean())
    else:
        words.none(NO_PATTERN)
    return values, "; ".join(words.said)


def _divergence(rows: dict[str, Tensor], view: MatrixView, words: _Words) -> float | None:
    """The mean over rows, infinite if one is: then it has no number, and the share of such rows is said instead."""
    if why_not := why_not_distributions(view):
        words.none(f"row_kl: {why_not}")
        return None
    infinite = float(rows["kl"].isinf().double().mean())
    if infinite:
        words.none(
            f"row_kl: infinite in {infinite:.0%} of the rows, where keys that exact attention uses get nothing"
        )
        return None
    return float(rows["kl"].mean())
