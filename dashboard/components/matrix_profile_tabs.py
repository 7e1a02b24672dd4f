"""Margins, distances and entropies of exact attention and of methods, of the part that is seen."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from attn_core.environment import describe
from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.components.matrix_controls import Chosen
from dashboard.components.shown_chart import show_chart
from dashboard.components.source_picker import Looked
from dashboard.figures.export import Figure
from dashboard.figures.matrix_profiles import EXACT, profile
from dashboard.figures.on_screen import on_screen
from dashboard.services import matrix_profiles as profiles
from dashboard.services.matrix_fidelity import in_part, of_exact
from dashboard.services.matrix_rows import Rows, Side
from dashboard.services.shown import file_name, setting
from dashboard.services.viewport import Viewport


def margins_tab(looked: Looked, chosen: Chosen, part: Viewport) -> None:
    sides, names, rows = _sides(looked, chosen, part)
    left, right = st.columns(2)
    with left:
        _chart(
            looked, chosen, part, profiles.received(sides), "key j", "weight", names, "What each key gets",
            "the mean weight that the rows give to each key", looked.key,
        )  # fmt: skip
    with right:
        _chart(
            looked, chosen, part, profiles.given(sides, rows), "query i", "sum of weights", names,
            "What each query gives", "each row's sum; exact attention gives 1", looked.query,
        )  # fmt: skip


def shape_tab(looked: Looked, chosen: Chosen, part: Viewport) -> None:
    sides, names, rows = _sides(looked, chosen, part)
    left, right = st.columns(2)
    with left:
        _chart(
            looked, chosen, part, profiles.distances(sides), "distance", "mean weight", names,
            "Weight by distance |i − j|",
            "mean weight at each distance, both axes logarithmic; a token with itself stands at ½", None, log=True,
        )  # fmt: skip
    with right:
        _chart(
            looked, chosen, part, profiles.entropies(sides, rows), "query i", "nats", names, "Row entropy",
            "how evenly each query spreads its weight", looked.query,
        )  # fmt: skip
    for name, one in sides.items():
        if one.no_entropy:
            st.caption(f"{name} has no row entropy: {one.no_entropy}.")


def _sides(
    looked: Looked, chosen: Chosen, part: Viewport
) -> tuple[dict[str, Side], dict[str, str], Rows]:
    """Every matrix by its name, the method behind each name, and which rows were read."""
    where = looked.source, looked.head
    rows = [in_part(*where, one, part) for one in chosen.methods]
    first = rows[0] if rows else of_exact(*where, chosen.exact(looked), part)
    sides, names = {EXACT: first.exact}, {EXACT: "softmax"}
    for one, found in zip(chosen.methods, rows, strict=True):
        if found.method is not None:
            sides[one.method.short_title], names[one.method.short_title] = (
                found.method,
                one.method.name,
            )
    st.caption(f"Of {first.words} that are seen, each read in full.")
    return sides, names, first


def _chart(
    looked: Looked, chosen: Chosen, part: Viewport, table: pd.DataFrame, axis: str, unit: str,
    names: Mapping[str, str], title: str, about: str, pin: int | None, log: bool = False,
) -> None:  # fmt: skip
    name = f"profile_{title.split()[-1].strip('|')}_{axis[0]}"
    given = [one.given for one in chosen.methods]
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{title}**", width="content", help=f"{about[0].upper()}{about[1:]}.")
        export_menu(
            lambda: Figure(profile(table, axis, unit, names, log=log, pin=pin), table, title,
                           setting(looked.source, looked.head, *given, more=part.words), describe().line,
                           f"{title}: {about}."),
            name, file=file_name(name, *given),
        )  # fmt: skip
    dark = state.dark_theme()
    chart = on_screen(lambda: profile(table, axis, unit, names, log=log, pin=pin, dark=dark))
    show_chart(chart, f"{title}: {about}, for {', '.join(names)}.")
