"""What is looked at: the machine and setting, the two quantities, the lengths, the source of the errors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import streamlit as st

from attn_core.tradeoff.axes import AXES
from dashboard import state
from dashboard.figures.frames import where
from dashboard.services import tradeoff_view as view
from dashboard.services import validation as check
from dashboard.services.literal import literal
from dashboard.services.tradeoffs import Everything, Setting, titles
from dashboard.services.validation import shortened

SETTING_HELP = (
    "Points of different machines, devices, sizes or passes are never on one chart: a time from elsewhere says "
    "nothing about yours."
)
AXIS_HELP = "Any two quantities that were measured. Log axes where values span decades."
LENGTHS_HELP = "Which lengths N are drawn, side by side if there are several."
SOURCE_HELP = "The queries and keys on which errors were measured. A method that is good on one can be bad on another."
OLDER_HELP = (
    "Draw a choice once for every run that measured it. Only the newest that has a time and an error is held against "
    "others, here, in the verdict and in the budget."
)
HIDE_HELP = (
    "Leave out the points that something measured beats in both quantities, whatever the noise."
)
MOST_FACETS = 4


def url_checks() -> dict[str, Callable[[str], object]]:
    # A bound box writes into the URL what it shows.
    titles = [axis.title for axis in AXES.values()]
    return {
        state.D_X: lambda text: check.choose("x", text, titles),
        state.D_Y: lambda text: check.choose("y", text, titles),
    }


def axis_title(name: str) -> str:
    """As the boxes name a quantity."""
    return AXES[name].title


# Of the boxes that hold one.
TITLES: dict[str, Callable[[str], str]] = dict.fromkeys(
    (state.D_X, state.D_Y, state.D_OPERATOR, state.D_QUALITY), axis_title
)


def unknown_in_url(found: Everything) -> list[str]:
    """What a link names that was not measured here, or not any more. Asked before the boxes are drawn, which drop it
    without a word."""
    # Of the setting that is shown, until a box holds it: who then takes another setting has named nothing.
    setting, arrived = _asked_for(found), state.D_AT not in st.session_state
    table = found.of(setting) if arrived else found.table
    sources = found.sources_of(setting) if arrived else found.sources
    measured: dict[str, tuple[str, Callable[[], Collection[str]], bool]] = {
        state.D_SOURCE: ("source", lambda: sources, True),
        state.D_SETTING: ("setting", lambda: [one.id for one in found.settings], False),
        state.D_AT: ("length", lambda: [str(n) for n in view.lengths_of(table)], True),
        state.D_POINT: ("point", lambda: set(found.table["id"]), False),
    }
    said = []
    for key, (noun, names, short) in measured.items():
        # Of many points even their ids take a while: only for a link that names one.
        if not (asked := st.query_params.get_all(key)):
            continue
        there = names()
        words = f" in this setting: {', '.join(there)}" if short else ""
        said += [
            f"The link names the {noun} {shortened(repr(text))}, which is not among what was measured{words}."
            for text in asked
            if text not in there
        ]
    return [literal(one) for one in said + _too_many_in_url()]


def follow_point(found: Everything) -> None:
    """A link to a point opens its setting and its length, unless it names others."""
    wanted = st.query_params.get(state.D_POINT)
    if not wanted or state.D_AT in st.session_state:
        return
    rows = where(found.table, found.table["id"] == wanted)
    if not len(rows):
        return
    home = found.home_of(wanted)
    if state.D_SETTING not in st.query_params and home != found.settings[0]:
        st.query_params[state.D_SETTING] = home.id
    if state.D_AT not in st.query_params and _asked_for(found) == home:
        st.session_state[state.D_AT] = [str(rows["length"].iloc[0])]


def draw_point(found: Everything, point_id: str) -> None:
    """Before the page is drawn again: its setting, and its length alone."""
    st.query_params[state.D_SETTING] = found.home_of(point_id).id
    length = where(found.table, found.table["id"] == point_id)["length"].iloc[0]
    st.session_state[state.D_AT] = [str(length)]


def _asked_for(found: Everything) -> Setting:
    """What the link names, else the first."""
    known = {one.id: one for one in found.settings}
    return known.get(st.query_params.get(state.D_SETTING, ""), found.settings[0])


def _too_many_in_url() -> list[str]:
    """What a link says more often than it is drawn."""
    said, lengths = [], st.query_params.get_all(state.D_AT)
    if len(lengths) > MOST_FACETS:
        said.append(
            f"The link names {len(lengths)} lengths ({shortened(', '.join(lengths))}); at most {MOST_FACETS} are drawn "
            "side by side."
        )
    x = st.query_params.get(state.D_X)
    if x is not None and x == st.query_params.get(state.D_Y):
        said.append(
            f"The link names {shortened(repr(x))} for both axes; they must be two quantities."
        )
    return said


def wanted_source() -> str | None:
    """Asked before the points are made: which errors they carry."""
    return st.session_state.get(state.D_SOURCE) or st.query_params.get(state.D_SOURCE)


def choose_points(found: Everything, by: Callable[[str], Everything]) -> view.Shown:
    """One row: what is shown, by which quantities. `by` gives the same points with the errors of a source."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        setting = _setting(found)
        sources = found.sources_of(setting)
        if sources and found.source not in sources:
            found = by(sources[0])
        offered = view.offered(found, setting)
        first_x, first_y = offered.first
        x = _axis("Across", state.D_X, first_x, offered.axes)
        y = _axis("Up", state.D_Y, first_y, offered.axes, x)
        if len(sources) > 1:
            usual = found.sources[0] if found.sources[0] in sources else sources[0]
            _source(sources, found.source, usual)
        lengths = _lengths(offered.lengths, view.usual_lengths(found, setting, x, y))
    # Its switch stands by the chart, and there only where there are any.
    older = st.session_state.get(state.D_OLDER, st.query_params.get(state.D_OLDER) == "true")
    return view.shown(found, setting, tuple(lengths), x, y, bool(older))


def draw_older(shown: view.Shown) -> None:
    if shown.part.measured_again:
        st.toggle("Older runs", key=state.D_OLDER, bind="query-params", help=OLDER_HELP)


def hide_beaten() -> bool:
    return st.toggle("Hide beaten", key=state.D_HIDE, bind="query-params", help=HIDE_HELP)


def _setting(found: Everything) -> Setting:
    """Only a choice where there is one to make. Until somebody makes it, the newest setting of this store is shown,
    which another study may change; so the box is not bound to the URL, and only what was chosen stands there."""
    known = {one.id: one for one in found.settings}
    first = next(iter(known))
    if len(known) == 1:
        return known[first]
    named = titles(found.settings)
    wanted = st.query_params.get(state.D_SETTING, first)
    st.session_state[state.D_SETTING_BOX] = wanted if wanted in known else first
    chosen = st.selectbox(
        "Machine and setting", list(known), format_func=lambda one: str(named.get(one, one)),
        key=state.D_SETTING_BOX, help=SETTING_HELP, width=320, on_change=_keep_setting,
    )  # fmt: skip
    return known[chosen]


def _keep_setting() -> None:
    st.query_params[state.D_SETTING] = st.session_state[state.D_SETTING_BOX]


def _axis(label: str, key: str, usual: str, measured: Sequence[str], other: str = "") -> str:
    """`other` is taken: a quantity against itself says nothing."""
    names = list(dict.fromkeys([*measured, usual]))
    names = [name for name in names if name != other] or [name for name in AXES if name != other]
    usual = usual if usual in names else names[0]
    before = st.session_state.get(usual_key := f"{key}.usual", usual)
    held = st.session_state.get(key)
    # Who has chosen nothing sees what is usual now: errors come in after the first times.
    if held is not None and (held not in names or held == before != usual):
        st.session_state[key] = usual
    st.session_state[usual_key] = usual
    return st.selectbox(
        label, names, index=names.index(usual), format_func=axis_title, key=key,
        help=f"{AXIS_HELP} {AXES[usual].help}", bind="query-params", width=150,
    )  # fmt: skip


def _source(sources: list[str], shown: str, usual: str) -> None:
    """The default is the usual one, whatever is shown: only what differs from it stays in the link."""
    if st.session_state.get(state.D_SOURCE, shown) not in sources:
        st.session_state[state.D_SOURCE] = shown
    st.selectbox(
        "Errors on", sources, index=sources.index(usual), key=state.D_SOURCE,
        help=SOURCE_HELP, bind="query-params", width=160,
    )  # fmt: skip


def _lengths(measured: Sequence[int], first: Sequence[int]) -> list[int]:
    offered, usual = [str(n) for n in measured], [str(n) for n in first]
    if come := [one for one in st.session_state.get(state.D_AWAITED, []) if one in offered]:
        del st.session_state[state.D_AWAITED]
        st.session_state[state.D_AT] = come
    if len(offered) < 2:
        return [int(n) for n in offered]
    held = [one for one in st.session_state.get(state.D_AT) or [] if one in offered]
    if state.D_AT in st.session_state and held != st.session_state[state.D_AT]:
        st.session_state[state.D_AT] = held or usual
    chosen = st.multiselect(
        "Lengths N", offered, default=usual, key=state.D_AT, help=LENGTHS_HELP, bind="query-params",
        max_selections=MOST_FACETS, width=260, placeholder="All lengths",
    )  # fmt: skip
    return sorted(int(n) for n in chosen or usual)
