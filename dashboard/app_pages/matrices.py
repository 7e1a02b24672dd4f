"""Attention matrices: what a method makes of the exact matrix, side by side."""

import streamlit as st

from attn_core.environment import describe
from dashboard.components.matrix_panel import colour_controls, matrix_panel, pin_readout
from dashboard.components.source_picker import source_picker
from dashboard.services.matrices import exact_map

st.title("Attention matrices", anchor=False)
st.markdown("What does a method make of the exact attention matrix, and where does it differ?")
looked = source_picker()
if looked is None:
    st.stop()
look = colour_controls()
view, data = exact_map(looked.source, looked.head)
matrix_panel(
    data,
    look,
    looked,
    name="exact",
    title="Exact attention",
    alt=f"Exact attention of {looked.source.title}, head {looked.head}: a row a query, a column a key.",
    environment=describe().line,
)
pin_readout(looked, {"exact": view})
