"""What papers published beside what was measured here: the same ratios, another mark, never one series."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import pandas as pd
import streamlit as st

from attn_core.amounts import digits
from attn_core.methods import METHODS
from attn_core.naming import called
from attn_core.tradeoff.published import noise_floor, published, ranges
from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.components.method_box import NONE, methods_box
from dashboard.components.shown_chart import show_chart
from dashboard.figures.export import Figure
from dashboard.figures.frames import where
from dashboard.figures.on_screen import OnScreen, on_screen
from dashboard.figures.published_chart import NOTE, left_out, published_chart
from dashboard.services import validation as check
from dashboard.services.kept import kept_with_first
from dashboard.services.tradeoff_view import Shown, beside_published, without_mark
from dashboard.services.tradeoffs import Everything, Setting

QUANTITIES = {"Time": "time", "Memory": "memory"}
METHODS_HELP = (
    "Which methods are drawn. Methods that no paper here measured have filled marks only."
)


def url_checks() -> dict[str, Callable[[str], object]]:
    return {
        state.D_COST: lambda text: check.choose("cost", text, QUANTITIES),
        state.D_PAPERS: lambda text: check.choose("method", text, [*_offered(_printed()), NONE]),
    }


def _offered(printed: pd.DataFrame) -> list[str]:
    """Methods that a paper measured; softmax is what they are divided by."""
    known = set(printed["method"])
    return [name for name in METHODS if name in known and name != "softmax"]


def published_tab(shown: Shown) -> None:
    offered = _offered(_printed())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        what = st.segmented_control(
            "Cost", list(QUANTITIES), default="Time", required=True, key=state.D_COST, bind="query-params",
            help="What is divided by exact attention's.",
        ) or "Time"  # fmt: skip
        methods = methods_box(
            offered, state.D_PAPERS, METHODS_HELP, first=offered, width="stretch"
        )
    if not methods:
        st.info("Choose at least one method.", icon=":material/menu_book:")
        return
    _chart(shown, what, methods)
    _conflicts()


@lru_cache(maxsize=1)
def _printed() -> pd.DataFrame:
    return published()


def _of(rows: pd.DataFrame, what: str) -> pd.DataFrame:
    return where(rows, rows["quantity"] == QUANTITIES[what])


def _rows(
    everything: Everything, setting: Setting, what: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Of one cost, what papers published and what was measured."""
    return _of(_printed(), what), _of(beside_published(everything, setting), what)


@kept_with_first()
def _picture(
    everything: Everything, setting: Setting, what: str, methods: tuple[str, ...], dark: bool
) -> OnScreen:
    """Kept: of many points it takes longer than the rest of the page."""
    rows = _rows(everything, setting, what)
    return on_screen(lambda: published_chart(*rows, list(methods), dark=dark))


def _chart(shown: Shown, what: str, methods: list[str]) -> None:
    title = f"{what}, published and measured, over exact attention's"

    def figure() -> Figure:
        printed, measured = _rows(shown.everything, shown.setting, what)
        both = {"published": printed, "measured": measured}
        rows = pd.concat([part.assign(origin=name) for name, part in both.items()])
        chart = published_chart(printed, measured, methods)
        return Figure(chart, rows, title, shown.setting.sizes, shown.setting.machine, NOTE)

    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(f"**{title}**", width="content")
        export_menu(figure, "tradeoff_published")
    chosen = shown.everything, shown.setting, what, tuple(methods)
    show_chart(
        _picture(*chosen, state.dark_theme()),
        f"{title} for {', '.join(map(called, methods))}. {NOTE}",
    )
    lost = without_mark(shown.everything, shown.setting, QUANTITIES[what])
    st.caption(" ".join(part for part in (NOTE, lost, left_out(_of(_printed(), what))) if part))


def _conflicts() -> None:
    """Where papers disagree, the range of all of them."""
    table = pd.DataFrame(
        [
            {
                "Method": called(one.method),
                "Task": one.metric.removesuffix("_accuracy"),
                "Published": f"{digits(one.low)} to {digits(one.high)} {one.unit}",
                "By": ", ".join(
                    f"{source} {digits(value)}" for source, value in one.by_source.items()
                ),
            }
            for one in ranges()
        ]
    )
    if not len(table):
        return
    st.markdown("**Papers that disagree**, the same method on the same task")
    st.table(
        table, hide_index=True, border="horizontal", alt="Accuracies that papers give differently"
    )
    if floor := noise_floor():
        values = " and ".join(f"{name} {digits(value)}" for name, value in floor.by_source.items())
        st.caption(
            f"Two exact methods of one paper on the same task: {values}. They compute the same; their distance is the "
            "noise of training, and a smaller difference between methods says nothing."
        )
