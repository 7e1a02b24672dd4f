"""A chart as a file for a paper: the project's theme on white paper, with the environment line at its foot."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from json import dumps
from textwrap import wrap
from typing import Any

import altair as alt
import pandas as pd

from dashboard.figures.theme import EXPORT_FONT, config, ink

WIDTH = 560
PNG_SCALE = 2.0
FOOT_SIZE = 9.5
# What fits into the plot's width: the letters of running text are on average so much narrower than they are high.
FOOT_LETTERS = int(WIDTH / (FOOT_SIZE * 0.43))
SETTING_LETTERS = int(WIDTH / (config()["title"]["subtitleFontSize"] * 0.43))


@dataclass(frozen=True)
class Figure:
    """Everything an exported picture says: the chart, its rows, its title (`subtitle` is the setting), where the
    numbers come from (`footer`) and how to read the marks (`note`)."""

    chart: alt.LayerChart
    rows: pd.DataFrame
    title: str
    subtitle: str
    footer: str
    note: str = ""


@dataclass(frozen=True)
class Format:
    """One kind of file a figure can become; its key in FORMATS is the file's suffix."""

    label: str
    mime: str
    render: Callable[[Figure], bytes]


def on_paper(figure: Figure) -> alt.VConcatChart:
    """The chart with its title above, and below how to read it and where it comes from, on white."""
    chart = figure.chart.copy(deep=True)
    chart.config = chart.autosize = alt.Undefined
    foot = alt.TitleParams(
        foot_lines(figure),
        orient="bottom",
        anchor="start",
        offset=14,
        fontSize=FOOT_SIZE,
        fontWeight="normal",
        color=ink(False).muted,
    )
    subtitle = wrap(figure.subtitle, SETTING_LETTERS, break_on_hyphens=False) or ""
    head = alt.TitleParams(figure.title, subtitle=subtitle, anchor="start", offset=10)
    return (
        alt.vconcat(chart.properties(width=WIDTH, title=foot), title=head)
        .configure(**config(dark=False, font=EXPORT_FONT))
        .properties(background="white", padding=14)
    )


def foot_lines(figure: Figure) -> list[str]:
    """The note above the footer, broken where a line is longer than the plot is wide."""
    said = [line for part in (figure.note, figure.footer) for line in part.splitlines()]
    return [
        line
        for one in said
        for line in wrap(one, FOOT_LETTERS, break_on_hyphens=False, break_long_words=False)
    ]


def svg(figure: Figure) -> bytes:
    text = io.StringIO()
    on_paper(figure).save(text, format="svg")
    return text.getvalue().encode()


def png(figure: Figure) -> bytes:
    binary = io.BytesIO()
    on_paper(figure).save(binary, format="png", scale_factor=PNG_SCALE)
    return binary.getvalue()


def pdf(figure: Figure) -> bytes:
    binary = io.BytesIO()
    on_paper(figure).save(binary, format="pdf")
    return binary.getvalue()


def html(figure: Figure) -> bytes:
    """One file that needs no network: the drawing library is inside."""
    text = io.StringIO()
    on_paper(figure).save(text, format="html", inline=True)
    return text.getvalue().encode()


def csv(figure: Figure) -> bytes:
    """A line a row: parameters as words, and of which figure and from where each number is."""
    shown = f"{figure.title}; {figure.subtitle}"
    rows = figure.rows.assign(figure=shown, environment=_environment(figure))
    if "params" in rows:
        rows = rows.assign(params=[_words(params) for params in rows["params"]])
    return rows.to_csv(index=False).encode()


def json(figure: Figure) -> bytes:
    """The rows, with the figure's title, its setting and where the numbers come from beside them."""
    said = {
        "title": figure.title,
        "setting": figure.subtitle,
        "environment": _environment(figure),
        "rows": [
            {str(name): _known(value) for name, value in row.items()}
            for row in figure.rows.to_dict(orient="records")
        ],
    }
    return dumps(said, indent=2, ensure_ascii=False, allow_nan=False).encode()


def _known(value: Any) -> Any:
    """JSON has no word for what is not a number."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _environment(figure: Figure) -> str:
    """In one line: a comparison has several."""
    return "; ".join(figure.footer.splitlines())


def _words(params: Mapping[str, Any] | None) -> str:
    return ", ".join(f"{name}={value}" for name, value in (params or {}).items())


FORMATS: Mapping[str, Format] = {
    "svg": Format("SVG", "image/svg+xml", svg),
    "png": Format("PNG, 2×", "image/png", png),
    "pdf": Format("PDF", "application/pdf", pdf),
    "html": Format("HTML, interactive", "text/html", html),
    "csv": Format("CSV", "text/csv", csv),
    "json": Format("JSON", "application/json", json),
}
