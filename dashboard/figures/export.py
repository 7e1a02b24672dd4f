"""A chart as a file for a paper: the project's theme on white paper, with the environment line at its foot."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from json import dumps

import altair as alt
import pandas as pd

from dashboard.figures.theme import EXPORT_FONT, config, ink

WIDTH = 560
PNG_SCALE = 2.0


@dataclass(frozen=True)
class Figure:
    """Everything an exported picture says: the chart, its rows, its title and where the numbers come from."""

    chart: alt.LayerChart
    rows: pd.DataFrame
    title: str
    subtitle: str
    footer: str


@dataclass(frozen=True)
class Format:
    """One kind of file a figure can become; its key in FORMATS is the file's suffix."""

    label: str
    mime: str
    render: Callable[[Figure], bytes]


def on_paper(figure: Figure) -> alt.VConcatChart:
    """The chart with its title above and its footer below, on white."""
    chart = figure.chart.copy(deep=True)
    chart.config = alt.Undefined
    foot = alt.TitleParams(
        figure.footer,
        orient="bottom",
        anchor="start",
        offset=14,
        fontSize=9.5,
        fontWeight="normal",
        color=ink(False).muted,
    )
    head = alt.TitleParams(figure.title, subtitle=figure.subtitle, anchor="start", offset=10)
    return (
        alt.vconcat(chart.properties(width=WIDTH, title=foot), title=head)
        .configure(**config(dark=False, font=EXPORT_FONT))
        .properties(background="white", padding=14)
    )


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
    return figure.rows.to_csv(index=False).encode()


def json(figure: Figure) -> bytes:
    return dumps(figure.rows.to_dict(orient="records"), indent=2).encode()


FORMATS: Mapping[str, Format] = {
    "svg": Format("SVG", "image/svg+xml", svg),
    "png": Format("PNG, 2×", "image/png", png),
    "pdf": Format("PDF", "application/pdf", pdf),
    "html": Format("HTML, interactive", "text/html", html),
    "csv": Format("CSV", "text/csv", csv),
    "json": Format("JSON", "application/json", json),
}
