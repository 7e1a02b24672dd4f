"""The entry: `streamlit run dashboard/app.py`."""

import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

# The one place that makes `attn_core` and `dashboard` importable without an installation.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dashboard.front import FRONT
from dashboard.readiness import get_ready
from dashboard.routes import ROUTES


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Get ready before the first reader comes, not while one waits, and take up the work that was left in the
    queue."""
    from attn_core.environment import leave_cores

    leave_cores()
    take_up_work()
    get_ready()
    yield


def take_up_work() -> None:
    """Start the worker. Where that fails the pages say so when asked to measure; reading needs no worker."""
    from attn_core import jobs
    from attn_core.store import Store, StoreError

    try:
        jobs.ensure_worker(Store())
    except (StoreError, OSError) as problem:
        logging.getLogger(__name__).warning("No worker was started: %s", problem)


app = st.App("main.py", lifespan=lifespan, routes=[*FRONT, *ROUTES])
