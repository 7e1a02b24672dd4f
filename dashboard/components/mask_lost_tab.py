"""Behind the masks: the share of the source's exact attention that lies outside each pattern."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from attn_core.amounts import seconds
from attn_core.views import Progress, ignore_progress
from dashboard import state
from dashboard.components.mask_maps import SIZES, WIDTHS
from dashboard.components.mask_panel import mask_panel
from dashboard.components.mask_reach_tab import NARROW
from dashboard.components.source_picker import Looked
from dashboard.figures.lost_mass import lost_map
from dashboard.services import mask_lost as losses
from dashboard.services.mask_form import Choice, Layout
from dashboard.services.masks import Mask
from dashboard.services.shown import file_name, setting

WORDS = (
    "The share of exact attention's weight that lies on pairs outside the pattern, so that a method confined to it "
    "cannot see it: 1 − Σ of the allowed weights of a query, and the mean over real queries."
)
COLUMNS = {
    "pattern": "Pattern",
    "layer": "Layer",
    "head": "Head",
    "lost": st.column_config.NumberColumn("Mass outside, mean", format="%.6f"),
    "worst": st.column_config.NumberColumn("Of the worst query", format="%.6f"),
    "worst query": "Worst query",
}
BUSY = "Summing exact attention, layer by layer"


def lost_tab(masks: Sequence[Mask], looked: Looked, environment: str) -> None:
    source, layout = looked.source, masks[0].layout
    choices = [mask.choice for mask in masks]
    problem = losses.why_not(source, layout)
    if problem:
        st.info(problem, icon=":material/block:")
        return
    if not losses.known(source, choices, layout) and not _wanted(losses.scores(source)):
        return
    place = st.empty()
    rows = losses.lost_rows(losses.lost(source, choices, layout, _bar(place, source)))
    place.empty()
    st.markdown(losses.lost_words(rows, source, looked.head))
    with st.container(horizontal=True, gap="small"):
        for choice in choices:
            with st.container(width=WIDTHS[len(masks)]):
                _map(choice, rows, SIZES[len(masks)], looked, layout, environment)
    st.dataframe(rows, hide_index=True, column_config=COLUMNS, column_order=list(COLUMNS))
    st.caption(WORDS)


def _wanted(scores: int) -> bool:
    """Long sources are summed only when asked; what was measured stays."""
    return scores <= losses.AT_ONCE or st.button(
        f"Measure ({seconds(scores / losses.RATE)} or so)", icon=":material/play_arrow:",
        key=state.K_MEASURE,
        help=f"Sums {scores:,} exact scores, streamed in strips of rows; nothing N × N is held.",
    )  # fmt: skip


def _bar(place, source) -> Progress:
    """Nothing is shown for what is over at once."""
    if losses.scores(source) <= losses.AT_ONCE:
        return ignore_progress
    bar = place.progress(0.0, BUSY)

    def show(done: int, total: int) -> None:
        bar.progress(done / total, BUSY)

    return show


def _map(
    choice: Choice,
    rows: pd.DataFrame,
    width: int,
    looked: Looked,
    layout: Layout,
    environment: str,
) -> None:
    mine = rows.query("label == @choice.label")
    top = max(rows["lost"])
    mask_panel(
        lambda dark, _, wide: lost_map(mine, top, dark=dark, width=wide),
        lambda: mine,
        tuple(map(tuple, rows.itertuples(index=False))),
        name=f"mask_lost_{choice.label}",
        title=choice.name if width > NARROW else choice.label,
        alt_text=f"Share of exact attention's mass outside {choice.name}, by layer and head.",
        said=setting(
            looked.source, None, more=f"every head and layer; {choice.words}, {layout.words}"
        ),
        file=file_name(f"mask_lost_{choice.label}", choice.given),
        environment=environment,
        size=width,
    )
