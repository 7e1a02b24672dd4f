"""Behind the masks: which tokens have reached the pinned query after each layer, and when everyone hears everyone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from dashboard.components.mask_maps import SIZES, WIDTHS
from dashboard.components.mask_panel import mask_panel
from dashboard.components.source_picker import Looked
from dashboard.figures.receptive_field import field_map, growth_chart
from dashboard.services import mask_reach as reach
from dashboard.services.masks import Mask
from dashboard.services.shown import file_name

WORDS = (
    "A layer lets a token hear what its pattern allows, and what those had heard before; the residual keeps its own. "
    "The same pattern in every layer, exact at any N."
)
# Maps this small have no room for a method's name beside the export menu.
NARROW = 150
FIND_HELP = "Follows every query at once, as packed bits. At 65,536 tokens it takes some 20 seconds a pattern and core."


def reach_tab(masks: Sequence[Mask], looked: Looked, environment: str) -> None:
    layout, query = masks[0].layout, looked.query
    if query >= layout.tokens:
        st.info(
            f"Query {query:,} is no real token here: pin one from 0 to {layout.tokens - 1:,}.",
            icon=":material/block:",
        )
        return
    layers = reach.layers_shown(masks, query)
    _find_everyone(masks)
    st.markdown(reach.reach_words(masks, query))
    with st.container(horizontal=True, gap="small"):
        for mask in masks:
            with st.container(width=WIDTHS[len(masks)]):
                _field(mask, query, layers, SIZES[len(masks)], environment)
    _growth(masks, query, layers, environment)
    st.dataframe(reach.reach_table(masks, query), hide_index=True)
    st.caption(WORDS)


def _field(mask: Mask, query: int, layers: Sequence[int], width: int, environment: str) -> None:
    rows = partial(reach.field_rows, mask, query, layers)
    mask_panel(
        lambda dark, _, wide: field_map(rows(), query, dark=dark, width=wide),
        rows,
        (mask.key, query, tuple(layers)),
        name=f"mask_field_{mask.choice.label}",
        title=mask.choice.name if width > NARROW else mask.choice.label,
        alt_text=f"Which tokens have reached the pinned query after each layer of {mask.choice.name}.",
        said=f"{mask.words}; query {query:,}",
        file=file_name(f"mask_field_{mask.choice.label}", mask.choice.given),
        environment=environment,
        size=width,
    )


def _growth(masks: Sequence[Mask], query: int, layers: Sequence[int], environment: str) -> None:
    rows = partial(reach.growth_rows, masks, query, layers)
    methods = {mask.choice.label: mask.choice.method for mask in masks}
    mask_panel(
        lambda dark, _selection, _width: growth_chart(rows(), methods, dark=dark),
        rows,
        (*(mask.key for mask in masks), *methods, query, tuple(layers)),
        name="mask_growth",
        title=f"Share of tokens that query {query:,} has heard",
        alt_text="Share of tokens that have reached the pinned query, by layers, a line for each pattern.",
        said="; ".join([*(mask.choice.words for mask in masks), masks[0].layout.words]),
        file="mask_growth",
        environment=environment,
        size=0,
    )


def _find_everyone(masks: Sequence[Mask]) -> None:
    """Where no shortcut tells when everyone hears everyone, finding out takes a while: only when asked."""
    unknown = [mask for mask in masks if not mask.everyone().known]
    if not unknown or not st.button(
        "Find when everyone hears everyone", icon=":material/hub:", help=FIND_HELP
    ):
        return
    bar = st.progress(0.0, "Following every query")
    for number, mask in enumerate(unknown):

        def show(done: int, total: int, number: int = number) -> None:
            bar.progress((number + done / total) / len(unknown), "Following every query")

        mask.everyone(thorough=True, on_progress=show)
    bar.empty()
