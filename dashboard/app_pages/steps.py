"""Self-attention, step by step: one chain of real arrays from the tokens to the residual, for any method."""

import streamlit as st

from attn_core.environment import describe
from dashboard.components.matrix_panel import colour_controls
from dashboard.components.source_picker import source_picker
from dashboard.components.step_controls import chain_asked, url_complaints
from dashboard.components.step_navigator import coloured, movers, navigator
from dashboard.components.step_tabs import step_tabs
from dashboard.components.step_view import step_view
from dashboard.figures.matrix_map import Look

st.title("Self-attention, step by step", anchor=False)
st.markdown(
    "What happens to the numbers between a sentence and the output of one attention layer?"
)
url_complaints()
looked = source_picker()
if looked is None:
    st.stop()
with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    chain, problem = chain_asked(looked)
    look = colour_controls() if chain is None or coloured(chain, looked) else Look()
    if chain is not None:
        movers(chain)
if chain is None:
    st.error(problem, icon=":material/error:")
    st.stop()
step = navigator(chain)
step_view(chain, step, looked, look, describe().line)
step_tabs(chain, looked)
