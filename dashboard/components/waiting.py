"""What a reader sees while something is worked out that takes a while: what it is, and how much of it is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from attn_core.views import Progress


@contextmanager
def waiting(what: str) -> Iterator[Progress]:
    """A bar that goes when all is done. Whoever leaves the page, or asks for something else, ends the work at its next
    report."""
    place = st.empty()

    def show(done: int, total: int) -> None:
        place.progress(done / total, f"{what}: {done:,} of {total:,}")

    yield show
    place.empty()
