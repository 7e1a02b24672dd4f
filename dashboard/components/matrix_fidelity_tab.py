"""How far each method is from exact attention, in the part that is seen and on the whole."""

from __future__ import annotations

import streamlit as st

from dashboard.components.matrix_controls import Chosen
from dashboard.components.source_picker import Looked
from dashboard.services import matrix_fidelity as fidelity
from dashboard.services.shown import file_name
from dashboard.services.viewport import Viewport, whole


def fidelity_tab(looked: Looked, chosen: Chosen, part: Viewport) -> None:
    source = looked.source
    all_of_it = whole(source.queries, source.keys)
    for one in chosen.methods:
        seen, every = (
            fidelity.in_part(source, looked.head, one, which) for which in (part, all_of_it)
        )
        report = fidelity.whole_report(source, one)
        numbers = fidelity.measured(every) + (
            [] if report is None else fidelity.from_report(report, looked.head)
        )
        st.markdown(f"**{one.method.short_title}**")
        table = fidelity.table({"in view": fidelity.measured(seen), "whole": numbers})
        # Not a grid, whose cells would cut the reasons.
        st.table(
            table,
            hide_index=True,
            border="horizontal",
            alt=f"{one.method.short_title} against exact attention",
        )
        st.caption(f"In view: {part.words}; {seen.words}. Whole: {every.words}.")
        st.download_button(
            "CSV", table.to_csv(index=False), f"{file_name('fidelity', one.given)}.csv", "text/csv", type="tertiary",
            icon=":material/download:", on_click="ignore", key=f"fidelity_{one.method.name}",
        )  # fmt: skip
    if not chosen.methods:
        st.caption("Choose a method to compare with exact attention.")
