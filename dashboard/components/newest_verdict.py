"""The newest verdict, on the Overview: what was found here, or what was recorded until something was."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from attn_core.store import Store, StoreError
from dashboard.services import tradeoffs
from dashboard.services.literal import literal
from dashboard.services.tradeoff_verdict import of_setting
from dashboard.services.tradeoffs import KIND, Everything, Origin, Setting

PAGE = "app_pages/tradeoffs.py"
ONES_OWN = "A study of 60 seconds says what holds on this machine now."
SAID: Mapping[Origin, str] = {
    "here": "Measured here. All points, a budget and a report are on the page.",
    "imported": ONES_OWN,
    "recorded": ONES_OWN,
}
FEW = 3
ANCHOR = "newest-verdict"


def to_newest_verdict() -> None:
    """For the head of the page: the way to the verdict, and to one of one's own."""
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        st.page_link(PAGE, label="Run a study on this machine", icon=":material/compare_arrows:")
        st.markdown(f"[The newest verdict](#{ANCHOR})", width="content")


def newest_verdict() -> None:
    try:
        found = tradeoffs.everything(Store())
    except StoreError:  # said where runs are listed
        return
    setting = _studied(found)
    if setting is None:
        return
    with st.container(border=True):
        st.html(f'<span id="{ANCHOR}" style="scroll-margin-top: 5rem"></span>')
        st.markdown("**The newest verdict**")
        sentences = of_setting(found, setting).sentences
        # The last one says what was not measured.
        for sentence in (*sentences[:FEW], *sentences[FEW:][-1:]):
            st.markdown(literal(sentence.text))
        measured = literal(f"{setting.where} · {setting.sizes}")
        st.caption(f"{measured}. {SAID[setting.origin]}")
        own = setting.origin == "here"
        label = "Open the trade-offs" if own else "Run a study on this machine"
        st.page_link(PAGE, label=label, icon=":material/compare_arrows:")


def _studied(found: Everything) -> Setting | None:
    """The first setting that a study is of: one of this store before recorded ones."""
    for setting in found.settings:
        if KIND in set(found.of(setting)["kind"]):
            return setting
    return None
