"""A sweep as a reader sees it: the chart, what it says, and the numbers behind it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import altair as alt
import streamlit as st

from attn_core.naming import called
from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.components.method_box import method_box
from dashboard.components.sweep_tables import rows_table, scaling_table, setting_facts
from dashboard.figures.amounts import sizes_line
from dashboard.figures.export import Figure
from dashboard.figures.quantities import QUANTITIES
from dashboard.figures.reading import reading
from dashboard.figures.sweep import flat, sweep_chart
from dashboard.services import findings
from dashboard.services.literal import literal
from dashboard.services.sweeps import Results
from dashboard.services.validation import choose

QUANTITY_HELP = "What the vertical axis shows. Nothing is measured again."
SCALE_HELP = "On log axes a power of N is a straight line, and its slope is the power."
RELATIVE_HELP = "Divide by this method's value at the same length. 1 then means: no difference."
PER_TOKEN_HELP = "Divide time or memory by the number of tokens: a flat line grows in proportion."
# The URL holds what is on the button.
NAMES = {form.name: quantity for quantity, form in QUANTITIES.items()}
ABSOLUTE = "absolute"
SCALES = ("log", "linear")


@dataclass(frozen=True)
class View:
    """How the rows are looked at."""

    quantity: str = "time"
    scale: str = SCALES[0]
    relative_to: str | None = None
    per_token: bool = False


def sweep_view(found: Results) -> None:
    """Controls of the picture, the picture, sentences, tabs."""
    complaints = state.refused_in_url(
        {
            state.QUANTITY: lambda text: choose("show", text, NAMES),
            state.SCALE: lambda text: choose("scale", text, SCALES),
            state.RELATIVE: lambda text: choose("relative", text, [ABSOLUTE, *found.labels]),
        }
    )
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        gap="small",
    ):
        view = _view_controls(found)
        if len(found.rows):
            export_menu(partial(figure, found, view), f"sweep_{view.quantity}")
    with st.container():
        for complaint in complaints.values():
            st.warning(complaint, icon=":material/link_off:")
    if not len(found.rows):
        st.caption("No cell is finished yet.")
        return
    words = findings.sentences(found)
    form = QUANTITIES[view.quantity]
    if view.quantity == "speedup" and "flash" not in found.labels:
        st.info(f"Speed-up is over {called('flash')}: measure it in the same sweep to see it.")
        return
    st.vega_lite_chart(
        drawn(found, view, state.dark_theme()), theme=None, key="sweep_chart",
        alt=f"{form.title} against sequence length. {words}",
    )  # fmt: skip
    st.markdown(literal(words))
    st.caption(literal(f"{read(found, view)} Setting: {sizes_line(found.settings)}."))
    rows_tab, scaling_tab, setting_tab = st.tabs(["Rows", "Scaling", "Setting and machine"])
    with rows_tab:
        rows_table(found)
    with scaling_tab:
        scaling_table(found)
    with setting_tab:
        setting_facts(found)


def _view_controls(found: Results) -> View:
    shown = st.segmented_control(
        "Show", list(NAMES), default=QUANTITIES["time"].name, required=True, key=state.QUANTITY,
        help=QUANTITY_HELP, bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    quantity = NAMES[shown]
    form = QUANTITIES[quantity]
    with st.popover("View", icon=":material/visibility:", type="tertiary"):
        scale = st.segmented_control(
            "Axes", SCALES, default=SCALES[0], required=True, key=state.SCALE, help=SCALE_HELP,
            bind="query-params",
        )  # fmt: skip
        relative = method_box(
            [ABSOLUTE, *found.labels], state.RELATIVE, RELATIVE_HELP, label="Relative to",
            width="stretch", disabled=not form.relative,
        )  # fmt: skip
        per_token = st.toggle(
            "Per token", key=state.PER_TOKEN, help=PER_TOKEN_HELP, bind="query-params",
            disabled=not form.per_token,
        )  # fmt: skip
    relative_to = None if relative == ABSOLUTE or not form.relative else relative
    return View(quantity, scale, relative_to, per_token and form.per_token)


@lru_cache(maxsize=32)
def drawn(found: Results, view: View, dark: bool) -> dict[str, Any]:
    """The chart's specification: a poll that finds nothing new draws nothing new. It is not checked against the
    schema here, which would take as long as the rest."""
    return _chart(found, view, dark).to_dict(validate=False)


def _chart(found: Results, view: View, dark: bool) -> alt.LayerChart:
    return sweep_chart(
        found.rows,
        view.quantity,
        scale=view.scale,
        relative_to=view.relative_to,
        per_token=view.per_token,
        nulls=found.nulls,
        slopes=found.slopes,
        crossovers=found.crossings,
        dark=dark,
    )


@lru_cache(maxsize=32)
def read(found: Results, view: View) -> str:
    """What is drawn in this view, for the caption and for the figure's foot."""
    return reading(
        found.rows,
        found.nulls,
        view.quantity,
        view.relative_to,
        view.per_token,
        crossovers=found.crossings,
    )


def figure(found: Results, view: View) -> Figure:
    """The same view on paper."""
    title = f"{QUANTITIES[view.quantity].title} against sequence length"
    if view.relative_to is not None:
        title += f", relative to {called(view.relative_to)}"
    elif view.per_token:  # a ratio is the same per token
        title += ", per token"
    return Figure(
        _chart(found, view, dark=False),
        flat(found.rows),
        title,
        sizes_line(found.settings),
        found.environment_line,
        read(found, view),
    )
