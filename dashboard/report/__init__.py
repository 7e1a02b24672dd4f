"""A report: what was asked, measured and found, as one file that needs no network and no dashboard."""

from dashboard.report.document import Report, Section, Table
from dashboard.report.print import to_pdf
from dashboard.report.web import to_html

__all__ = ["Report", "Section", "Table", "to_html", "to_pdf"]
