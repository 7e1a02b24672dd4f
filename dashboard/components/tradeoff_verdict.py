"""What follows from the points, in sentences that each lead to their evidence; and all of it as a report."""

from __future__ import annotations

import streamlit as st

from attn_core.tradeoff.verdict import Sentence
from dashboard import state
from dashboard.report import to_html, to_pdf
from dashboard.services import tradeoff_verdict as service
from dashboard.services.tradeoff_report import report
from dashboard.services.tradeoff_view import Shown

EVIDENCE_HELP = "Show what this sentence is read from."
REPORT_HELP = (
    "The question, the machine, the settings, charts, tables, this verdict and how to repeat it, in one file that "
    "needs no network."
)


def verdict_panel(shown: Shown) -> None:
    with st.container(border=True):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.markdown(
                "**Verdict**",
                width="content",
                help="Written from the points, anew whenever they change.",
            )
            _report_menu(shown)
        for place, sentence in enumerate(service.sentences(shown)):
            said, shown_by = st.columns([10, 1], gap="small", vertical_alignment="top")
            said.markdown(sentence.text)
            shown_by.button(
                "Evidence", key=f"d_evidence_{place}", type="tertiary", help=EVIDENCE_HELP, on_click=_show,
                args=(sentence,),
            )  # fmt: skip


def _show(sentence: Sentence) -> None:
    """Before the page is drawn again."""
    st.session_state.update(service.shows(sentence))
    if point := service.named_point(sentence):
        st.query_params[state.D_POINT] = point


def _report_menu(shown: Shown) -> None:
    with st.popover("Report", icon=":material/summarize:", help=REPORT_HELP, key="d_report"):
        for label, suffix, mime, render in (
            ("HTML", "html", "text/html", to_html),
            ("PDF", "pdf", "application/pdf", to_pdf),
        ):
            st.download_button(
                label, data=lambda render=render: render(report(shown)), file_name=f"trade-offs.{suffix}", mime=mime,
                key=f"d_report_{suffix}", on_click="ignore", type="tertiary",
            )  # fmt: skip
