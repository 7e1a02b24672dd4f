"""Several runs: one picture with all their lines, and a table of nothing but what differs between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from attn_core.naming import called
from attn_core.store import Run, Store
from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.components.run_details import quantity_choice
from dashboard.components.run_figure_z import numbers_table
from dashboard.figures.export import Figure
from dashboard.figures.reading import reading
from dashboard.figures.sweep import QUANTITIES, flat, sweep_chart
from dashboard.services import comparison, comparison_numbers
from dashboard.services.history import is_figure_z, names
from dashboard.services.literal import literal, literal_table
from dashboard.services.wording import listed

METHODS_HELP = "Draw only these methods, of every run. Empty: all of them."


def run_comparison(
    store: Store, runs: Sequence[Run], environments: Mapping[str, Mapping[str, Any]]
) -> None:
    if refusal := comparison.mixed(runs):
        st.warning(refusal, icon=":material/compare_arrows:")
        return
    found = comparison.differences(runs, environments)
    if is_figure_z(runs[0]):
        table = comparison_numbers.numbers(store, runs)
        st.markdown(comparison_numbers.numbers_sentence(found, table))
        if len(found):
            st.table(literal_table(found))
        numbers_table(table)
        return
    rows = comparison.overlay(store, runs)
    sentence = comparison.sentence(runs, found, rows)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        quantity = quantity_choice()
        rows = _chosen_methods(rows)
        title = f"{QUANTITIES[quantity].title} against sequence length, {len(runs)} runs"
        if len(rows):
            place = comparison.where(runs, environments)
            export_menu(
                lambda: Figure(
                    sweep_chart(rows, quantity),
                    flat(rows),
                    title,
                    comparison.setting(runs),
                    place,
                    reading(rows, None, quantity),
                ),
                f"comparison_{quantity}",
            )
    if len(rows):
        chart = sweep_chart(rows, quantity, dark=state.dark_theme())
        st.altair_chart(
            chart, theme=None, alt=f"{title}: {listed(list(names(runs).values()))}. {sentence}"
        )
        st.caption(literal(reading(rows, None, quantity)))
    st.markdown(sentence)
    if len(found):
        st.table(literal_table(found))


def _chosen_methods(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the methods that are to be seen: all of them, until some are named."""
    labels = list(dict.fromkeys(rows["label"])) if len(rows) else []
    if len(labels) < 2:
        return rows
    wanted = st.multiselect(
        "Methods",
        labels,
        format_func=called,
        key=state.runs_key("only", "methods"),
        help=METHODS_HELP,
        placeholder="All methods",
        label_visibility="collapsed",
        width=400,
    )
    return rows.loc[rows["label"].isin(wanted)] if wanted else rows
