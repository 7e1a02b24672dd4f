"""Matrices of a source as numbers to draw. No streamlit here."""

from __future__ import annotations

import numpy as np

from attn_core.matrix import MatrixView
from attn_core.sources import Source
from dashboard.figures.matrix_map import MatrixData


def exact_map(source: Source, head: int) -> tuple[MatrixView, MatrixData]:
    """Exact attention, whole."""
    view = source.operator("softmax").view(source.q, source.k, causal=source.causal)
    values = view.block(slice(None), slice(None))[0, head].numpy()
    masked = np.triu(np.ones(values.shape, dtype=bool), 1) if source.causal else None
    return view, MatrixData(
        values, masked, source.query_labels, source.key_labels, keys=source.keys
    )
