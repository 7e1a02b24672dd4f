"""The history: every stored run in a table, of which some are chosen. The choice is in the URL."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from attn_core.store import Run, Store, StoreError
from dashboard import state
from dashboard.services import history
from dashboard.services.literal import literal
from dashboard.services.sweeps import LIVE

SEARCH_HELP = "Only runs with all of these words in their id, name, notes or settings, as a method or a dtype."
ROW_PIXELS = 35
# The picture below stays in sight; more runs are a scroll away.
MOST_ROWS = 6
WATCH_SECONDS = 2.0
WIDTHS = {
    "Run": 180,
    "Notes": 150,
    "State": 80,
    "Kind": 65,
    "Methods": 200,
    "Lengths": 105,
    "Cells": 55,
    "Measured on": 125,
    "Created (UTC)": 130,
}


def said(action: Callable[..., object], *given: object) -> None:
    """Do it, for the use as a callback; what there is against it becomes one sentence on the page."""
    try:
        action(*given)
    except (StoreError, ValueError) as problem:
        say("error", str(problem).removeprefix("import: "))


def say(kind: str, sentence: str) -> None:
    st.session_state[state.RUNS_SAID] = (kind, sentence)


def show_said() -> None:
    """What the last action had to say, once."""
    kind, sentence = st.session_state.pop(state.RUNS_SAID, ("", ""))
    if not sentence:
        return
    sentence = literal(sentence[0].upper() + sentence[1:].rstrip(".") + ".")
    if kind == "error":
        st.error(sentence, icon=":material/error:")
    else:
        st.toast(sentence, icon=":material/check_circle:")


def search_box() -> str:
    return st.text_input(
        "Search",
        key=state.RUNS_SEARCH,
        bind="query-params",
        help=SEARCH_HELP,
        placeholder="Search names, notes, methods …",
        icon=":material/search:",
        label_visibility="collapsed",
        width=290,
    )


def choose(run_ids: Sequence[str]) -> None:
    """Put the choice into the URL."""
    if run_ids:
        st.query_params[state.RUNS_CHOSEN] = ",".join(run_ids)
    else:
        st.query_params.pop(state.RUNS_CHOSEN, None)


def run_table(runs: Sequence[Run], environments: Mapping[str, Mapping[str, Any]]) -> list[Run]:
    """The table, and the runs chosen in it: those of the URL, or the newest, until others are."""
    ids = [run.id for run in runs]
    asked = st.query_params.get(state.RUNS_CHOSEN, "").split(",")
    if missing := [run_id for run_id in asked if run_id and run_id not in ids]:
        st.caption(f"Not in this list: {literal(', '.join(missing))}.")
    rows = [ids.index(run_id) for run_id in dict.fromkeys(asked) if run_id in ids] or [0]
    shown = min(len(runs), MOST_ROWS) + 1
    # A new list is a new table: positions in the old one would choose other runs.
    digest = hashlib.sha256(",".join(ids).encode()).hexdigest()[:12]
    table = st.dataframe(
        history.table(runs, environments),
        key=state.runs_key("table", digest),
        hide_index=True,
        height=shown * ROW_PIXELS + 3,
        column_config={
            name: st.column_config.Column(width=width) for name, width in WIDTHS.items()
        },
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": rows}},
        alt="Stored runs, newest first",
    )
    chosen = [runs[row] for row in sorted(table["selection"]["rows"]) if row < len(runs)]
    choose([run.id for run in chosen])
    return chosen


def watch(store: Store, runs: Sequence[Run]) -> None:
    """While something runs, draw the page again as soon as its state has changed."""
    before = {run.id: run.state for run in runs if run.state in LIVE}
    if not before:
        return

    @st.fragment(run_every=WATCH_SECONDS)
    def look() -> None:
        try:
            now = {run.id: run.state for run in store.runs() if run.id in before}
        except StoreError:
            return  # the next full run of the page says what is wrong
        if now != before:
            st.rerun()

    look()
