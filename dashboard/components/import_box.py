"""Taking in a run that was exported elsewhere: a GPU machine's, looked at on a laptop."""

from __future__ import annotations

import streamlit as st

from attn_core.exchange import import_run
from attn_core.store import Store
from dashboard import state
from dashboard.components.run_history import choose, said, say

HELP = (
    "Take in a run exported on another machine. Every field is checked before anything is stored."
)
FILE_HELP = (
    "The zip of a run, or the JSON of `sweep --json` or `runs export`. It is stored as imported."
)


def import_box(store: Store, disabled: bool) -> None:
    uploads = st.session_state.setdefault(state.RUNS_UPLOADS, 0)
    with st.popover("Import", icon=":material/upload:", help=HELP, disabled=disabled):
        key = state.runs_key("upload", str(uploads))
        st.file_uploader(
            "Exported run",
            type=["zip", "json"],
            key=key,
            help=FILE_HELP,
            on_change=said,
            args=(_take, store, key),
        )


def _take(store: Store, key: str) -> None:
    """Store the uploaded run and show it; the next upload gets a fresh box."""
    file = st.session_state.get(key)
    if file is None:
        return
    st.session_state[state.RUNS_UPLOADS] += 1
    run_id = import_run(store, file.getvalue())
    st.session_state[state.RUNS_SEARCH] = ""
    choose([run_id])
    say("success", f"Imported {file.name} as {run_id}")
