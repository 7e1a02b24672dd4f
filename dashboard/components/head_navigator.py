"""The heads of a source in the sidebar, to go from one to the other."""

from __future__ import annotations

import streamlit as st

from dashboard.components.head_grid import head_grid
from dashboard.components.matrix_controls import Chosen
from dashboard.components.source_picker import Looked
from dashboard.services.matrix_scene import scene

HELP = "Exact attention of every head. A click shows that head."


def head_navigator(looked: Looked, chosen: Chosen, waiting: str) -> None:
    """Nothing where there is one head."""
    if looked.source.heads < 2:
        return
    pin = looked.query, looked.key
    with st.sidebar:
        st.subheader("Heads", anchor=False, help=HELP)
        head_grid(
            scene(
                looked.source,
                looked.head,
                [],
                "signed",
                chosen.reduce,
                chosen.look,
                pin,
                None,
                {},
                waiting=waiting,
            ),
            looked.source.heads,
        )
