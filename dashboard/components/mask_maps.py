"""The patterns side by side: each with its settings, its map and what it keeps, or why there is none."""

from __future__ import annotations

import streamlit as st

from attn_core.amounts import percent
from dashboard import state
from dashboard.components.mask_controls import pattern_controls
from dashboard.components.mask_panel import mask_panel
from dashboard.components.source_picker import Looked
from dashboard.figures.pattern_map import PatternData, pattern_cells, pattern_map
from dashboard.services import mask_words as words
from dashboard.services.mask_form import BY_RULE, FIRST, SLOTS, Layout, beyond, no_buckets
from dashboard.services.masks import Mask, mask
from dashboard.services.shown import file_name
from dashboard.services.wording import refused

# Pixels and cells a side of a map, and the width of all that belongs to it, by how many stand in a row.
SIZES = {1: 384, 2: 330, 3: 207, 4: 142}
CELLS = {1: 128, 2: 83, 3: 52, 4: 48}
WIDTHS = {1: 440, 2: 386, 3: 262, 4: 192}
# Pixels of the box that names the method, so that its settings fit beside it.
NAMES = {1: 360, 2: 310, 3: 190, 4: 116}
SHADES = (
    "A cell stands for up to {side:,} × {side:,} pairs: coloured where any is allowed, by the part that allows most, "
    "the stronger the larger their share (logarithmic)."
)


def mask_maps(layout: Layout, count: int, looked: Looked, environment: str) -> list[Mask]:
    """Draws them and gives those that could be drawn."""
    found, chosen, left_out = [], [], no_buckets(looked.source, layout)
    first = BY_RULE if left_out else FIRST
    with st.container(horizontal=True, gap="small"):
        for label in SLOTS[:count]:
            with st.container(width=WIDTHS[count], gap="small"):
                try:
                    choice = pattern_controls(label, first[label], NAMES[count])
                    chosen.append(choice.method.name)
                    one = mask(choice, layout, looked.source, looked.head)
                except ValueError as refusal:
                    st.info(refused(refusal), icon=":material/block:")
                else:
                    _map(one, count, looked, environment)
                    found.append(one)
    if found and (most := -(-layout.length // CELLS[count])) > 1:
        st.caption(SHADES.format(side=most))
    if left_out and BY_RULE["C"] in chosen and FIRST["C"] not in chosen:
        st.caption(f"Reformer is left out: {left_out}.")
    return found


def _map(one: Mask, count: int, looked: Looked, environment: str) -> None:
    choice, layout = one.choice, one.layout
    data = PatternData(one.shares(CELLS[count]), layout.length, layout.tokens, layout.causal)
    own = (state.PIN_QUERY, state.PIN_KEY), (state.K_QUERY, state.K_KEY)
    pins = own[beyond(looked.source, layout)]
    kept = percent(words.density(one))
    mask_panel(
        lambda dark, selection, size: pattern_map(
            data,
            pin=(looked.query, looked.key),
            selectable=selection,
            dark=dark,
            size=size,
        ),
        lambda: pattern_cells(data),
        (one.key, looked.query, looked.key),
        name=f"mask_{choice.label}",
        title=f"{choice.label}: {kept}" + (" of pairs" if count < len(SLOTS) else ""),
        alt_text=f"Pattern of {choice.name}: which queries (rows) see which keys (columns), coloured by the part that "
        "allows it.",
        said=one.words,
        file=file_name(f"mask_{choice.label}", choice.given),
        environment=environment,
        size=SIZES[count],
        pins=pins,
    )
