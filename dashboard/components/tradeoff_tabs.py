"""What else the points tell, a tab each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from dashboard import state
from dashboard.components.tradeoff_bring import ANCHOR, anchor, brought
from dashboard.components.tradeoff_budget_tab import budget_tab
from dashboard.components.tradeoff_budget_tab import url_checks as budget_checks
from dashboard.components.tradeoff_crossing_tab import crossing_tab
from dashboard.components.tradeoff_crossing_tab import url_checks as crossing_checks
from dashboard.components.tradeoff_front_tab import front_tab
from dashboard.components.tradeoff_published_tab import published_tab
from dashboard.components.tradeoff_published_tab import url_checks as published_checks
from dashboard.components.tradeoff_trust_tab import trust_tab
from dashboard.components.tradeoff_trust_tab import url_checks as trust_checks
from dashboard.services import validation as check
from dashboard.services.tradeoff_view import Shown

TABS: Mapping[str, Callable[[Shown], None]] = {
    "Budget": budget_tab,
    "Front": front_tab,
    "Crossovers": crossing_tab,
    "Error and quality": trust_tab,
    "Published": published_tab,
}


def url_checks() -> dict[str, Callable[[str], object]]:
    """Of all tabs, although only what is open has a box that can take it."""
    parts = (budget_checks, crossing_checks, trust_checks, published_checks)
    own = {state.D_TAB: lambda text: check.choose("tab", text, TABS)}
    return own | {key: one for part in parts for key, one in part().items()}


def tabs(shown: Shown) -> None:
    """Only the chosen one is worked out."""
    anchor(ANCHOR)
    first = next(iter(TABS))
    chosen = st.segmented_control(
        "More", list(TABS), default=first, required=True, key=state.D_TAB, bind="query-params",
        label_visibility="collapsed",
    ) or first  # fmt: skip
    with st.container():
        TABS[chosen](shown)
    brought()
