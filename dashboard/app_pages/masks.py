"""Masks: which pairs the sparse methods let through, what that costs, and what it leaves out."""

import streamlit as st

from attn_core.environment import describe
from dashboard import state
from dashboard.components.mask_controls import layout_controls, url_checks
from dashboard.components.mask_maps import mask_maps
from dashboard.components.mask_tabs import mask_tabs
from dashboard.components.source_picker import source_picker
from dashboard.services.literal import literal
from dashboard.services.mask_words import verdict

refused = state.refused_in_url(url_checks())

st.title("Masks", anchor=False)
st.markdown(
    "Which pairs does a pattern let through, how far do tokens hear through its layers, and what is left outside?"
)
looked = source_picker()
for complaint in refused.values():
    st.warning(complaint, icon=":material/link_off:")
if looked is None:
    st.stop()
try:
    layout, count, looked = layout_controls(looked)
except ValueError as refusal:
    st.error(literal(str(refusal)), icon=":material/error:")
    st.stop()

environment = describe().line
masks = mask_maps(layout, count, looked, environment)
if not masks:
    st.stop()
st.markdown(verdict(masks, looked.query, looked.key))
mask_tabs(masks, looked, environment)
