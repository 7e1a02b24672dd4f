"""Speed: measure time and memory against sequence length, here and now, and look at what was measured."""

import streamlit as st

from attn_core.environment import describe
from attn_core.store import Store
from dashboard import state
from dashboard.components.sweep_controls import sweep_controls, url_checks
from dashboard.components.sweep_results import choose_run, say_problems, shown_sweep
from dashboard.components.sweep_start import say_refused, start_row
from dashboard.services.literal import literal
from dashboard.services.sweep_form import spec_of

environment = describe()
refused = state.refused_in_url(url_checks(environment))

st.title("Speed and memory, measured", anchor=False)
st.markdown(
    "How long does each method take on this machine, how much memory does it need, and from which length "
    "on does it pay?"
)
form = sweep_controls(environment)
try:
    spec, problem = spec_of(form), None
except ValueError as refusal:
    spec, problem = None, str(refusal)

store = Store()
with st.container(
    horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"
):
    start_row(store, spec, environment)
    shown = choose_run(store)
with st.container():
    say_refused(refused)
    if problem:
        st.error(
            literal(problem.removeprefix("sweep: ").rstrip(".") + "."), icon=":material/error:"
        )
    say_problems(shown)
shown_sweep(store, shown)
