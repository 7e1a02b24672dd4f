"""Runs: what was measured and kept, side by side; out to a file and in from one."""

import streamlit as st

from attn_core.store import Store, StoreError
from dashboard import state
from dashboard.components.import_box import import_box
from dashboard.components.run_comparison import run_comparison
from dashboard.components.run_details import SPEED_PAGE, run_details
from dashboard.components.run_history import run_table, search_box, show_said, watch
from dashboard.figures.quantities import quantity_named
from dashboard.services import history, sweeps
from dashboard.services.comparison import MOST
from dashboard.services.literal import literal


def clear_search() -> None:
    st.session_state[state.RUNS_SEARCH] = ""


def heading(store: Store, read_only: bool) -> str:
    """Title and question; beside them the words to search for."""
    with st.container(gap=None):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.title("Runs", anchor=False, width="content")
            st.space("stretch")
            search = search_box()
            import_box(store, disabled=read_only)
        st.markdown("What was measured here or imported, and what differs between these runs?")
    return search


def nothing_yet(recorded: bool) -> None:
    """The empty store's one action."""
    rest = " Below is what others measured." if recorded else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":material/inbox: Nothing was measured here yet.{rest}", width="content")
        st.page_link(SPEED_PAGE, label="Measure a first sweep", icon=":material/speed:")


def page(store: Store) -> None:
    problem = sweeps.cannot_write()
    refused = state.refused_in_url({state.RUNS_QUANTITY: quantity_named})
    search = heading(store, read_only=problem is not None)
    show_said()
    for complaint in refused.values():
        st.warning(complaint, icon=":material/link_off:")
    if problem:
        st.warning(f"{literal(problem)} What is in it can be read.", icon=":material/lock:")
    runs = history.listed(store, search)
    if not runs and search:
        st.info(f"No run mentions “{literal(search)}”.", icon=":material/search_off:")
        st.button("Clear search", help="Show every run again.", on_click=clear_search)
        return
    if not search and all(history.is_recorded(run) for run in runs):
        nothing_yet(bool(runs))
    if not runs:
        return
    environments = history.environments(store, runs)
    chosen = run_table(runs, environments)
    watch(store, runs)
    if len(chosen) == 1:
        (run,) = chosen
        environment = environments.get(run.environment_id, {})
        run_details(store, run, environment, read_only=problem is not None)
    elif 2 <= len(chosen) <= MOST:
        run_comparison(store, chosen, environments)
    elif chosen:
        st.warning(
            f"{len(chosen)} runs are chosen; at most {MOST} can be told apart in one picture.",
            icon=":material/filter_list:",
        )
    else:
        st.caption(f"Choose a run to see it, or two to {MOST} to compare them.")


try:
    page(Store())
except (StoreError, ValueError) as refusal:
    st.error(literal(str(refusal).rstrip(".") + "."), icon=":material/error:")
