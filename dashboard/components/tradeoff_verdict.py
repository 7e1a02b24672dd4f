"""What follows from the points, in sentences that each lead to their evidence; and all of it as a report."""

from __future__ import annotations

import streamlit as st

from attn_core.tradeoff.verdict import Sentence
from dashboard import state
from dashboard.components.tradeoff_bring import ANCHOR, CHART, COVERAGE, bring
from dashboard.report import to_html, to_pdf
from dashboard.services import tradeoff_verdict as service
from dashboard.services.literal import literal
from dashboard.services.tradeoff_report import report
from dashboard.services.tradeoff_view import Shown
from dashboard.services.tradeoff_words import measured_on

EVIDENCE_HELP = "Show what this sentence is read from: {place}."
REPORT_HELP = (
    "The question, the machine, the settings, charts, tables, this verdict and how to repeat it, in one file that "
    "needs no network."
)


def verdict_panel(shown: Shown, ended: str) -> None:
    """`ended` says what the newest study left unmeasured."""
    with st.container(border=True, gap="xsmall"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.markdown(
                "**Verdict**",
                width="content",
                help="Written from the points, anew whenever they change.",
            )
            _report_menu(shown, ended)
        st.caption(literal(measured_on(shown)))
        for place, sentence in enumerate(service.sentences(shown)):
            with st.container(gap=None):
                st.markdown(f":small[{literal(sentence.text)}]")
                _evidence(shown, place, sentence)
        if ended:
            st.caption(literal(ended))


def _evidence(shown: Shown, place: int, sentence: Sentence) -> None:
    """What is pressed says where the evidence is."""
    tab = service.tab_of(sentence)
    st.button(
        f":small[Evidence: {service.place_of(sentence)}]", key=f"d_evidence_{place}", type="tertiary",
        icon=":material/arrow_downward:" if tab else ":material/scatter_plot:",
        help=EVIDENCE_HELP.format(place=f"{tab}, below the points" if tab else "the chart"),
        on_click=_show, args=(shown, sentence),
    )  # fmt: skip


def _show(shown: Shown, sentence: Sentence) -> None:
    """Before the page is drawn again."""
    wanted = service.shows(sentence)
    st.session_state.update(wanted)
    covered = sentence.evidence.get("view") == "coverage"
    bring(COVERAGE if covered else ANCHOR if state.D_TAB in wanted else CHART)
    if point := service.named_point(shown, sentence):
        st.query_params[state.D_POINT] = point


def _report_menu(shown: Shown, ended: str) -> None:
    with st.popover("Report", icon=":material/summarize:", help=REPORT_HELP, key="d_report"):
        for label, suffix, mime, render in (
            ("HTML", "html", "text/html", to_html),
            ("PDF", "pdf", "application/pdf", to_pdf),
        ):
            st.download_button(
                label, data=lambda render=render: render(report(shown, ended)), mime=mime,
                file_name=f"trade-offs.{suffix}", key=f"d_report_{suffix}", on_click="ignore", type="tertiary",
            )  # fmt: skip
