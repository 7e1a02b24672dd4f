"""The entry: `streamlit run dashboard/app.py`."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

# The one place that makes `attn_core` and `dashboard` importable without an installation.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Import torch and the engine before the first reader comes, not while one waits."""
    import attn_core  # noqa: F401

    yield


app = st.App("main.py", lifespan=lifespan)
