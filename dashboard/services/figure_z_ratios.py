"""Why a Figure Z has no ratio of a metric, or which one stands in for it. No streamlit here."""

from __future__ import annotations

from dashboard.figures.figure_z_metrics import QUALITY
from dashboard.figures.figure_z_quality import OWN, ours
from dashboard.figures.frames import column, where
from dashboard.services.figure_z import Results
from dashboard.services.figure_z_summary import (
    at_length,
    finite,
    generalization,
    of_metric,
)
from dashboard.services.wording import lowered


def why_other(found: Results, metric: str) -> str:
    """Nothing where the ratios are those of the metric; else why not, and what is drawn in their place."""
    shown, rows = generalization(found.summary, metric, found.length)
    longer = where(ours(rows), column(ours(rows), "length") > found.length)
    if shown == metric and finite(where(longer, column(longer, "student") == "distilled")):
        return ""
    instead = f" Drawn instead: ratios of “{QUALITY[shown].name}”." if shown != metric else ""
    return _reason(found, metric) + instead


def _reason(found: Results, metric: str) -> str:
    name = QUALITY[metric].name
    longer = [one for one in found.lengths if one > found.length]
    if not longer:
        return f"This run looks at no length beyond N = {found.length:,}."
    rows = of_metric(found.summary, metric, *OWN)
    if not len(where(rows, column(rows, "length") > found.length)):
        if not len(rows):
            return "No longer length is evaluated yet."
        return f"{name} is measured at N = {found.length:,} only, so it has no ratio."
    for length in (found.length, *longer):
        teacher = finite(at_length(of_metric(found.summary, metric, "teacher"), length))
        if not teacher:
            return f"{name} has no ratio: there is none of the teacher at N = {length:,} to divide by."
        if not teacher[0]["value"]:
            said = QUALITY[metric].words(0.0)
            return f"The teacher's {lowered(name)} is {said} at N = {length:,}: nothing can be divided by it."
    return f"No method has a ratio of {lowered(name)}: the table says why."
