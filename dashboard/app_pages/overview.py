"""Overview: what each method costs at a length, what the methods are, and what this machine is."""

import streamlit as st

from attn_core.environment import describe
from dashboard import state
from dashboard.components.catalogue import catalogue
from dashboard.components.cost_answer import cost_answer
from dashboard.components.machine import machine_facts
from dashboard.components.newest_verdict import newest_verdict, to_newest_verdict
from dashboard.components.question import question_controls, url_checks
from dashboard.services.literal import literal

environment = describe()
refused = state.refused_in_url(url_checks())

head, ways = st.columns([3, 2], vertical_alignment="center")
with head:
    st.title("Choosing an attention mechanism", anchor=False)
with ways:
    to_newest_verdict()
st.markdown(
    "What does each method need at your sequence length, beside exact attention, and does it fit "
    "this machine?"
)
try:
    question, problem = question_controls(), None
except ValueError as refusal:
    question, problem = None, str(refusal)

for key, complaint in refused.items():
    if key in st.session_state:
        st.warning(
            f"{complaint} Shown instead: {literal(str(st.session_state[key]))}.",
            icon=":material/link_off:",
        )
if problem:
    st.error(literal(problem.rstrip(".") + "."), icon=":material/error:")
if question is not None:
    cost_answer(question, environment)

newest_verdict()

methods_tab, machine_tab = st.tabs(["Methods", "This machine"])
with methods_tab:
    catalogue()
with machine_tab:
    machine_facts(environment)
