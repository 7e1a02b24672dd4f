"""Behind the low-rank picture: what the method makes, effective ranks, the pinned pair and every number."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import streamlit as st

from attn_core import METHODS
from dashboard import state
from dashboard.components.beside import beside
from dashboard.components.chart_panel import chart_panel
from dashboard.components.matrix_panel import colour_checks, colour_controls, pin_readout
from dashboard.components.source_picker import Looked
from dashboard.components.waiting import waiting
from dashboard.figures.matrix_map import Look, MatrixData, cells, matrix_map
from dashboard.figures.ranks import head_map, inverse_chart
from dashboard.services import low_rank as service
from dashboard.services import low_rank_factors as factors
from dashboard.services import low_rank_words as words
from dashboard.services import validation as check
from dashboard.services.features import exact_view
from dashboard.services.literal import literal
from dashboard.services.shown import file_name, setting

TABS = ("Inside the method", "Effective rank", "Pinned pair", "All numbers")
MEASURES = {"effective": "effective rank", "energy": "rank of 90% energy"}
MEASURE_HELP = (
    "**effective**: effective rank, exp of the entropy of the singular values scaled to sum to one (Roy and Vetterli "
    "2007); 1 for a matrix of rank one. **energy**: how many directions hold 90% of the squared norm."
)
# The iteration is followed this far, whatever the method stops at.
FOLLOWED = 20
HEIGHT = 220
EVERY = f"every head of every layer, exact, on {service.SAMPLE} tokens at most"


def url_checks() -> dict[str, Callable[[str], object]]:
    return colour_checks() | {
        state.R_TAB: lambda text: check.choose("tab", text, TABS),
        state.R_RANK: lambda text: check.choose("measure", text, MEASURES),
    }


def low_rank_tabs(
    asked: service.Asked | None, looked: Looked, whole: bool, environment: str
) -> None:
    """`whole` says whether the exact matrix is there to be compared with."""
    drawers: tuple[Callable[[], None], ...] = (
        lambda: _inside(asked, looked, whole, environment),
        lambda: _ranks(looked, environment),
        lambda: _pinned(asked, looked),
        lambda: _numbers(asked, whole),
    )
    tabs = st.tabs(TABS, key=state.R_TAB, on_change="rerun", bind="query-params")
    for tab, draw in zip(tabs, drawers, strict=True):
        if tab.open:
            with tab:
                draw()


def _inside(asked: service.Asked | None, looked: Looked, whole: bool, environment: str) -> None:
    if asked is None:
        st.caption("The method cannot serve here, so it has no arrays to show.")
        return
    found = factors.inside(asked)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.latex(METHODS[asked.method].formula, width="content")
        look = colour_controls()
    for start in range(0, len(found.factors), 2):
        for place, one in zip(
            beside(f"factors_{start}", 2), found.factors[start : start + 2], strict=False
        ):
            colours = _colours(one.data, look)
            with place:
                chart_panel(
                    partial(_drawn, one.data, colours), cells(one.data, colours), name=f"factor_{one.name}",
                    title=one.title, said=setting(looked.source, looked.head, asked.given), environment=environment,
                    file=file_name(one.name, asked.given),
                    alt_text=f"{one.name} of {METHODS[asked.method].short_title}, as colours.", note=one.words,
                )  # fmt: skip
                st.caption(one.words[0].upper() + one.words[1:] + ".")
    if found.difference is not None:
        st.caption(
            f"Multiplied and applied to V they differ from the engine's output by at most {found.difference:.1e}."
        )
    if asked.method == "nystromformer" and whole:
        _convergence(asked, looked, environment)


def _colours(data: MatrixData, look: Look) -> Look:
    """What of the page's colours this array can have: sinks are keys, of which every few may be shown."""
    if data.signed:
        return Look("linear", look.clip)
    keys = data.column_title == "key j"
    return Look(look.scale, look.clip, math.ceil(look.hide / data.each[1]) if keys else 0)


def _drawn(data: MatrixData, look: Look, dark: bool, _selection: str):
    return matrix_map(data, look, dark=dark, height=HEIGHT)


def _convergence(asked: service.Asked, looked: Looked, environment: str) -> None:
    iterations = asked.settings["iterations"]
    found = factors.convergence(asked, FOLLOWED)
    chart_panel(
        lambda dark, _: inverse_chart(found.rows, found.limit, iterations, dark=dark), found.rows,
        name="pseudo_inverse", title="The pseudo-inverse, iteration by iteration",
        said=setting(looked.source, looked.head, asked.given), environment=environment,
        file=file_name("pseudo_inverse", asked.given),
        alt_text="Residual of the pseudo-inverse and error of the matrix against the number of iterations.",
    )  # fmt: skip
    st.markdown(words.convergence_words(found, iterations))


def _ranks(looked: Looked, environment: str) -> None:
    try:
        with waiting("Decomposing head by head") as report:
            rows = service.rank_by_head(looked.source, report)
    except ValueError as refusal:
        st.error(literal(str(refusal)), icon=":material/error:")
        return
    measure = st.segmented_control(
        "Measure", list(MEASURES), default="effective", required=True, key=state.R_RANK,
        bind="query-params", help=MEASURE_HELP,
    ) or "effective"  # fmt: skip
    chart_panel(
        lambda dark, _: head_map(rows, measure, MEASURES[measure], dark=dark), rows, name="effective_rank",
        title=f"{MEASURES[measure].capitalize()} by head and layer", said=setting(looked.source, None, more=EVERY),
        environment=environment, file=f"{measure}_rank_by_head",
        alt_text=f"{MEASURES[measure]} of the exact matrix of every head in every layer.",
    )  # fmt: skip
    st.markdown(words.head_words(rows))
    if max(looked.source.queries, looked.source.keys) > service.SAMPLE:
        st.caption(f"On {service.SAMPLE} evenly spaced queries and keys.")


def _pinned(asked: service.Asked | None, looked: Looked) -> None:
    views = {"exact": exact_view(looked.source)}
    if asked is not None:
        views[METHODS[asked.method].short_title] = factors.inside(asked).view
    pin_readout(looked, views)


def _numbers(asked: service.Asked | None, whole: bool) -> None:
    if asked is None or not whole:
        st.caption(
            "Without a decomposed matrix and a method that can serve there are no errors to list."
        )
        return
    table = service.rank_table(asked)
    named = [METHODS[one].short_title for one in table["method"]]
    st.dataframe(
        table.assign(method=named),
        hide_index=True,
        width="content",
        column_config={
            "error": st.column_config.NumberColumn("error", format="%.4f"),
            "best": st.column_config.NumberColumn("best of rank k", format="%.4f"),
            "ratio": st.column_config.NumberColumn("error / best", format="%.3g"),
            "would do": st.column_config.NumberColumn("rank that would do"),
        },
    )
