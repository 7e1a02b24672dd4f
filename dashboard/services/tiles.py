"""What the routes answer: tiles as codes, single cells as exact numbers, and how far an overview is. No streamlit
here."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from attn_core.jobs.maps import find_map, key_of, progress_of
from attn_core.matrix import MatrixView
from attn_core.sources import SIDES, ViewSpec
from attn_core.sources.spec import digest
from attn_core.store import Store
from attn_core.views import Tile, codes, tile
from attn_core.views.bins import Reduce
from attn_core.views.overview import BASE, needs_overview
from attn_core.views.tiles import TILE
from attn_core.views.together import tiles
from dashboard.services.addresses import (
    Query,
    Refused,
    known,
    one_of,
    refusing,
    some_of,
    view_of,
    whole,
    within,
)
from dashboard.services.built_views import Built, built

REDUCES = ("mean", "max")
# Changes whenever the same address has to give other bytes.
VERSION = 2

# `built`, or `at_hand` for those who must not be kept waiting.
Build = Callable[[ViewSpec], Built]


@dataclass(frozen=True)
class TileAsked:
    """A place in one or several sides of a view, checked as far as can be without building anything."""

    spec: ViewSpec
    sides: tuple[str, ...]
    reduce: str
    head: int
    level: int
    row: int
    col: int

    @classmethod
    def of(cls, query: Query) -> TileAsked:
        known(query, {"view", "side", "head", "reduce", "level", "row", "col"})
        return cls(
            spec=view_of(query),
            sides=some_of(query, "side", SIDES),
            reduce=one_of(query, "reduce", REDUCES),
            **{name: whole(query, name) for name in ("head", "level", "row", "col")},
        )

    @property
    def tag(self) -> str:
        """The same for the same bytes."""
        place = self.sides, self.reduce, self.head, self.level, self.row, self.col
        return digest({"view": self.spec.id, "place": place, "version": VERSION})


@dataclass(frozen=True)
class Coded:
    """Tiles as they are sent, side after side: a code for each pixel, row after row."""

    data: bytes
    rows: int
    cols: int
    signed: tuple[bool, ...]


def coded_tiles(asked: TileAsked, build: Build = built) -> Coded:
    view = _built(asked.spec, build)
    head = within("head", asked.head, view.source.heads)
    place = asked.level, asked.row, asked.col
    within("level", asked.level, view.grid.levels)
    for name, number, count in zip(
        ("row", "col"), place[1:], view.grid.tiles(asked.level), strict=True
    ):
        within(name, number, count)
    views = {side: _side(view, head, side) for side in asked.sides}
    found = _tiles(view, head, views, place, "mean" if asked.reduce == "mean" else "max")
    signed = tuple(one.signed for one in views.values())
    pixels = [
        codes.encode(found[side].values, found[side].masked, one.signed)
        for side, one in views.items()
    ]
    return Coded(b"".join(one.tobytes() for one in pixels), *pixels[0].shape, signed=signed)


def _tiles(
    view: Built,
    head: int,
    views: Mapping[str, MatrixView],
    place: tuple[int, int, int],
    reduce: Reduce,
) -> dict[str, Tile]:
    both = view.head(head)
    if place[0] < BASE:
        if both.method is None:
            return {side: tile(one, *place, reduce) for side, one in views.items()}
        return tiles(both.exact, both.method, views, *place, reduce)
    overview, found = None, {}
    for side, one in views.items():
        # Means of factors cost the same at every level.
        if reduce == "mean" and one.factors() is not None:
            found[side] = tile(one, *place, reduce)
            continue
        overview = overview or view.overview(head)
        if overview is None:
            raise Refused(
                409,
                f"level {place[0]} of {view.grid.queries:,} × {view.grid.keys:,} needs an overview, "
                "which is not there yet: start it and wait until it is done",
            )
        found[side] = overview.tile(side, *place, reduce)
    return found


def legend() -> dict[str, Any]:
    """What the codes stand for."""
    return {
        "tile": TILE,
        "unsigned": codes.table(False),
        "signed": codes.table(True),
        "masked": codes.MASKED,
        "nan": codes.NOT_FINITE,
        "zero": codes.ZERO,
    }


def cell(query: Query, build: Build = built) -> dict[str, Any]:
    """One entry, exactly: the numbers behind a pixel of level 0. A number that is not finite is null."""
    known(query, {"view", "head", "i", "j"})
    spec = view_of(query)
    asked = {name: whole(query, name) for name in ("head", "i", "j")}
    view = _built(spec, build)
    head = within("head", asked["head"], view.source.heads)
    i = within("i", asked["i"], view.grid.queries)
    j = within("j", asked["j"], view.grid.keys)
    sides, source = view.head(head), view.source
    here = slice(i, i + 1), slice(j, j + 1)
    dot = (source.q[0, head, i].double() @ source.k[0, head, j].double()).item()
    exact = sides.exact.block(*here).item()
    method = None if sides.method is None else sides.method.block(*here).item()
    mask = (sides.method or sides.exact).allowed((i, i + 1), (j, j + 1))
    return {
        "i": i,
        "j": j,
        "query": source.query_labels and source.query_labels[i],
        "key": source.key_labels and source.key_labels[j],
        "dot": _finite(dot),
        "score": _finite(dot * source.q.shape[3] ** -0.5),
        "masked": mask is not None and not bool(mask.any()),
        "exact": _finite(exact),
        "method": None if method is None else _finite(method),
        "difference": None if method is None else _finite(method - exact),
    }


def state(query: Query, build: Build = built) -> dict[str, Any]:
    """The size of a view, and whether all of its levels can be had."""
    known(query, {"view"})
    spec = view_of(query)
    view = _built(spec, build)
    grid, heads = view.grid, view.source.heads
    needs = needs_overview(grid.queries, grid.keys)
    found: dict[str, Any] = {
        "ready": not needs,
        "needs_overview": needs,
        "levels": grid.levels,
        "queries": grid.queries,
        "keys": grid.keys,
        "heads": heads,
        "run": None,
        "state": None,
        "progress": None,
        "eta": None,
    }
    return found | (_run_state(spec, heads) if needs else {})


def _run_state(spec: ViewSpec, heads: int) -> dict[str, Any]:
    store = Store()
    run = find_map(store, spec)
    if run is None:
        return {}
    job = store.latest_job(run.id)
    ready = {key_of(head) for head in range(heads)} <= store.finished(run.id)
    told = {} if job is None else job.progress
    return {
        "ready": ready,
        "run": run.id,
        "state": run.state,
        "progress": 1.0 if ready else progress_of(told),
        "eta": 0.0 if ready else told.get("seconds_left"),
    }


def _built(spec: ViewSpec, build: Build) -> Built:
    with refusing():
        return build(spec)


def _side(view: Built, head: int, side: str) -> Any:
    with refusing():
        return view.head(head).side(side)


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
