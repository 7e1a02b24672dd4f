"""What the canvas of the Attention matrices page shows, as plain data for the browser. No streamlit here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from attn_core.sources import Source, ViewSpec
from attn_core.views.bins import Reduce
from attn_core.views.codes import table
from attn_core.views.overview import BASE
from attn_core.views.tiles import TILE, Grid
from dashboard.figures import matrix_map as drawn
from dashboard.figures.matrix_map import Look
from dashboard.figures.theme import DARK, LIGHT
from dashboard.services.matrices import Beside
from dashboard.services.matrix_budget import budget
from dashboard.services.matrix_rows import Rows
from dashboard.services.told_views import address
from dashboard.services.viewport import Viewport

UNITS = {"weight": "weight", "signed": "method − exact", "ratio": "method ÷ exact"}
HEIGHTS = {1: 400, 2: 230}


@dataclass(frozen=True)
class Mode:
    """A way to show the error: cell by cell, as `kind` of map, or a number a row."""

    title: str
    help: str
    kind: str = "rows"
    unit: str = ""
    pick: Callable[[Rows], np.ndarray | None] = lambda _rows: None


def _kl(rows: Rows) -> np.ndarray | None:
    return None if rows.apart is None or rows.apart.no_kl else rows.apart.kl


def _delta(rows: Rows) -> np.ndarray | None:
    return None if rows.apart is None else rows.apart.delta_z


def _lost(rows: Rows) -> np.ndarray | None:
    return None if rows.apart is None or rows.apart.no_pattern else rows.apart.lost


def _negative(rows: Rows) -> np.ndarray | None:
    return None if rows.apart is None else rows.apart.negative


MODES: Mapping[str, Mode] = {
    "signed": Mode("Difference", "method − exact, cell by cell", "signed"),
    "log ratio": Mode("Ratio", "method ÷ exact, cell by cell, on a logarithmic scale", "ratio"),
    "row KL": Mode(
        "Row KL", "KL(exact ‖ method) of each row; infinite where a key with exact weight gets none",
        unit="nats", pick=_kl,
    ),
    "output error": Mode(
        "‖ΔZ‖", "the length of the error that reaches each row of the output", unit="‖ΔZ‖", pick=_delta
    ),
    "mass lost": Mode(
        "Mass lost", "exact attention's weight outside the method's pattern, row by row",
        unit="of 1", pick=_lost,
    ),
    "negative mass": Mode(
        "Negative mass", "how much of each row of the method lies below zero", unit="weight", pick=_negative
    ),
}  # fmt: skip


def why_no_rows(mode: Mode, rows: Rows) -> str:
    """Why a method has no such number a row."""
    apart = rows.apart
    if apart is None or mode.kind != "rows":
        return ""
    values = mode.pick(rows)
    if _endless(values):
        return "infinite in every row: some key with exact weight gets nothing from the method"
    if values is not None:
        return ""
    return apart.no_kl if mode is MODES["row KL"] else apart.no_pattern


def _endless(values: np.ndarray | None) -> bool:
    return values is not None and len(values) > 0 and not np.isfinite(values).any()


def name_of(found: Beside) -> str:
    """The method with its budget: Performer, features 256."""
    param, name = budget(found.method), found.method.short_title
    return f"{name}, {param.name} {found.spec.params[param.name]}" if param else name


def scene(
    source: Source,
    head: int,
    methods: Sequence[Beside],
    mode: str,
    reduce: Reduce,
    look: Look,
    pin: tuple[int, int],
    part: Viewport | None,
    rows: Mapping[str, Rows],
    *,
    routes: str = "",
    waiting: str = "",
    stage: str = "",
) -> dict[str, Any]:
    """`rows` holds each method's rows where the error is a number a row. `waiting` says why coarse levels are not there
    yet; methods made of factors have means of every level at once. `stage` changes when there are more."""
    exact = exact_spec(source, methods)
    grid = Grid(source.queries, source.keys)
    there = BASE if waiting else grid.levels
    maps = [_pane("exact", "Exact attention", "weight", exact, "exact", there)]
    for at, one in enumerate(methods):
        at_once = reduce == "mean" and one.view.factors() is not None
        levels = grid.levels if at_once else there
        maps.append(_pane(str(at), name_of(one), "weight", one.spec, "method", levels))
    errors = [_error_pane(at, one, mode, rows, there) for at, one in enumerate(methods)]
    panes = [maps + errors] if len(methods) < 2 else [maps, [None, *errors]]
    return {
        "tiles": f"{routes}/tile",
        "cell": f"{routes}/cell",
        "queries": source.queries,
        "keys": source.keys,
        "levels": grid.levels,
        "there": there,
        "tile": TILE,
        "legend": {"unsigned": table(False), "signed": table(True)},
        "panes": panes,
        "exact": address(exact),
        "cells": [{"view": address(one.spec), "name": one.method.short_title} for one in methods]
        or [{"view": address(exact), "name": ""}],
        "head": head,
        "reduce": reduce,
        "look": {"scale": look.scale, "clip": look.clip, "hide": look.hide},
        "pin": list(pin),
        "start": None if part is None else [part.i0, part.i1, part.j0, part.j1],
        "labels": {"query": _labels(source.query_labels), "key": _labels(source.key_labels)},
        "units": UNITS,
        "signed": any(one.view.signed for one in methods),
        "height": HEIGHTS[len(panes)],
        "tones": _tones(),
        "waiting": waiting,
        "stage": stage,
        "alt": _alt(source, head, [pane["title"] for row in panes for pane in row if pane]),
    }  # fmt: skip


def exact_spec(source: Source, methods: Sequence[Beside]) -> ViewSpec:
    """Whose exact side is drawn: exact attention alone, so that its tiles stay when a method's settings change; that
    beside the first method where coarse levels are made in one pass over both."""
    grid = Grid(source.queries, source.keys)
    return methods[0].spec if methods and grid.levels > BASE else ViewSpec(source.spec)


def _pane(
    name: str, title: str, kind: str, spec: ViewSpec, side: str, levels: int
) -> dict[str, Any]:
    """`levels` are those that can be had, the finest first."""
    pane = {"id": name, "title": title, "kind": kind, "view": address(spec), "side": side}
    return pane | {"levels": levels}


def _error_pane(
    at: int, found: Beside, mode: str, rows: Mapping[str, Rows], levels: int
) -> dict[str, Any]:
    said, name = MODES[mode], found.method.short_title
    title = {"signed": f"{name} − exact", "ratio": f"{name} ÷ exact"}.get(
        said.kind, f"{said.title}, {name}"
    )
    pane = _pane(f"error {at}", title, said.kind, found.spec, "error", levels)
    if said.kind != "rows":
        return pane
    read = rows[found.spec.id]
    values = said.pick(read)
    listed = [] if values is None else [
        [int(i), int(i) + 1, float(value) if np.isfinite(value) else None]
        for i, value in zip(read.index, values, strict=True)
    ]  # fmt: skip
    return pane | {"values": listed, "unit": said.unit, "note": why_no_rows(said, read)}


def _labels(labels: Sequence[str] | None) -> list[str] | None:
    return None if labels is None else [drawn.plain(one) for one in labels]


def _tones() -> dict[str, dict[str, Any]]:
    """The colours that maps of marks have too."""
    common = {"negative": drawn.NEGATIVE, "notFinite": drawn.NOT_FINITE}
    light = {
        "signed": drawn.SIGNED,
        "masked": drawn.MASKED,
        "hidden": drawn.HIDDEN,
        "accent": LIGHT.accent,
        "muted": LIGHT.muted,
    }
    dark = {
        "signed": drawn.SIGNED_DARK,
        "masked": drawn.MASKED_DARK,
        "hidden": drawn.HIDDEN_DARK,
        "accent": DARK.accent,
        "muted": DARK.muted,
    }
    return {"light": common | light, "dark": common | dark}


def _alt(source: Source, head: int, titles: Sequence[str]) -> str:
    return (
        f"{', '.join(titles)}: {source.title}, head {head}; {source.queries:,} queries down, "
        f"{source.keys:,} keys across."
    )
