"""A report as one HTML file: its charts are drawn inside as vectors, so that it opens without a network."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

from dashboard.figures.export import svg
from dashboard.report.document import Report, Section, Table

STYLE = Path(__file__).with_name("web.css")


def to_html(report: Report) -> bytes:
    return "\n".join(_lines(report)).encode()


def _lines(report: Report) -> Iterator[str]:
    title = escape(report.title)
    yield f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<style>{STYLE.read_text()}</style></head><body><main>"
    yield f'<h1>{title}</h1><p class="question">{escape(report.question)}</p>'
    yield f'<p class="made">{escape(report.made)}</p><dl>'
    yield from (f"<dt>{escape(name)}</dt><dd>{escape(said)}</dd>" for name, said in report.facts)
    yield "</dl>"
    for section in report.sections:
        yield from _section(section)
    if report.commands:
        yield "<h2>How to repeat it</h2>" + _code(report.commands)
    yield "</main></body></html>"


def _section(section: Section) -> Iterator[str]:
    yield f"<h2>{escape(section.title)}</h2>"
    yield from (f"<p>{escape(one)}</p>" for one in section.paragraphs)
    for figure in section.figures:
        # As an image, styles and ids of one chart cannot reach another's.
        drawn = base64.b64encode(svg(figure)).decode()
        alt = escape(f"{figure.title}. {figure.note}", quote=True)
        yield f'<figure><img alt="{alt}" src="data:image/svg+xml;base64,{drawn}"></figure>'
    for table in section.tables:
        yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    # A table wider than the page scrolls, which the keyboard must reach.
    yield f'<div class="wide" tabindex="0"><table><caption>{escape(table.title)}</caption>'
    yield "<thead><tr>" + "".join(f'<th scope="col">{escape(one)}</th>' for one in table.columns)
    yield "</tr></thead><tbody>"
    for row in table.rows:
        yield "<tr>" + "".join(f"<td>{escape(one)}</td>" for one in row) + "</tr>"
    yield "</tbody></table></div>"
    if table.remark:
        yield f'<p class="note">{escape(table.remark)}</p>'


def _code(lines: Iterable[str]) -> str:
    return f'<pre tabindex="0"><code>{escape(chr(10).join(lines))}</code></pre>'
