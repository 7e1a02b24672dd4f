"""What of a Figure Z can be looked at, and the tables for one look at it. No streamlit here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from dashboard.figures.figure_z import Parts
from dashboard.figures.figure_z_metrics import PUBLISHED, QUALITY, SPEED, Metric
from dashboard.figures.figure_z_quality import CURVES, curves_there, ours, published
from dashboard.services.figure_z import Results
from dashboard.services.figure_z_summary import at_length, generalization, of_metric


@dataclass(frozen=True)
class View:
    """How the rows are looked at; `curves` is None where there is none to show."""

    metric: str
    speed: str
    curves: str | None


def metrics(found: Results) -> dict[str, str]:
    """Quality metrics by name, of those that the run has; the first of all where it has none yet. A run by the
    published recipe begins with the measure that the recipe is about."""
    first = {one: QUALITY[one] for one in (PUBLISHED,) if found.article}
    return _there(found, first | dict(QUALITY))


def speeds(found: Results) -> dict[str, str]:
    return _there(found, SPEED)


def _there(found: Results, of: Mapping[str, Metric]) -> dict[str, str]:
    known = set(found.cells["metric"])
    first = next(iter(of))
    return {of[name].name: name for name in of if name in known} or {of[first].name: first}


def curves(found: Results) -> dict[str, str]:
    """Training curves by name, of those that have a point."""
    return {CURVES[name][0]: name for name in curves_there(found.curves)}


def view_of(found: Results, metric: str, speed: str, chosen: str | None, live: bool) -> View:
    return View(metric, speed, chosen or automatic(found, live))


def automatic(found: Results, live: bool) -> str | None:
    """While a run trains, the loss of the stage it is in; afterwards the one unit that every model shares."""
    there = curves_there(found.curves)
    stage = str(found.curves["stage"].iloc[-1]) if len(found.curves) else ""
    if live and stage in there:
        return stage
    return there[0] if there else None


@lru_cache(maxsize=64)
def parts(found: Results, view: View) -> Parts:
    """The tables behind the panels."""
    ratio_metric, ratios = generalization(found.summary, view.metric, found.length)
    quality = of_metric(found.summary, view.metric)
    return Parts(
        view.metric,
        view.speed,
        view.curves,
        ratio_metric,
        found.length,
        pd.concat([at_length(ours(quality), found.length), published(quality)]),
        found.noise(view.metric),
        ratios,
        of_metric(found.summary, view.speed),
        found.curves,
    )
