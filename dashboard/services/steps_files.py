"""The arrays of a chain as one file. No streamlit here."""

from __future__ import annotations

import io

import numpy as np

from dashboard.services.steps import Chain


def arrays_file(chain: Chain, query: int, key: int) -> bytes:
    """An NPZ whose names are `step/array`; arrays that only the pinned pair has are of this pair."""
    found = {
        f"{step.key}/{array.name.replace('/', ' by ')}": array.values.detach().cpu().numpy()
        for step in chain.steps
        for array in (*step.arrays, *step.opened(query, key))
    }
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **found)
    return file.getvalue()
