"""Figure Z on paper: each of its panels alone, and the three of them as one picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from dashboard.figures.export import Figure
from dashboard.figures.figure_z_metrics import QUALITY, SPEED
from dashboard.figures.figure_z_quality import (
    CURVES_HEIGHT,
    Noise,
    curves_chart,
    quality_chart,
    row_labels,
)
from dashboard.figures.figure_z_ratio import ratio_chart, ratio_title
from dashboard.figures.figure_z_rows import ROW, Width
from dashboard.figures.figure_z_speed import grows, growth_chart, speed_chart

TITLES = {
    "quality": "Approximation quality",
    "generalization": "Generalization to longer inputs",
    "speed": "Speed",
}
# What an axis with its title takes between the two charts of a panel.
BETWEEN = 56
PAPER_WIDTHS = {"quality": 230, "generalization": 280, "speed": 230}
ALONE_WIDTH = 420


@dataclass(frozen=True)
class Parts:
    """The tables behind the panels, for one choice of metric, speed and curves."""

    metric: str
    speed: str
    curves: str | None
    ratio_metric: str
    length: int
    quality_rows: pd.DataFrame
    noise: Noise | None
    ratio_rows: pd.DataFrame
    speed_rows: pd.DataFrame
    curve_rows: pd.DataFrame


APART = alt.Resolve(
    scale=alt.ScaleResolveMap(
        color="independent", shape="independent", strokeDash="independent", stroke="independent",
        fill="independent", opacity="independent",
    )
)  # fmt: skip


class Panels(alt.HConcatChart):
    """Panels side by side. Each keeps its own width, whatever width the paper would give to a single chart."""

    def properties(self, **given: Any) -> alt.HConcatChart:
        given.pop("width", None)
        return super().properties(**given)


class Stack(alt.VConcatChart):
    """The same one below the other."""

    def properties(self, **given: Any) -> alt.VConcatChart:
        given.pop("width", None)
        return super().properties(**given)


def charts(
    parts: Parts, name: str, *, width: Width = "container", dark: bool = False
) -> list[alt.LayerChart]:
    """What a panel is made of, from top to bottom; nothing where there is nothing to show yet."""
    look: dict[str, Any] = {"width": width, "dark": dark}
    if name == "quality":
        above = [curves_chart(parts.curve_rows, parts.curves, **look)] if parts.curves else []
        found = parts.quality_rows
        rows = [quality_chart(found, parts.metric, parts.length, noise=parts.noise, **look)]
        return above + (rows if len(found) else [])
    if name == "speed":
        found = parts.speed_rows
        above = [growth_chart(found, parts.speed, **look)] if grows(found) else []
        return above + (
            [speed_chart(found, parts.speed, parts.length, **look)] if len(found) else []
        )
    found, base = parts.ratio_rows, parts.length
    if not len(found):
        return []
    return [ratio_chart(found, parts.ratio_metric, base, height=_tall(parts), **look)]


def _tall(parts: Parts) -> float:
    """As tall as the two charts of its neighbours."""
    rows = max(len(row_labels(table)) for table in (parts.quality_rows, parts.speed_rows))
    return CURVES_HEIGHT + BETWEEN + ROW * max(rows, 4)


def paper(parts: Parts) -> alt.HConcatChart:
    """The panels that have something to show, in one row, each under its own heading."""
    drawn = []
    for name in TITLES:
        found = charts(parts, name, width=PAPER_WIDTHS[name])
        head = alt.TitleParams(
            TITLES[name], subtitle=_subtitle(parts, name), anchor="start", offset=8
        )
        if found:
            drawn.append(_stacked(found).properties(title=head))
    return Panels(hconcat=drawn, spacing=26, resolve=APART)


def _stacked(found: list[alt.LayerChart]) -> Any:
    return found[0] if len(found) == 1 else Stack(vconcat=found, spacing=10, resolve=APART)


def _subtitle(parts: Parts, name: str) -> str:
    if name == "quality":
        return QUALITY[parts.metric].title
    if name == "speed":
        return SPEED[parts.speed].title
    return ratio_title(parts.ratio_metric, parts.length)


def whole(
    parts: Parts, cells: pd.DataFrame, title: str, subtitle: str, footer: str, note: str = ""
) -> Figure:
    """The three panels as one picture, with every cell behind them."""
    return Figure(paper(parts), plain(cells), title, subtitle, footer, note)  # type: ignore[arg-type]


def alone(parts: Parts, name: str, subtitle: str, footer: str, note: str = "") -> Figure:
    """One panel with its own rows."""
    rows = {
        "quality": parts.quality_rows,
        "generalization": parts.ratio_rows,
        "speed": parts.speed_rows,
    }[name]
    chart = _stacked(charts(parts, name, width=ALONE_WIDTH))
    title = f"{TITLES[name]}: {_subtitle(parts, name)}"
    return Figure(chart, plain(rows), title, subtitle, footer, note)


def plain(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as a file takes them: nothing where nothing is known."""
    return rows.astype(object).where(rows.notna(), None)
