"""Charts beside each other where each has room to be read, below each other where not."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def beside(name: str, spec: int | Sequence[float]) -> Sequence[DeltaGenerator]:
    """Columns that wrap: the style of every page gives those in a container of this key a least width. `name` is
    unique on the page."""
    with st.container(key=f"beside_{name}"):
        return st.columns(spec, gap="medium")
