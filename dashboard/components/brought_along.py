"""What the looking pages share goes with a reader from page to page, touched or not.

Streamlit keeps what was touched. What a link said and nobody touched it forgets at the first change of page, and brings
back at the second; what the browser's Back leads to without its settings it draws without them. So the last values are
known, and given to the widgets before these are drawn.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard import state

WHERE, SAID, BROUGHT = "looked.page", "looked.said", "looked.brought"


def bring_along() -> None:
    """Before the widgets are drawn."""
    here = st.session_state.get(state.PAGE)
    brought = st.session_state.pop(BROUGHT, {})
    if st.session_state.get(WHERE, here) != here:
        brought = {key: st.session_state[key] for key in st.session_state[SAID] if _is_lost(key)}
        st.session_state[BROUGHT] = brought
        # In one go: the browser takes each for a place to come back to. Only what every one of these pages has.
        st.query_params.update(
            {key: _in_url(value) for key, value in brought.items() if key in state.SOURCE_KEYS}
        )
    st.session_state.update(brought)
    st.session_state[WHERE] = here
    known = (*state.SOURCE_KEYS, *state.MAP_KEYS)
    st.session_state[SAID] = [key for key in known if key in st.query_params]


def see_that_it_came() -> None:
    """After they were drawn: on the way back Streamlit puts the defaults in their place, once."""
    brought = st.session_state.get(BROUGHT, {})
    if any(st.session_state.get(key, value) != value for key, value in brought.items()):
        st.rerun()
    st.session_state.pop(BROUGHT, None)


def _is_lost(key: str) -> bool:
    return key in st.session_state and key not in st.query_params


def _in_url(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
