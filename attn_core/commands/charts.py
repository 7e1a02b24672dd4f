"""Charts for the command line. They are drawn by the dashboard, which a machine that only measures lacks."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from attn_core.store import Store

FIRST = "time"
MISSING = (
    "charts need the dashboard and its packages ({lack} is missing): run this in the project's folder "
    "after installing requirements.txt, or export the numbers as csv, json or zip"
)


class NoDashboard(ValueError):
    """Nothing here can draw."""


def draw(store: Store, run_id: str, form: str, only: str | None = None) -> dict[str, bytes]:
    """The run's charts as files by name; `only` names the one that is wanted."""
    bundles = _dashboard()
    figures = bundles.figures(store, run_id)
    if only is not None and only not in figures:
        raise ValueError(f"--chart must be one of {', '.join(figures) or 'none'}, got {only!r}")
    wanted = figures if only is None else {only: figures[only]}
    return {name: bundles.rendered(figure, form) for name, figure in wanted.items()}


def svgs_if_possible(store: Store, run_id: str) -> dict[str, bytes]:
    """For the zip, which is complete without pictures; where nothing can draw them it is said."""
    try:
        _dashboard()
    except NoDashboard as lacking:
        print(f"without charts: {lacking}", file=sys.stderr)
        return {}
    return draw(store, run_id, "svg")


def _dashboard() -> ModuleType:
    # By name: the engine does not depend on the dashboard, and works where it cannot be imported.
    try:
        return importlib.import_module("dashboard.services.bundles")
    except ModuleNotFoundError as lacking:
        raise NoDashboard(MISSING.format(lack=lacking.name)) from None
