"""Matrices of a source: exact attention and chosen methods, as views and as numbers to draw. No streamlit here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from attn_core import AttentionMethod, get_method
from attn_core.matrix import MatrixView
from attn_core.sources import Sides, Source, ViewSpec
from attn_core.views import DifferenceView, bin_edges, ignore_progress
from attn_core.views.bins import Reduce
from attn_core.views.blocks import pool
from dashboard.figures.matrix_map import MOST, MatrixData
from dashboard.services.built_views import built
from dashboard.services.shown import Given
from dashboard.services.viewport import Viewport

MOST_METHODS = 3


@dataclass(frozen=True, eq=False)
class Beside:
    """A method beside exact attention in one head; or why it cannot stand there."""

    spec: ViewSpec
    method: AttentionMethod
    sides: Sides | None
    problem: str = ""

    @property
    def given(self) -> Given:
        return self.method, self.spec.params

    @property
    def exact(self) -> MatrixView:
        assert self.sides is not None
        return self.sides.exact

    @property
    def view(self) -> MatrixView:
        assert self.sides is not None and self.sides.method is not None
        return self.sides.method


def exact_view(source: Source, head: int) -> MatrixView:
    """Exact attention alone, in one head."""
    return built(ViewSpec(source.spec)).head(head).exact


def beside(source: Source, head: int, name: str, params: Mapping[str, Any]) -> Beside:
    """A refusal is kept as a sentence, for the place where the map would be."""
    method, spec = get_method(name), ViewSpec(source.spec)
    try:
        spec = ViewSpec(source.spec, name, dict(params))
        return Beside(spec, method, built(spec).head(head))
    except ValueError as refusal:
        return Beside(spec, method, None, str(refusal).rstrip(".") + ".")


def map_of(
    view: MatrixView, source: Source, part: Viewport, reduce: Reduce = "mean", most: int = MOST
) -> MatrixData:
    """A part of one head's matrix with at most `most` cells a side, and which of them hold no allowed pair."""
    rows, columns = slice(*part.rows), slice(*part.columns)
    edges = bin_edges(*part.rows, most), bin_edges(*part.columns, most)
    with torch.no_grad():
        found = pool(view, *edges, reduce, 0, ignore_progress, masks=True)
    values = found.values[0].numpy()
    masked = None if found.masked is None else found.masked[0].numpy()
    each = (part.i1 - part.i0) / values.shape[0], (part.j1 - part.j0) / values.shape[1]
    plain = each == (1, 1)
    return MatrixData(
        values,
        masked=masked,
        row_labels=_labels(source.query_labels, rows) if plain else None,
        column_labels=_labels(source.key_labels, columns) if plain else None,
        signed=isinstance(view, DifferenceView),
        keys=source.keys,
        first=(part.i0, part.j0),
        each=each,
    )


def _labels(labels: Sequence[str] | None, part: slice) -> Sequence[str] | None:
    return None if labels is None else labels[part]


def error_map(
    found: Beside,
    source: Source,
    part: Viewport,
    kind: str,
    reduce: Reduce = "mean",
    most: int = MOST,
) -> MatrixData:
    """method − exact, or by `ratio` the logarithm to base 2 of method ÷ exact, masked where either gives nothing."""
    assert found.sides is not None
    if kind != "ratio":
        data = map_of(found.sides.side("error"), source, part, reduce, most)
        return replace(data, unit="method − exact")
    exact = map_of(found.sides.exact, source, part, reduce, most)
    method = map_of(found.view, source, part, reduce, most)
    some = (exact.values > 0) & (method.values > 0)
    ratio = np.log2(np.where(some, method.values, 1.0) / np.where(some, exact.values, 1.0))
    return replace(
        exact, values=ratio, masked=~some, signed=True, unit="log₂ of method ÷ exact", least=0.01
    )


def numbers(view: MatrixView, part: Viewport, most: int) -> np.ndarray:
    """The entries of a part as they are, or ValueError where they are more than `most`."""
    cells = (part.i1 - part.i0) * (part.j1 - part.j0)
    if cells > most:
        raise ValueError(
            f"{cells:,} cells are seen; at most {most:,} are saved as numbers: zoom in."
        )
    with torch.no_grad():
        return view.block(slice(*part.rows), slice(*part.columns))[0, 0].numpy()
