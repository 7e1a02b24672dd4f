"""What is further up or down than one sees comes into view."""

from __future__ import annotations

import time

import streamlit as st

from dashboard import state

ANCHOR = "what-follows"
CHART = "the-chart"
COVERAGE = "what-was-measured"
# What is seen already stays where it is. The number makes each a script of its own, which the browser runs.
SCROLL = "<script>document.getElementById('{anchor}')?.scrollIntoView({{block: '{block}'}}); // {number}\n</script>"


def anchor(name: str) -> None:
    """What follows can be brought into view."""
    st.html(f'<span id="{name}" style="scroll-margin-top: 5rem"></span>')


def bring(name: str) -> None:
    """It comes into view when the page is drawn next, if it is further up or down than one sees."""
    st.session_state[state.D_BRING] = name


def brought() -> None:
    """Last on the page, so that what it scrolls to is there."""
    if name := st.session_state.pop(state.D_BRING, None):
        block = "nearest" if name == CHART else "start"
        script = SCROLL.format(anchor=name, block=block, number=time.monotonic_ns())
        st.html(script, unsafe_allow_javascript=True)
