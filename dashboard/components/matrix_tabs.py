"""Details under the maps: fidelity, margins, distances, entropy, the budget's curve, the pinned pair."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from attn_core.environment import describe
from attn_core.timing.roofline import Rates
from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.components.matrix_controls import Chosen
from dashboard.components.matrix_panel import pin_readout
from dashboard.components.source_picker import Looked
from dashboard.figures.export import Figure
from dashboard.figures.matrix_profiles import EXACT, budget_curve, profile
from dashboard.services import matrix_fidelity as fidelity
from dashboard.services import matrix_profiles as profiles
from dashboard.services.matrices import short
from dashboard.services.matrix_budget import MOST_CURVED, budget, curve
from dashboard.services.matrix_rows import Rows, Side
from dashboard.services.viewport import Viewport, whole

TITLES = {
    "pin": "Pinned pair",
    "fidelity": "Fidelity",
    "margins": "Margins",
    "shape": "Distance and entropy",
    "budget": "Budget",
}


def matrix_tabs(
    looked: Looked,
    chosen: Chosen,
    part: Viewport,
    rows: Mapping[str, Rows],
    exact_rows: Rows,
    at: tuple[Rates, bool],
) -> None:
    """`rows` are those of the part that is seen. Only the open tab is worked out."""
    drawn = st.tabs(list(TITLES.values()), key=state.X_TAB, on_change="rerun", bind="query-params")
    tabs = dict(zip(TITLES, drawn, strict=True))
    if tabs["pin"].open:
        with tabs["pin"]:
            views = {"exact": chosen.exact(looked)}
            pin_readout(looked, views | {short(one.method): one.view for one in chosen.methods})
    if tabs["fidelity"].open:
        with tabs["fidelity"]:
            _fidelity(looked, chosen, part, rows)
    sides, names = _sides(chosen, rows, exact_rows)
    if tabs["margins"].open:
        with tabs["margins"]:
            st.caption(f"Of {exact_rows.words} that are seen, each read in full.")
            left, right = st.columns(2)
            with left:
                _chart(
                    looked,
                    profiles.received(sides),
                    "key j",
                    "weight",
                    names,
                    "What each key gets",
                    "the mean weight that the rows give to each key",
                    looked.key,
                )
            with right:
                _chart(
                    looked,
                    profiles.given(sides, exact_rows),
                    "query i",
                    "sum of weights",
                    names,
                    "What each query gives",
                    "each row's sum; exact attention gives 1",
                    looked.query,
                )
    if tabs["shape"].open:
        with tabs["shape"]:
            st.caption(f"Of {exact_rows.words} that are seen, each read in full.")
            left, right = st.columns(2)
            with left:
                _chart(
                    looked,
                    profiles.distances(sides),
                    "distance",
                    "mean weight",
                    names,
                    "Weight by distance |i − j|",
                    "mean weight at each distance, both axes logarithmic; a token with itself stands at ½",
                    None,
                    log=True,
                )
            with right:
                _chart(
                    looked,
                    profiles.entropies(sides, exact_rows),
                    "query i",
                    "nats",
                    names,
                    "Row entropy",
                    "how evenly each query spreads its weight",
                    looked.query,
                )
                for name, one in sides.items():
                    if one.no_entropy:
                        st.caption(f"{name}: none, for {one.no_entropy}.")
    if tabs["budget"].open:
        with tabs["budget"]:
            _budgets(looked, chosen, *at)  # fmt: skip


def _sides(
    chosen: Chosen, rows: Mapping[str, Rows], exact_rows: Rows
) -> tuple[dict[str, Side], dict[str, str]]:
    sides, names = {EXACT: exact_rows.exact}, {EXACT: "softmax"}
    for one in chosen.methods:
        found = rows[one.spec.id].method
        if found is not None:
            sides[short(one.method)], names[short(one.method)] = found, one.method.name
    return sides, names


def _chart(
    looked: Looked, table: pd.DataFrame, axis: str, unit: str, names: Mapping[str, str], title: str, about: str,
    pin: int | None, log: bool = False,
) -> None:  # fmt: skip
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{title}**", width="content", help=f"{about[0].upper()}{about[1:]}.")
        export_menu(
            lambda: Figure(profile(table, axis, unit, names, log=log, pin=pin), table, title,
                           f"{looked.source.title}, head {looked.head}", describe().line, f"{title}: {about}."),
            f"profile_{title.split()[-1].strip('|')}_{axis[0]}",
        )  # fmt: skip
    chart = profile(table, axis, unit, names, log=log, pin=pin, dark=state.dark_theme())
    st.altair_chart(chart, theme=None, alt=f"{title}: {about}, for {', '.join(names)}.")


def _fidelity(looked: Looked, chosen: Chosen, part: Viewport, rows: Mapping[str, Rows]) -> None:
    source = looked.source
    all_of_it = whole(source.queries, source.keys)
    for one in chosen.methods:
        seen = rows[one.spec.id]
        every = (
            seen if part == all_of_it else fidelity.in_part(source, looked.head, one, all_of_it)
        )
        report = fidelity.whole_report(source, one)
        numbers = fidelity.measured(every) + (
            [] if report is None else fidelity.from_report(report, looked.head)
        )
        st.markdown(f"**{short(one.method)}**")
        table = fidelity.table({"in view": fidelity.measured(seen), "whole": numbers})
        st.dataframe(table, hide_index=True, height=35 * len(table) + 38)
        st.caption(f"In view: {part.words}; {seen.words}. Whole: {every.words}.")
        st.download_button(
            "CSV", table.to_csv(index=False), f"fidelity_{one.method.name}.csv", "text/csv", type="tertiary",
            icon=":material/download:", on_click="ignore", key=f"fidelity_{one.method.name}",
        )  # fmt: skip
    if not chosen.methods:
        st.caption("Choose a method to compare with exact attention.")


def _budgets(looked: Looked, chosen: Chosen, at: Rates, measured: bool) -> None:
    said = (
        "by the rates of this machine's last sweep"
        if measured
        else "by rates guessed for this kind of machine"
    )
    source = looked.source
    for one in chosen.methods:
        param = budget(one.method)
        if param is None:
            st.caption(f"{short(one.method)} has no setting that buys closeness.")
            continue
        if source.queries * source.keys > MOST_CURVED:
            st.caption(
                f"The curve is worked out for up to {MOST_CURVED:,} pairs; here are "
                f"{source.queries * source.keys:,}."
            )
            continue
        table = curve(source, looked.head, one.method, one.spec.params, at)
        title = f"{short(one.method)}: error and predicted time against {param.name}"
        now = int(one.spec.params[param.name])  # pyright: ignore[reportArgumentType]
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
        ):
            st.markdown(f"**{title}**", width="content")
            export_menu(
                lambda table=table, param=param, now=now, one=one, title=title: Figure(
                    budget_curve(table, param.name, now, one.method.name), table, title, source.title, describe().line,
                    f"Predicted time of one forward pass over all heads, {said}."), f"budget_{one.method.name}",
            )  # fmt: skip
        chart = budget_curve(table, param.name, now, one.method.name, state.dark_theme())
        st.altair_chart(chart, theme=None, alt=f"{title}; the upright line is the present budget.")
        st.caption(f"Errors are measured on {table['rows'].iloc[0]}; times are predicted {said}.")
