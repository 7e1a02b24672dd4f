"""A report as PDF: set by Typst, charts as vectors."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dashboard.figures.export import Figure, pdf
from dashboard.report.document import Report, Section, Table

TEMPLATE = Path(__file__).with_name("print.typ")


def to_pdf(report: Report) -> bytes:
    # Here, not above: a page that only offers a report need not load what sets it.
    import typst

    with tempfile.TemporaryDirectory(prefix="attn-core-report-") as name:
        folder = Path(name)
        sections = [_section(one, folder, at) for at, one in enumerate(report.sections)]
        said = {**_plain(report), "sections": sections}
        (folder / "report.json").write_text(json.dumps(said))
        template = folder / TEMPLATE.name
        template.write_text(TEMPLATE.read_text())
        # Only fonts that Typst brings: a report looks the same wherever it is made.
        return typst.compile(str(template), root=name, ignore_system_fonts=True)


def _plain(report: Report) -> dict[str, Any]:
    names = ("title", "question", "made")
    return {name: getattr(report, name) for name in names} | {
        "facts": [list(one) for one in report.facts],
        "commands": list(report.commands),
    }


def _section(section: Section, folder: Path, at: int) -> dict[str, Any]:
    return {
        "title": section.title,
        "paragraphs": list(section.paragraphs),
        "figures": [
            _figure(one, folder, f"figure-{at}-{place}.pdf")
            for place, one in enumerate(section.figures)
        ],
        "tables": [_table(one) for one in section.tables],
    }


def _figure(figure: Figure, folder: Path, name: str) -> dict[str, str]:
    (folder / name).write_bytes(pdf(figure))
    return {"file": name, "alt": f"{figure.title}. {figure.note}"}


def _table(table: Table) -> dict[str, Any]:
    return {**asdict(table), "remark": table.remark}
