"""What the looking pages share goes with a reader from page to page, touched or not.

Streamlit keeps what was touched. What a link said and nobody touched it forgets at the first change of page, and brings
back at the second: its last value is known, and given to the widget before that is drawn.
"""

from __future__ import annotations

import streamlit as st

from dashboard import state

WHERE, SAID = "looked.page", "looked.said"


def bring_along() -> None:
    """Before the widgets are drawn."""
    here = st.session_state.get(state.PAGE)
    if st.session_state.get(WHERE, here) != here:
        for key in st.session_state[SAID]:
            if key in st.session_state and key not in st.query_params:
                value = st.session_state[key]
                st.session_state[key] = value
                if key in state.SOURCE_KEYS:  # whose widgets every one of these pages has
                    st.query_params[key] = _in_url(value)
    st.session_state[WHERE] = here
    known = (*state.SOURCE_KEYS, *state.MAP_KEYS)
    st.session_state[SAID] = [key for key in known if key in st.query_params]


def _in_url(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
