"""Behind the feature maps: directions, error curves, other maps, norms and seeds."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st
import torch

from dashboard import state
from dashboard.components.chart_panel import chart_panel
from dashboard.components.matrix_panel import matrix_panel, pin_readout
from dashboard.components.source_picker import Looked
from dashboard.figures.feature_errors import (
    colours,
    curve_points,
    error_curve,
    predicted_points,
    slope_of,
)
from dashboard.figures.feature_norms import norm_map, pair_chart, pair_points
from dashboard.figures.feature_spread import spread_chart, weight_rows, weight_scatter
from dashboard.figures.matrix_map import Look, MatrixData
from dashboard.services import feature_studies as studies
from dashboard.services import feature_words as words
from dashboard.services import features as service
from dashboard.services import validation as check

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
# Directions beside each other: more than this many cells a side are no longer seen.
SHOWN = 64


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
        _pinned, _errors, _compared, _norms, _seeds, _directions,
    )  # fmt: skip
    tabs = st.tabs(TABS, key=state.F_TAB, on_change="rerun", bind="query-params")
    for tab, draw in zip(tabs, drawers, strict=True):
        if tab.open:
            with tab:
                draw(asked, looked, table, environment)


def _said(looked: Looked) -> str:
    return f"{looked.source.title}, head {looked.head}"


def _pinned(asked: service.Asked, looked: Looked, _table: pd.DataFrame, _environment: str) -> None:
    found = service.built(asked)
    pin_readout(looked, {"exact": service.exact_view(looked.source), asked.method: found.view})
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
    waiting = st.empty()
    found = studies.curve(
        looked.source, looked.head, int(seeds), float(times),
        lambda share: waiting.progress(share, f"Measuring with {seeds} drawings, {share:.0%}"),
    )  # fmt: skip
    waiting.empty()
    points = curve_points(found.rows, quantity)
    lines = predicted_points(points, found.predicted, quantity)
    note = f"Median and middle 80% over {found.seeds} seeds, on {found.tokens} evenly spaced tokens; norms × {times:g}."
    chart_panel(
        lambda dark, _: error_curve(points, lines, title=f"relative error of the {ERRORS[quantity]}", dark=dark),
        points, name="error_curve", title=f"Error of the {ERRORS[quantity]} against features", said=_said(looked),
        environment=environment, note=note,
        alt_text=f"Relative error against the number of random features, one line a kind of features. {note}",
    )  # fmt: skip
    slopes = {one: slope_of(points, one) for one in ("orthogonal", "independent")}
    st.markdown(words.curve_words(points, found, quantity, slopes))
    st.caption(note)


def _compared(
    asked: service.Asked, looked: Looked, _table: pd.DataFrame, environment: str
) -> None:
    count = asked.width
    found = studies.compared(looked.source, looked.head, count)
    for place, one in zip(st.columns(len(found)), found, strict=True):
        rows = weight_rows(one.exact, one.own)
        with place:
            chart_panel(
                lambda dark, _, rows=rows, one=one: weight_scatter(rows, one.variant, dark=dark), rows,
                name=f"weights_{one.variant.replace('+', '_')}", title=one.name, said=_said(looked),
                environment=environment,
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


def _norms(asked: service.Asked, looked: Looked, table: pd.DataFrame, environment: str) -> None:
    count = asked.width
    grid = studies.norm_table(looked.source, looked.head, count)
    left, right = st.columns(2, gap="medium")
    with left:
        chart_panel(
            lambda dark, _: norm_map(grid, dark=dark), grid, name="norms", title="Median error by norms",
            said=_said(looked), environment=environment,
            help_text="Queries and keys made shorter or longer, orthogonal directions. The frame: as they are.",
            alt_text="Median relative error of the kernel estimate by the mean norm of queries and of keys.",
        )  # fmt: skip
    with right:
        _pairs(asked, looked, table, environment)
    st.markdown(words.norm_words(grid))
    st.caption(
        f"FAVOR+, {count:,} features. Left: {studies.GRID_SAMPLE} evenly spaced queries and keys, {studies.GRID_SEEDS} "
        "seeds, at a multiple of their norms. Right: this drawing, pair by pair; the line is the standard deviation "
        "that theory gives independent directions, √((exp‖q̂+k̂‖² − 1)/m), where x̂ is x divided by the fourth root of d."
    )


def _pairs(asked: service.Asked, looked: Looked, table: pd.DataFrame, environment: str) -> None:
    if not asked.estimates:
        st.info(
            f"{asked.title} does not estimate exp(q·k/√d), so its pairs have no error of that kind. Choose Performer "
            "with the softmax kernel to see them.",
            icon=":material/info:",
        )
        return
    points = pair_points(table)
    chart_panel(
        lambda dark, _: pair_chart(points, asked.width, colour=colours(dark)["orthogonal"], dark=dark), points,
        name="pair_errors", title="Error of every pair", said=_said(looked), environment=environment,
        alt_text="Relative error of every pair against the squared norm of q̂ + k̂, and the spread that theory predicts.",
    )  # fmt: skip


def _seeds(asked: service.Asked, looked: Looked, _table: pd.DataFrame, environment: str) -> None:
    where = looked.source, looked.head, looked.query, looked.key, asked.width
    table = studies.pair_spread(*where)
    pair = f"query {looked.query:,}, key {looked.key:,}"
    chart_panel(
        lambda dark, _: spread_chart(table, dark=dark), table, name="seeds",
        title=f"{studies.PAIR_SEEDS} drawings of the pinned pair", said=f"{_said(looked)}; {pair}",
        environment=environment,
        alt_text=f"Estimate over exact kernel of {pair}: a tick a seed, for orthogonal and independent directions.",
    )  # fmt: skip
    st.markdown(words.spread_words(table, studies.pair_prediction(*where)))
    st.caption(
        f"FAVOR+, {asked.width:,} features, seeds 0 to {studies.PAIR_SEEDS - 1}. A tick is a drawing, the diamond the "
        "mean, the dashed line the exact kernel."
    )


def _directions(
    asked: service.Asked, looked: Looked, _table: pd.DataFrame, environment: str
) -> None:
    omega = service.directions(asked)
    if omega is None:
        st.info("This feature map draws no random directions.", icon=":material/info:")
        return
    part = omega[:, :SHOWN].double()
    unit = part / part.norm(dim=0)
    cosines = (unit.T @ unit).fill_diagonal_(0)
    shown = f"{part.shape[1]} of {omega.shape[1]:,} directions"
    left, right = st.columns(2, gap="medium")
    for place, name, title, values, rows, columns, unit_name in (
        (left, "omega", f"ω: {shown}", part, "dimension", "direction", "ω"),
        (
            right,
            "cosines",
            "Cosines between directions",
            cosines,
            "direction",
            "direction ",
            "cosine",
        ),
    ):
        data = MatrixData(
            values.numpy(), signed=True, unit=unit_name, row_title=rows, column_title=columns
        )
        with place:
            matrix_panel(
                data, Look("linear"), looked, name=name, title=title, environment=environment, size=380, pins=False,
                alt=f"{title}, signed, as colours around zero.",
            )  # fmt: skip
    off = cosines[~torch.eye(len(cosines), dtype=torch.bool)]
    norms = omega.double().norm(dim=0)
    st.markdown(
        f"The largest cosine between two of them is {float(off.abs().max()):.2g}; their norms are "
        f"{float(norms.mean()):.2f} ± {float(norms.std()):.2f}. Orthogonal directions come in blocks of d = "
        f"{omega.shape[0]}; a Gaussian vector of that width has a norm of about √d = {omega.shape[0] ** 0.5:.2f}."
        if len(off)
        else "There is one direction."
    )
