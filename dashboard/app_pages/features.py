"""Feature maps: how products of features estimate the softmax kernel, and where they cannot."""

import streamlit as st

from attn_core.environment import describe
from dashboard import state
from dashboard.components.feature_picture import feature_picture
from dashboard.components.feature_tabs import feature_tabs
from dashboard.components.feature_tabs import url_checks as tab_checks
from dashboard.components.method_row import method_row, say_refused, url_checks
from dashboard.components.source_picker import source_picker
from dashboard.services import feature_pairs
from dashboard.services import feature_words as words
from dashboard.services import features as service
from dashboard.services.wording import refused

QUESTION = (
    "Linear attention replaces exp(q·k/√d) by a product of features, φ(q)·φ(k). How good is that, and where does it "
    "break?"
)
METHOD_HELP = (
    "Whose feature map is looked at. **Performer**: random features, estimating the softmax kernel or a ReLU kernel. "
    "**Kernelized**: a fixed function such as elu + 1."
)
REDRAW_HELP = (
    "Draws new random directions: the next seed. Everything that depends on them changes."
)
SEED = state.look_param_key("f", "performer", "seed")


def redraw() -> None:
    st.session_state[SEED] = int(st.session_state.get(SEED, 0)) + 1


complaints = state.refused_in_url(url_checks("f", state.F_METHOD, service.MAPS) | tab_checks())
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title("Feature maps", anchor=False, width="content")
    drawing = st.container(width="content")
st.markdown(QUESTION)
looked = source_picker()
with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    method, drawn = method_row("f", state.F_METHOD, service.MAPS, METHOD_HELP)
if method == "performer":
    drawing.button("Redraw", icon=":material/casino:", on_click=redraw, help=REDRAW_HELP)
say_refused(complaints)
if looked is None:
    st.stop()
try:
    asked = service.ask(looked.source, looked.head, method, drawn)
    found = service.pairs(asked)
except ValueError as refusal:
    st.error(refused(refusal), icon=":material/error:")
    st.stop()

environment = describe().line
pair = service.pairs(asked, [looked.query], [looked.key])
table = feature_pairs.pair_rows(asked, found)
feature_picture(asked, looked, table, environment)
st.markdown(
    f"{words.verdict(asked, service.counted_pairs(asked))} **Pinned**: {words.pinned_kernel(asked, pair)}"
)
feature_tabs(asked, looked, table, environment)
