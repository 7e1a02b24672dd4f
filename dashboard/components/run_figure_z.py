"""A Figure Z on the Runs page: what it says in words and numbers. Its picture is on its own page."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from attn_core.store import Run, Store
from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.services import bundles, comparison_numbers, figure_z_views
from dashboard.services import figure_z_findings as findings
from dashboard.services.figure_z import Results
from dashboard.services.figure_z_captions import setting_line
from dashboard.services.literal import literal

PAGE = "app_pages/figure_z.py"
METRICS_HELP = "List only these metrics. Empty: all of them."
HEIGHT = 320


def figure_z_actions(run: Run, found: Results) -> None:
    """The picture as a file, and the way to where it is drawn."""
    drawn = bundles.drawings(found)
    if bundles.WHOLE in drawn:
        export_menu(drawn[bundles.WHOLE], f"{bundles.file_name(run)}_{bundles.WHOLE}")
    st.space("stretch")
    st.page_link(
        PAGE,
        label="Open on Figure Z",
        icon=":material/view_column:",
        query_params={state.RUN: run.id},
    )


def figure_z_numbers(store: Store, run: Run, found: Results) -> None:
    if found.empty:
        st.info(
            "This run has no rows yet: nothing was measured.", icon=":material/hourglass_empty:"
        )
        return
    metric = next(iter(figure_z_views.metrics(found).values()))
    st.markdown(literal(findings.sentences(found, metric)))
    st.caption(literal(setting_line(found)))
    numbers_table(comparison_numbers.numbers(store, [run]))


def numbers_table(table: pd.DataFrame) -> None:
    """Numbers of one run or of several, of all metrics until some are named."""
    if not len(table):
        st.caption("No number is measured yet.")
        return
    wanted = st.multiselect(
        "Metrics",
        list(dict.fromkeys(table["Metric"])),
        key=state.runs_key("only", "metrics"),
        help=METRICS_HELP,
        placeholder="All metrics",
        label_visibility="collapsed",
    )
    shown = table.loc[table["Metric"].isin(wanted)] if wanted else table
    st.dataframe(
        shown,
        hide_index=True,
        height=HEIGHT,
        column_config={"N": st.column_config.NumberColumn(format="localized")},
        alt="Numbers by metric, length and model",
    )
