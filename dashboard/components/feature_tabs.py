"""Behind the feature maps: the pinned pair, error curves, other maps; the rest in a file of its own."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from attn_core import METHODS
from dashboard import state
from dashboard.components.beside import beside
from dashboard.components.chart_panel import chart_panel
from dashboard.components.feature_draws import directions, norms, seeds_of_pair
from dashboard.components.matrix_panel import pin_readout
from dashboard.components.source_picker import Looked
from dashboard.components.waiting import waiting
from dashboard.figures.feature_errors import (
    curve_points,
    error_curve,
    predicted_points,
    slope_of,
)
from dashboard.figures.feature_spread import weight_rows, weight_scatter
from dashboard.services import feature_studies as studies
from dashboard.services import feature_words as words
from dashboard.services import features as service
from dashboard.services import validation as check
from dashboard.services.shown import safe, setting

TABS = ("Pinned pair", "Error against m", "Maps compared", "Norms", "Seeds", "Directions")
ERRORS = {"kernel": "kernel", "matrix": "attention matrix", "output": "output"}
ERROR_HELP = (
    "**kernel**: root mean square of (estimate − exact) / exact over pairs. **matrix**: of the attention matrix, "
    "relative, in Frobenius norm, after rows are normalised. **output**: relative, of A·V."
)
SEEDS_HELP = "How many drawings of the features each point has. 32 take four times as long as 8, 128 sixteen times."
TIMES_HELP = (
    "Measures with queries and keys shortened to a half or a quarter: where norms are small, the measured error is the "
    "predicted one."
)


def url_checks() -> dict[str, Callable[[str], object]]:
    return {
        state.F_TAB: lambda text: check.choose("tab", text, TABS),
        state.F_ERROR: lambda text: check.choose("error", text, ERRORS),
        state.F_SEEDS: lambda text: check.choose(
            "seeds", text, list(map(str, studies.SEED_COUNTS))
        ),
        state.F_TIMES: lambda text: check.choose("norms", text, list(map(str, studies.TIMES))),
    }


def feature_tabs(
    asked: service.Asked, looked: Looked, table: pd.DataFrame, environment: str
) -> None:
    drawers: tuple[Callable[[service.Asked, Looked, pd.DataFrame, str], None], ...] = (
        _pinned, _errors, _compared, norms, seeds_of_pair, directions,
    )  # fmt: skip
    tabs = st.tabs(TABS, key=state.F_TAB, on_change="rerun", bind="query-params")
    for tab, draw in zip(tabs, drawers, strict=True):
        if tab.open:
            with tab:
                draw(asked, looked, table, environment)


def _pinned(asked: service.Asked, looked: Looked, _table: pd.DataFrame, _environment: str) -> None:
    found = service.built(asked)
    pin_readout(
        looked,
        {
            "exact": service.exact_view(looked.source),
            METHODS[asked.method].short_title: found.view,
        },
    )
    if found.difference is not None:
        st.caption(
            f"φ(Q) and φ(K), multiplied, normalised and applied to V, differ from the engine's output by at most "
            f"{found.difference:.1e}."
        )


def _errors(_asked: service.Asked, looked: Looked, _table: pd.DataFrame, environment: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        quantity = st.segmented_control(
            "Error of", list(ERRORS), default="kernel", required=True, key=state.F_ERROR,
            bind="query-params", help=ERROR_HELP,
        ) or "kernel"  # fmt: skip
        seeds = st.segmented_control(
            "Seeds", studies.SEED_COUNTS, default=studies.SEED_COUNTS[0], required=True,
            key=state.F_SEEDS, bind="query-params", help=SEEDS_HELP,
        ) or studies.SEED_COUNTS[0]  # fmt: skip
        times = st.segmented_control(
            "Norms ×", studies.TIMES, default=1.0, required=True, key=state.F_TIMES,
            bind="query-params", help=TIMES_HELP,
        ) or 1.0  # fmt: skip
    with waiting(f"Measuring with {seeds} drawings") as report:
        found = studies.curve(looked.source, looked.head, int(seeds), float(times), report)
    points = curve_points(found.rows, quantity)
    lines = predicted_points(points, found.predicted, quantity)
    note = f"Median and middle 80% over {found.seeds} seeds, on {found.tokens} evenly spaced tokens; norms × {times:g}."
    drawn = f"FAVOR+, ReLU kernel, elu + 1; seeds 0 to {found.seeds - 1}, on {found.tokens} tokens, norms × {times:g}"
    chart_panel(
        lambda dark, _: error_curve(points, lines, title=f"relative error of the {ERRORS[quantity]}", dark=dark),
        points, name="error_curve", title=f"Error of the {ERRORS[quantity]} against features",
        said=setting(looked.source, looked.head, more=drawn), environment=environment, note=note,
        file=f"seeds-{found.seeds}_norms-{times:g}_error_{quantity}".replace(".", "-"),
        alt_text="Relative error against the number of random features, one line a kind of features.",
    )  # fmt: skip
    slopes = {one: slope_of(points, one) for one in ("orthogonal", "independent")}
    st.markdown(words.curve_words(points, found, quantity, slopes))
    st.caption(note)


def _compared(
    asked: service.Asked, looked: Looked, _table: pd.DataFrame, environment: str
) -> None:
    count = asked.width
    with waiting("Comparing maps") as report:
        found = studies.compared(looked.source, looked.head, count, report)
    for place, one in zip(beside("compared", len(found)), found, strict=True):
        rows = weight_rows(one.exact, one.own)
        drawn = f"{count:,} features, seed 0, " if len(one.drawn) > 1 else ""
        shown = f"{drawn}on {one.exact.shape[1]} tokens"
        with place:
            chart_panel(
                lambda dark, _, rows=rows, one=one: weight_scatter(rows, one.variant, dark=dark), rows,
                name=f"weights_{one.variant.replace('+', '_')}", title=one.name,
                said=setting(looked.source, looked.head, more=f"{one.name}, {shown}"), environment=environment,
                file=f"{safe(one.variant)}_features-{count}_weights",
                alt_text=f"Attention weights of {one.name} against the exact ones, pair by pair, logarithmic.",
            )  # fmt: skip
    st.markdown(words.compared_words(found))
    st.dataframe(studies.error_table(found), hide_index=True, width="content", column_config={
        name: st.column_config.NumberColumn(name, format="%.3g") for name in studies.ERROR_COLUMNS
    })  # fmt: skip
    st.caption(
        f"On {found[0].exact.shape[1]} evenly spaced tokens, {count:,} features; medians, least and most over "
        f"{studies.COMPARED_SEEDS} seeds; elu + 1 draws nothing. Dashed: as exact; weights below 10⁻⁶ lie on the edge."
    )
