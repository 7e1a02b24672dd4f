"""Figure Z as a reader sees it: three panels, what they say, and the numbers behind them."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

import streamlit as st

from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.components.figure_z_tabs import figure_z_tabs
from dashboard.figures import figure_z as figures
from dashboard.figures.export import Figure
from dashboard.figures.theme import config
from dashboard.services import figure_z_captions as captions
from dashboard.services import figure_z_findings as findings
from dashboard.services import figure_z_views as views
from dashboard.services.figure_z import Results
from dashboard.services.figure_z_objections import OBJECTIONS
from dashboard.services.figure_z_ratios import why_other
from dashboard.services.literal import literal
from dashboard.services.validation import choose

METRIC_HELP = "What quality means on the left, and in the middle where its ratio exists. Nothing is trained again."
SPEED_HELP = "What the right panel shows. Nothing is measured again."
CURVES_HELP = "What the training curves show. The stages learn different things, so each loss has its own axis."
AUTOMATIC = "automatic"
# As wide as its column; the height is that of the plot, axes come on top.
FIT = {"type": "fit-x", "contains": "padding"}
# Side by side where there is room for three, one below the other where there is not.
# The little space between them, and above the title, lets all of them end above the fold.
WRAP = (
    "<style>.st-key-z_panels [data-testid=stColumn] {min-width: min(21rem, 100%)}"
    ".st-key-z_panels [data-testid=stColumn] > [data-testid=stVerticalBlock] {gap: 0.15rem}"
    "[data-testid=stMain] h1 {padding-top: 0; padding-bottom: 0.25rem}"
    "[data-testid=stButtonGroup] div {flex-wrap: wrap}</style>"
)
WAITING = {
    "quality": "No model is trained yet.",
    "speed": "Nothing is timed yet.",
}


def figure_z_view(found: Results, live: bool = False) -> None:
    """Controls of the picture, the picture, sentences, tabs."""
    if found.empty:
        st.caption("Nothing is trained yet.")
        return
    view = _view_controls(found, live)
    st.html(WRAP)
    with st.container(key="z_panels"):
        columns = st.columns(3, gap="medium")
        for column, name in zip(columns, figures.TITLES, strict=True):
            with column:
                _panel(found, view, name)
    st.markdown(literal(findings.sentences(found, view.metric)))
    st.caption(captions.key_to_marks(views.parts(found, view)))
    figure_z_tabs(found)


def _view_controls(found: Results, live: bool) -> views.View:
    metrics, speeds, curves = views.metrics(found), views.speeds(found), views.curves(found)
    complaints = state.refused_in_url(
        {
            state.Z_METRIC: lambda text: choose("metric", text, list(metrics)),
            state.Z_SPEED: lambda text: choose("cost", text, list(speeds)),
            state.Z_CURVES: lambda text: choose("curves", text, [AUTOMATIC, *curves]),
        }
    )
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        gap="small",
    ):
        metric = _one_of(state.Z_METRIC, "Quality", list(metrics), METRIC_HELP)
        speed = _one_of(state.Z_SPEED, "Cost", list(speeds), SPEED_HELP)
        with st.popover("View", icon=":material/visibility:", type="tertiary"):
            drawn = st.selectbox(
                "Training curves", [AUTOMATIC, *curves], key=state.Z_CURVES, bind="query-params",
                help=CURVES_HELP,
            )  # fmt: skip
        view = views.view_of(found, metrics[metric], speeds[speed], curves.get(drawn), live)
        export_menu(partial(_whole, found, view), "figure_z")
    with st.container():
        for complaint in complaints.values():
            st.warning(complaint, icon=":material/link_off:")
    return view


def _one_of(key: str, label: str, names: list[str], help_text: str) -> str:
    found = st.segmented_control(
        label, names, default=names[0], required=True, key=key, bind="query-params", help=help_text,
        label_visibility="collapsed",
    )  # fmt: skip
    return found if found in names else names[0]


def _panel(found: Results, view: views.View, name: str) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{figures.TITLES[name]}**", width="content")
        drawn = specifications(found, view, name, state.dark_theme())
        if drawn:
            export_menu(partial(_alone, found, view, name), f"figure_z_{name}")
    if not drawn and name in WAITING:
        st.caption(WAITING[name])
    for place, spec in enumerate(drawn):
        st.vega_lite_chart(
            spec, theme=None, key=f"z_{name}_{place}",
            alt=f"{figures.TITLES[name]}. {findings.sentences(found, view.metric)}",
        )  # fmt: skip
    if name == "generalization" and (why := why_other(found, view.metric)):
        st.caption(why)
    if found.article:
        st.caption("\n".join(f"- {words}" for words in OBJECTIONS[name]))


@lru_cache(maxsize=64)
def specifications(
    found: Results, view: views.View, name: str, dark: bool
) -> list[dict[str, Any]]:
    """The charts of a panel, to be drawn as they are: a poll that finds nothing new draws nothing new."""
    parts = views.parts(found, view)
    look = config(dark)
    return [
        chart.to_dict(validate=False) | {"config": look, "autosize": FIT}
        for chart in figures.charts(parts, name, dark=dark)
    ]


def _whole(found: Results, view: views.View) -> Figure:
    """The three panels on paper."""
    parts = views.parts(found, view)
    words = captions.setting_line(found)
    return figures.whole(
        parts, found.cells, found.name or "Figure Z", words, found.environment_line,
        captions.note(found, parts),
    )  # fmt: skip


def _alone(found: Results, view: views.View, name: str) -> Figure:
    parts = views.parts(found, view)
    return figures.alone(
        parts, name, captions.setting_line(found), found.environment_line,
        captions.note(found, parts, name),
    )  # fmt: skip
