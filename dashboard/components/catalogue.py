"""The methods by family, each drawn from what it says about itself."""

from __future__ import annotations

import re

import streamlit as st

from attn_core import METHODS, AttentionMethod
from attn_core.contract import ROLES

FAMILY_WORDS = {
    "exact": "The full softmax over every pair. What all others are held against.",
    "low-rank": "Keys and values, or the matrix itself, through far fewer than N rows.",
    "kernel": "The softmax replaced by a product of feature maps, so that sums can be shared.",
    "sparse": "The softmax over chosen pairs only.",
    "recurrent": "A state carried from token to token, computed in chunks.",
}
ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5})")
PARTS = re.compile(r",\s*\\(?:q?quad| )\s*")
CARDS_IN_A_ROW = 2


def catalogue() -> None:
    """Every family in catalogue order; a family without a sentence here still shows."""
    for family in dict.fromkeys(method.family for method in METHODS.values()):
        st.subheader(family.capitalize(), anchor=False)
        if family in FAMILY_WORDS:
            st.caption(FAMILY_WORDS[family])
        members = [method for method in METHODS.values() if method.family == family]
        for start in range(0, len(members), CARDS_IN_A_ROW):
            row = members[start : start + CARDS_IN_A_ROW]
            for place, method in zip(st.columns(CARDS_IN_A_ROW), row, strict=False):
                with place:
                    method_card(method)


def method_card(method: AttentionMethod) -> None:
    """Formula, cost and roles in sight; limits, parameters and the paper one click away."""
    with st.container(border=True, height="stretch"):
        roles = " ".join(f":gray-badge[{role}]" for role in ROLES if role in method.roles)
        st.markdown(f"**{method.title}** &ensp; `{method.name}` &ensp; {roles}")
        st.markdown(method.summary)
        st.latex(stacked(method.formula))
        cost = method.complexity
        st.markdown(f"Time {cost['time']} · memory {cost['memory']}")
        with st.expander("Limits, parameters, paper"):
            _details(method)


def stacked(formula: str) -> str:
    """The formula with its parts below each other: a card is narrow, and a formula does not wrap."""
    lines = r",\\[4pt]".join(PARTS.split(formula))
    return rf"\small\begin{{gathered}}{lines}\end{{gathered}}"


def _details(method: AttentionMethod) -> None:
    st.markdown("\n".join(f"- {limit}" for limit in method.limits))
    for param in method.params:
        st.markdown(
            f"`{param.name} = {param.default!r}` {param.help} :gray[Allowed: {param.allowed}.]"
        )
    if not method.params:
        st.markdown(":gray[It has no parameters.]")
    st.markdown(ARXIV.sub(r"[arXiv:\1](https://arxiv.org/abs/\1)", method.paper))
