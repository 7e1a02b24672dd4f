"""Error and predicted time at every step of a method's budget."""

from __future__ import annotations

import streamlit as st

from attn_core.environment import describe
from attn_core.timing.roofline import Rates
from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.components.matrix_controls import Chosen
from dashboard.components.shown_chart import show_chart
from dashboard.components.source_picker import Looked
from dashboard.figures.export import Figure
from dashboard.figures.matrix_profiles import budget_curve
from dashboard.figures.on_screen import on_screen
from dashboard.services.matrix_budget import MOST_CURVED, budget, kept_curve
from dashboard.services.shown import file_name, setting


def budget_tab(looked: Looked, chosen: Chosen, at: Rates, measured: bool) -> None:
    said = (
        "by the rates of this machine's last sweep"
        if measured
        else "by rates guessed for this kind of machine"
    )
    source = looked.source
    for one in chosen.methods:
        param = budget(one.method)
        if param is None:
            st.caption(f"{one.method.short_title} has no setting that buys closeness.")
            continue
        if source.queries * source.keys > MOST_CURVED:
            st.caption(
                f"The curve is worked out for up to {MOST_CURVED:,} pairs; here are "
                f"{source.queries * source.keys:,}."
            )
            continue
        table = kept_curve(source, looked.head, one.method, one.spec.params, at)
        title = f"{one.method.short_title}: error and predicted time against {param.name}"
        now = int(one.spec.params[param.name])  # pyright: ignore[reportArgumentType]
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.markdown(f"**{title}**", width="content")
            export_menu(
                lambda table=table, param=param, now=now, one=one, title=title: Figure(
                    budget_curve(table, param.name, now, one.method.name), table, title,
                    setting(source, looked.head, one.given), describe().line,
                    f"Predicted time of one forward pass over all heads, {said}."), f"budget_{one.method.name}",
                file=file_name("budget", one.given),
            )  # fmt: skip
        dark, name = state.dark_theme(), param.name
        chart = on_screen(lambda: budget_curve(table, name, now, one.method.name, dark))  # noqa: B023
        show_chart(chart, f"{title}; the upright line is the present budget.")
        st.caption(f"Errors are measured on {table['rows'].iloc[0]}; times are predicted {said}.")
