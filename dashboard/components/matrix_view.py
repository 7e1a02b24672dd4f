"""Maps, what they say, and the details: drawn again alone when the reader has moved in the maps."""

from __future__ import annotations

import streamlit as st

from attn_core.environment import describe
from attn_core.store import Store, StoreError
from dashboard.components.matrix_controls import Chosen
from dashboard.components.matrix_exports import exports
from dashboard.components.matrix_maps import canvas, labelled, part_seen
from dashboard.components.matrix_tabs import matrix_tabs
from dashboard.components.source_picker import Looked
from dashboard.services import viewport
from dashboard.services.literal import literal
from dashboard.services.matrix_budget import rates
from dashboard.services.matrix_fidelity import in_part, of_exact
from dashboard.services.matrix_rows import Rows
from dashboard.services.matrix_words import exact_alone, several, verdict


@st.fragment
def matrix_view(looked: Looked, chosen: Chosen, waiting: str, stage: str) -> None:
    """`waiting` says why tiles are not there yet; `stage` changes when they may be."""
    size = looked.source.queries, looked.source.keys
    part, problem = (
        part_seen(looked, bool(waiting)) if chosen.zoomable else (viewport.whole(*size), "")
    )
    if problem:
        st.warning(literal(problem), icon=":material/link_off:")
    brief = chosen.mode != "row KL"
    rows: dict[str, Rows] = {
        one.spec.id: in_part(looked.source, looked.head, one, part, brief)
        for one in chosen.methods
    }
    if chosen.zoomable:
        canvas(looked, chosen, part, rows, waiting, stage)
    else:
        labelled(looked, chosen, rows)
    at = rates(describe(), _store())
    said = [verdict(looked.source, one, rows[one.spec.id], part, *at) for one in chosen.methods]
    if not said:
        exact = chosen.exact(looked)
        said = [exact_alone(of_exact(looked.source, looked.head, exact, part))]
    st.markdown(several(said))
    if chosen.zoomable:
        exports(looked, chosen, part, rows)
    matrix_tabs(looked, chosen, part, at)


def _store() -> Store | None:
    try:
        return Store()
    except StoreError:
        return None
