"""Details under the maps: the pinned pair, fidelity, margins, distances and entropy, the budget's curve."""

from __future__ import annotations

import streamlit as st

from attn_core.timing.roofline import Rates
from dashboard import state
from dashboard.components.matrix_budget_tab import budget_tab
from dashboard.components.matrix_controls import Chosen
from dashboard.components.matrix_fidelity_tab import fidelity_tab
from dashboard.components.matrix_panel import pin_readout
from dashboard.components.matrix_profile_tabs import margins_tab, shape_tab
from dashboard.components.source_picker import Looked
from dashboard.services.viewport import Viewport

TITLES = ("Pinned pair", "Fidelity", "Margins", "Distance and entropy", "Budget")


def matrix_tabs(looked: Looked, chosen: Chosen, part: Viewport, at: tuple[Rates, bool]) -> None:
    """Only the open one is worked out."""
    bodies = (
        lambda: _pinned(looked, chosen),
        lambda: fidelity_tab(looked, chosen, part),
        lambda: margins_tab(looked, chosen, part),
        lambda: shape_tab(looked, chosen, part),
        lambda: budget_tab(looked, chosen, *at),
    )
    drawn = st.tabs(TITLES, key=state.X_TAB, on_change="rerun", bind="query-params")
    for tab, body in zip(drawn, bodies, strict=True):
        if tab.open:
            with tab:
                body()


def _pinned(looked: Looked, chosen: Chosen) -> None:
    views = {"exact": chosen.exact(looked)}
    pin_readout(looked, views | {one.method.short_title: one.view for one in chosen.methods})
