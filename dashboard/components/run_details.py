"""One run: what it is called, its picture, its files, and the way to measure it again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import altair as alt
import streamlit as st

from attn_core.store import Run, Store
from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.components.run_figure_z import figure_z_actions, figure_z_numbers
from dashboard.components.run_files import delete_run, export_run
from dashboard.components.run_history import said
from dashboard.figures.export import Figure
from dashboard.figures.reading import reading
from dashboard.figures.sweep import QUANTITIES, flat, sweep_chart
from dashboard.services import bundles, comparison, findings, history, sweeps
from dashboard.services.literal import literal

NAME_HELP = "What the run is called, here and in its exports. Empty: its id."
NOTES_HELP = "Anything worth knowing about this run. Found by the search."
QUANTITY_HELP = "What the vertical axis shows. All of it comes from the same stored rows."
LONGEST_NAME = 200
LONGEST_NOTES = 5000
TRADEOFFS_PAGE = "app_pages/tradeoffs.py"
STUDY = "A trade-off study: its points and its front are on the Trade-offs page."
SPEED_PAGE = "app_pages/speed.py"


def quantity_choice() -> str:
    """The same choice for one run and for several."""
    found = st.segmented_control(
        "Quantity",
        list(QUANTITIES),
        default=next(iter(QUANTITIES)),
        required=True,
        format_func=lambda name: QUANTITIES[name].name,
        key=state.RUNS_QUANTITY,
        bind="query-params",
        help=QUANTITY_HELP,
        label_visibility="collapsed",
    )
    return found or next(iter(QUANTITIES))


def run_details(store: Store, run: Run, environment: Mapping[str, Any], read_only: bool) -> None:
    read_only = read_only or history.is_recorded(run)
    top = st.container(horizontal=True, vertical_alignment="center", gap="small")
    picture, about = st.columns([7, 3], gap="medium")
    if history.is_figure_z(run):
        trained = history.figure_z_results(store, run)
        with top:
            figure_z_actions(run, trained)
        with picture:
            figure_z_numbers(store, run, trained)
    elif history.is_tradeoff(run):
        with top:
            st.space("stretch")
            st.page_link(
                TRADEOFFS_PAGE, label="Open on Trade-offs", icon=":material/compare_arrows:"
            )
        with picture:
            st.info(STUDY, icon=":material/scatter_plot:")
    else:
        found = history.results(store, run)
        with top:
            quantity = _sweep_actions(run, found)
        with picture:
            _picture(found, quantity)
    with top:
        export_run(store, run)
        delete_run(store, run, read_only)
    with about:
        _about(store, run, environment, read_only)


def _sweep_actions(run: Run, found: sweeps.Results) -> str:
    """What the picture shows, and the ways to it."""
    quantity = quantity_choice()
    if len(found.rows):
        export_menu(partial(_figure, found, run, quantity), f"{bundles.file_name(run)}_{quantity}")
    st.space("stretch")
    st.page_link(
        SPEED_PAGE,
        label="Open on Speed",
        icon=":material/speed:",
        query_params={state.RUN: run.id},
    )
    return quantity


def _title(quantity: str) -> str:
    return f"{QUANTITIES[quantity].title} against sequence length"


def _chart(found: sweeps.Results, quantity: str, dark: bool = False) -> alt.LayerChart:
    return sweep_chart(
        found.rows,
        quantity,
        nulls=found.nulls,
        slopes=found.slopes,
        crossovers=found.crossings,
        dark=dark,
    )


def _figure(found: sweeps.Results, run: Run, quantity: str) -> Figure:
    """The picture as it is exported: light, and with its setting."""
    return Figure(
        _chart(found, quantity),
        flat(found.rows),
        f"{_title(quantity)}: {history.display_name(run)}",
        comparison.setting([run]),
        found.environment_line,
        _read(found, quantity),
    )


def _read(found: sweeps.Results, quantity: str) -> str:
    return reading(found.rows, found.nulls, quantity, crossovers=found.crossings)


def _picture(found: sweeps.Results, quantity: str) -> None:
    if not len(found.rows):
        st.info(
            "This run has no rows yet: nothing was measured.", icon=":material/hourglass_empty:"
        )
        return
    read_off = findings.sentences(found)
    chart = _chart(found, quantity, state.dark_theme())
    st.altair_chart(chart, theme=None, alt=f"{_title(quantity)}. {read_off}")
    st.markdown(literal(read_off))
    st.caption(literal(_read(found, quantity)))


def _about(store: Store, run: Run, environment: Mapping[str, Any], read_only: bool) -> None:
    name_key, notes_key = state.runs_key("name", run.id), state.runs_key("notes", run.id)
    st.text_input(
        "Name",
        run.name,
        max_chars=LONGEST_NAME,
        key=name_key,
        help=NAME_HELP,
        placeholder=run.id,
        disabled=read_only,
        on_change=lambda: said(store.rename, run.id, st.session_state[name_key].strip()),
    )
    st.text_area(
        "Notes",
        run.notes,
        max_chars=LONGEST_NOTES,
        height=90,
        key=notes_key,
        help=NOTES_HELP,
        disabled=read_only,
        on_change=lambda: said(store.annotate, run.id, st.session_state[notes_key].strip()),
    )
    st.caption(literal(history.facts_line(store, run)))
    st.caption(literal(environment.get("line", "The environment is not known.")))
    if run.command:
        st.code(run.command, language="bash", wrap_lines=True)
