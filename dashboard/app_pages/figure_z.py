"""Figure Z: train, distil and compare translators, and see quality, generalization and speed side by side."""

import streamlit as st

from attn_core.environment import describe
from attn_core.store import Store
from dashboard import state
from dashboard.components.figure_z_controls import figure_z_controls, fixed_in_url, url_checks
from dashboard.components.figure_z_data_box import upload_refused
from dashboard.components.figure_z_results import choose_run, say_problems, shown_figure
from dashboard.components.figure_z_start import start_row
from dashboard.components.sweep_start import say_refused
from dashboard.services.figure_z_form import spec_of
from dashboard.services.literal import literal
from dashboard.services.validation import shortened

environment = describe()
refused = state.refused_in_url(url_checks(environment))

st.title("Figure Z: translators with approximate attention", anchor=False)
st.markdown(
    "What does a translator keep when its exact attention is replaced: how good is it, how far does it carry "
    "beyond the trained length, and how fast is it?"
)
form = figure_z_controls(environment)
spec, problem = None, upload_refused()
if problem is None:
    try:
        spec = spec_of(form)
    except ValueError as refusal:
        problem = shortened(str(refusal))

store = Store()
with st.container(
    horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"
):
    start_row(store, spec, environment)
    shown = choose_run(store)
with st.container():
    say_refused(refused)
    if fixed := fixed_in_url(form.protocol):
        st.warning(fixed, icon=":material/link_off:")
    if problem:
        st.error(
            literal(problem.removeprefix("figure-z: ").rstrip(".") + "."), icon=":material/error:"
        )
    say_problems(shown)
shown_figure(store, shown)
