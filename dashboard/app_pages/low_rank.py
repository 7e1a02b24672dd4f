"""Low rank: how much of an attention matrix a few directions hold, and how near the methods come to the best few."""

import streamlit as st

from attn_core.environment import describe
from dashboard import state
from dashboard.components.low_rank_picture import low_rank_picture
from dashboard.components.low_rank_tabs import low_rank_tabs
from dashboard.components.low_rank_tabs import url_checks as tab_checks
from dashboard.components.method_row import method_row, say_refused, url_checks
from dashboard.components.source_picker import source_picker
from dashboard.services import low_rank as service
from dashboard.services.wording import refused

METHOD_HELP = "Whose factors are shown and whose rank is marked. The picture holds all against the best possible."
# Of short texts too, a rank that leaves something out.
DEFAULTS = {"rank": 16, "landmarks": 16}

complaints = state.refused_in_url(url_checks("r", state.R_METHOD, service.MAPS) | tab_checks())

st.title("Low rank", anchor=False)
st.markdown(
    "How few directions hold most of an attention matrix, and how near do methods of that rank come?"
)
looked = source_picker()
with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    method, drawn = method_row("r", state.R_METHOD, service.MAPS, METHOD_HELP, DEFAULTS)
say_refused(complaints)
if looked is None:
    st.stop()
try:
    asked = service.ask(looked.source, looked.head, method, drawn)
except ValueError as refusal:
    asked = None
    st.warning(refused(refusal), icon=":material/block:")

environment = describe().line
whole = low_rank_picture(asked, looked, environment)
low_rank_tabs(asked, looked, whole, environment)
