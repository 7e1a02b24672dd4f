"""Trade-offs: which method, with which budget, for my length, on my machine?"""

import streamlit as st

from attn_core.environment import describe
from attn_core.store import Store
from dashboard import state
from dashboard.components.sweep_start import say_refused
from dashboard.components.tradeoff_choice import TITLES
from dashboard.components.tradeoff_choice import url_checks as view_checks
from dashboard.components.tradeoff_controls import study_controls, url_checks
from dashboard.components.tradeoff_results import say_problems, shown_points
from dashboard.components.tradeoff_start import start_row
from dashboard.components.tradeoff_tabs import url_checks as tab_checks
from dashboard.services.tradeoff_form import spec_of
from dashboard.services.validation import shortened

environment = describe()
refused = state.refused_in_url({**url_checks(environment), **view_checks(), **tab_checks()})

st.title("Trade-offs", anchor=False)
st.markdown("Which method, with which budget, for my length, on my machine?")
store = Store()
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    form = study_controls(environment)
    try:
        spec, problem = spec_of(form), ""
    except ValueError as refusal:
        spec, problem = None, shortened(str(refusal))
    live = start_row(store, spec)
said = st.container()
shown_points(store, live)
with said:
    # Last: what is used instead is known once every control is drawn.
    say_refused(refused, TITLES, closed=tab_checks())
    say_problems(problem)
