"""A length and limits: what qualifies, what is best of it, what must give, and the code that builds the choice."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from attn_core.tradeoff.qualify import Answer, answer, code
from dashboard import state
from dashboard.services import tradeoff_budget as service
from dashboard.services.kept import kept_with_first
from dashboard.services.literal import literal
from dashboard.services.sweep_form import LENGTH
from dashboard.services.tradeoff_verdict import length_of
from dashboard.services.tradeoff_view import Shown
from dashboard.services.validation import shortened

LENGTH_HELP = "The length that the choice is for. Between two measured lengths the answer is interpolated, and says so."
LIMIT_HELP = "The worst value that is acceptable. Empty: no limit."
TABLE_WIDTH, CODE_WIDTH = 580, 460
DASH_HELP = (
    "A dash: not measured, or no number. Row divergence has none where it is infinite, as where keys that exact "
    "attention uses get nothing, or where weights may be negative."
)
CODE_HELP = "The lines that build this method; the button in their corner copies them."


def url_checks() -> dict[str, Callable[[str], object]]:
    limits = {state.need_key(name): one.span.parse for name, one in service.LIMITS.items()}
    return {state.D_NEED_LENGTH: LENGTH.parse, **limits}


def budget_tab(shown: Shown) -> None:
    try:
        length, typed = _asked(shown)
        found = _answer(shown, length, tuple(typed.items()))
    except ValueError as refusal:
        st.error(literal(shortened(str(refusal)).rstrip(".") + "."), icon=":material/error:")
        return
    st.markdown(service.headline(found))
    for remark in service.remarks(found):
        st.caption(literal(remark))
    if not found.best:
        return
    # Side by side where both have room, else one below the other.
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=TABLE_WIDTH):
            st.table(
                service.best_table(found),
                hide_index=True,
                border="horizontal",
                alt="The best by each quantity",
            )
        with st.container(width=CODE_WIDTH):
            _build(found)
    kept = [*found.surely, *found.perhaps]
    title = "Within the limits" if found.budget.limits else "What is offered"
    st.markdown(
        f"**{title}**, quickest first :gray[:small[{min(len(kept), service.ROWS)} of {len(kept)}]]",
        help=DASH_HELP,
    )
    st.table(
        service.within_table(found),
        hide_index=True,
        border="horizontal",
        alt=title,
    )


@kept_with_first(32)
def _answer(shown: Shown, length: int, typed: tuple[tuple[str, float | None], ...]) -> Answer:
    return answer(shown.newest, service.budget_of(length, dict(typed)))


def _asked(shown: Shown) -> tuple[int, dict[str, float | None]]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _follow(usual := length_of(shown))
        length = st.number_input(
            "Length N", LENGTH.low, LENGTH.high, usual, key=state.D_NEED_LENGTH,
            bind="query-params", help=LENGTH_HELP, width=130,
        )  # fmt: skip
        typed = {name: _limit(name) for name in service.FIRST}
        with st.popover(
            "More limits", icon=":material/tune:", help="Limits on the other quantities."
        ):
            others = [name for name in service.LIMITS if name not in service.FIRST]
            typed |= {name: _limit(name) for name in others}
    return int(length), typed


def _follow(usual: int) -> None:
    """Who has typed no length is asked about that of the verdict, also when that changes."""
    before = st.session_state.get(key := f"{state.D_NEED_LENGTH}.usual", usual)
    if before != usual and st.session_state.get(state.D_NEED_LENGTH) == before:
        st.session_state[state.D_NEED_LENGTH] = usual
    st.session_state[key] = usual


def _limit(name: str) -> float | None:
    limit = service.LIMITS[name]
    return st.number_input(
        limit.label, limit.span.low, limit.span.high, None, key=state.need_key(name), bind="query-params",
        help=f"{limit.axis.help} {LIMIT_HELP}", placeholder="no limit", width=190, format="%g",
    )  # fmt: skip


def _build(found: Answer) -> None:
    """The code of the choice: the quickest that qualifies, or another of them."""
    kept = service.quickest_first(found.surely or found.perhaps)[: service.ROWS]
    names = [one.name for one in kept]
    chosen = st.selectbox("Code that builds", names, help=CODE_HELP)
    # Plain, for highlighted words are hard to read; wrapped, for what scrolls cannot be reached without a mouse.
    st.code(code(kept[names.index(chosen)].point), language=None, wrap_lines=True)
