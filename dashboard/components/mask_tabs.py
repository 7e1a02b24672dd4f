"""Behind the masks: what each computes, who hears whom after how many layers, and what exact attention loses."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from dashboard import state
from dashboard.components.mask_lost_tab import lost_tab
from dashboard.components.mask_panel import mask_panel
from dashboard.components.mask_reach_tab import reach_tab
from dashboard.components.source_picker import Looked
from dashboard.figures.mask_cost import cost_chart
from dashboard.services import mask_words as words
from dashboard.services.mask_form import TABS, beyond
from dashboard.services.masks import Mask

COST_WORDS = (
    "Pairs are of one head, costs of all heads of one sequence in fp32, counted, not timed. **Allowed**: pairs of real "
    "tokens that the rule lets through. **Computed**: products q·k that the method makes; Reformer meets some pairs "
    "twice, Multiscale scores means instead of tokens, and padding is computed too."
)
Draw = Callable[[Sequence[Mask], Looked, str], None]


def mask_tabs(masks: Sequence[Mask], looked: Looked, environment: str) -> None:
    drawers: tuple[Draw, ...] = _cost, reach_tab, lost_tab, _pinned
    tabs = st.tabs(TABS, key=state.K_TAB, on_change="rerun", bind="query-params")
    for tab, draw in zip(tabs, drawers, strict=True):
        if tab.open:
            with tab:
                draw(masks, looked, environment)


def _cost(masks: Sequence[Mask], looked: Looked, environment: str) -> None:
    rows = words.cost_rows(masks)
    st.table(
        words.shown_costs(rows), hide_index=True, border="horizontal", alt="Cost of each pattern"
    )
    st.caption(COST_WORDS)
    mask_panel(
        lambda dark, _selection, _width: cost_chart(rows, dark=dark),
        lambda: rows,
        tuple((mask.choice.label, mask.key, mask.shape) for mask in masks),
        name="mask_cost",
        title="Against softmax, which holds every pair",
        alt_text="FLOPs and memory of each pattern and of FlashAttention as multiples of softmax attention's.",
        said="; ".join(
            [
                *(mask.choice.words for mask in masks),
                f"{masks[0].layout.words}, heads {masks[0].shape.heads}, width {masks[0].shape.head_dim}, fp32",
            ]
        ),
        file="mask_cost",
        environment=environment,
        size=0,
    )


def _pinned(masks: Sequence[Mask], looked: Looked, environment: str) -> None:
    query, key = looked.query, looked.key
    if beyond(looked.source, masks[0].layout):
        st.caption("The patterns have more tokens than the source, so this pair has no weight.")
    else:
        st.markdown(words.pair_words(looked.source, looked.head, query, key))
    table = {
        "Pattern": [mask.choice.name for mask in masks],
        f"Query {query:,} → key {key:,}": [words.why(mask, query, key) for mask in masks],
        "Layers until the key reaches the query": [
            words.arrival(mask, query, key) for mask in masks
        ],
    }
    # Not a grid, whose cells would cut the reasons.
    shown = pd.DataFrame(table)
    st.table(shown, hide_index=True, border="horizontal", alt="The pinned pair in each pattern")
