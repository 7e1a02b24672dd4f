"""From which length on each choice beats flash, or softmax, in time or in memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from attn_core.naming import called
from attn_core.tradeoff.axes import AXES as QUANTITIES
from attn_core.tradeoff.crossing import REFERENCES
from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.components.method_box import method_box
from dashboard.components.shown_chart import show_chart
from dashboard.figures.crossover_chart import NOTE, crossover_chart, crossover_rows, too_far
from dashboard.figures.export import Figure
from dashboard.figures.frames import where
from dashboard.figures.on_screen import on_screen
from dashboard.figures.tradeoff_numbers import words
from dashboard.services import validation as check
from dashboard.services.tradeoff_crossings import crossings_shown
from dashboard.services.tradeoff_view import Shown

AXES = {"Time": "time_s", "Memory": "memory_bytes"}
AGAINST_HELP = (
    "**FlashAttention** is exact attention as one would run it: what an approximation must beat. **Softmax** is the "
    "textbook form, which most papers compare with."
)
WHAT_HELP = "Times carry the noise of their samples. Memory has none; its crossing lies between two lengths."
MOST = 40
ONE_LENGTH = "A crossing needs at least two lengths measured in one run: {problem}. Run a study over several lengths."


def url_checks() -> dict[str, Callable[[str], object]]:
    return {
        state.D_AGAINST: partial(check.choose, "against", options=REFERENCES),
        state.D_WHAT: partial(check.choose, "in", options=AXES),
    }


def crossing_tab(shown: Shown) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        against = method_box(REFERENCES, state.D_AGAINST, AGAINST_HELP, label="Against")
        what = st.segmented_control(
            "In", list(AXES), default="Time", required=True, key=state.D_WHAT, bind="query-params", help=WHAT_HELP
        ) or "Time"  # fmt: skip
    table = crossings_shown(shown.part)
    table = where(table, (table["against"] == against) & (table["axis"] == AXES[what]))
    rows = crossover_rows(where(table, table["first"] != table["up_to"]))
    if not len(rows):
        problem = "none was" if len(table) else f"{called(against)} was not measured here"
        st.info(ONE_LENGTH.format(problem=problem), icon=":material/timeline:")
        return
    _chart(shown, rows, f"{what} against {called(against)}: from which length on it pays")
    with st.expander("In words"):
        st.markdown("\n".join(f"- {line}" for line in in_words(rows)))


def in_words(rows: pd.DataFrame) -> list[str]:
    """A sentence a row, and how far off what is too far off."""
    found = []
    for note, far, error in zip(rows["note"], too_far(rows), rows["error"], strict=True):
        off = f"; its error is up to {words(QUANTITIES['output_error'], error)}" if far else ""
        found.append(f"{note[0].upper()}{note[1:]}{off}.")
    return found


def _chart(shown: Shown, rows: pd.DataFrame, title: str) -> None:
    drawn = rows.head(MOST)

    def figure() -> Figure:
        chart = crossover_chart(drawn)
        return Figure(chart, rows, title, shown.setting.sizes, shown.setting.machine, NOTE)

    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{title}**", width="content")
        export_menu(figure, "tradeoff_crossovers")
    dark = state.dark_theme()
    show_chart(
        on_screen(lambda: crossover_chart(drawn, dark=dark)),
        f"{title}. {'. '.join(drawn['note'].head(8))}.",
    )
    left_out = len(rows) - len(drawn)
    st.caption(NOTE + (f" {left_out} more are in the exported rows." if left_out else ""))
