"""Attention matrices: what a method makes of the exact matrix, side by side."""

import streamlit as st

from dashboard.components.head_navigator import head_navigator
from dashboard.components.matrix_controls import matrix_controls, url_checks
from dashboard.components.matrix_view import matrix_view
from dashboard.components.overview_panel import overview_panel
from dashboard.components.source_picker import source_picker
from dashboard.components.sweep_start import say_refused
from dashboard.services.literal import literal
from dashboard.state import refused_in_url

st.title("Attention matrices", anchor=False)
st.markdown("What does a method make of the exact attention matrix, and where does it differ?")
refused = refused_in_url(url_checks())
looked = source_picker()
if looked is None:
    st.stop()
chosen = matrix_controls(looked)
say_refused(refused)
for problem in chosen.refused:
    st.warning(literal(problem), icon=":material/block:")
waiting, stage = overview_panel(looked, chosen)
head_navigator(looked, chosen, waiting)
matrix_view(looked, chosen, waiting, stage)
