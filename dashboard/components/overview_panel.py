"""Above maps that are too large to draw at once: the job that makes their coarse levels."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from attn_core.sources import ViewSpec
from attn_core.store import Store, StoreError
from dashboard.components.matrix_controls import Chosen
from dashboard.components.source_picker import Looked
from dashboard.services.literal import literal
from dashboard.services.matrix_overviews import Made, made, make, shown_whole, stop
from dashboard.services.tiles import Refused

POLL_SECONDS = 1.0
HELP = (
    "One pass over all pairs of the source, done by the worker; it goes on when this page is closed. "
    "Afterwards every zoom level is drawn at once."
)
WAITING = "This level needs the overview. Make it above, or zoom in."


def overview_panel(looked: Looked, chosen: Chosen) -> tuple[str, str]:
    """Why the canvas may have to wait, and a word that changes when it need not any more."""
    specs = [one.spec for one in chosen.methods] or [ViewSpec(looked.source.spec)]
    try:
        found = made(specs)
    except Refused as refused:
        st.error(literal(refused.sentence), icon=":material/error:")
        return "", ""
    if found.ready:
        return "", "ready"
    size = f"{looked.source.queries:,} × {looked.source.keys:,}"
    also = shown_whole(chosen.methods)
    st.fragment(_panel, run_every=POLL_SECONDS if found.live else None)(specs, size, found, also)
    return WAITING, "waiting"


def _panel(specs: Sequence[ViewSpec], size: str, before: Made, also: str) -> None:
    found = made(specs)
    if found.ready or found.live != before.live:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if found.live:
            st.progress(min(found.progress, 1.0), found.words, width=420)
            st.button("Cancel", icon=":material/stop:", on_click=_do, args=(stop, specs))
            return
        st.button(
            "Make the overview", type="primary", icon=":material/zoom_out_map:", help=HELP,
            on_click=_do, args=(make, specs),
        )  # fmt: skip
        said = (
            f"{size} is too large to show whole at once; parts of it are shown, at first around the pinned pair. "
            f"{also} {found.failed}"
        )
        st.markdown(said, width="content")


def _do(action: Callable[[Store, Sequence[ViewSpec]], None], specs: Sequence[ViewSpec]) -> None:
    try:
        action(Store(), specs)
    except (StoreError, ValueError) as problem:
        st.error(literal(str(problem)), icon=":material/error:")
