"""Linked views of one table of points: scatter, parallel coordinates and table share a brush, in the browser.

A brush moves without a rerun; Python hears of it once a drag has ended, and of a point that was clicked.
The points travel by themselves, in Arrow, and only when they change. The scripts are joined in this order into one
module; nothing is fetched from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from dashboard.components.linked_points.data import Group, LinkedData, Quantity
from dashboard.figures.theme import Ink, ink

__all__ = ["Group", "LinkedData", "Picked", "Quantity", "linked_points"]

HERE = Path(__file__).parent
SCRIPTS = (
    "kept", "units", "scales", "shapes", "raster", "points", "nearest", "painter", "layers", "panes", "marks",
    "scatter", "overlay", "parallel", "axes", "brush", "axis_brush", "tip", "legend", "keys", "table", "ranges",
    "brushed", "main",
)  # fmt: skip


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


_component = component(
    "attn_core.linked_points",
    html=_read("frame.html"),
    css=_read("style.css"),
    js="\n".join(_read(f"{name}.js") for name in SCRIPTS),
)
_points = component(
    "attn_core.linked_points_data",
    html="<span hidden></span>",
    js=_read("kept.js") + _read("hand_over.js"),
)


@dataclass(frozen=True)
class Picked:
    """What the reader did: the point clicked last, and the points in the brush."""

    id: str | None = None
    brushing: bool = False
    count: int = 0
    # Of at most 2,000 points; `count` is of all.
    brushed: tuple[str, ...] = ()


def linked_points(
    data: LinkedData,
    *,
    x: str,
    y: str,
    key: str,
    alt: str,
    height: int = 460,
    status: Sequence[str] | None = None,
    facets: bool = False,
    hide_dominated: bool = False,
    published: LinkedData | None = None,
    axes: Sequence[str] | None = None,
    on_pick: Callable[[], None] | None = None,
) -> Picked:
    """Draws the points by the quantities `x` and `y`. `status` says of each where it stands against the front.

    `axes` are the quantities of the parallel coordinates, all unless said. `published` are marks from elsewhere,
    hollow, in the scatter alone, with the same quantities and groups.
    """
    sent = payload(
        data, x=x, y=y, alt=alt, height=height, status=status, facets=facets,
        hide_dominated=hide_dominated, published=published, axes=axes,
    )  # fmt: skip
    with st.container(gap=None):
        _points(data={"points": data.table, "version": data.version}, key=f"{key}_points")
        found = _component(
            data=sent,
            key=key,
            on_picked_change=on_pick or _nothing,
            on_brushed_change=_nothing,
        )
    return picked(found, data)


def _nothing() -> None:
    """A state is kept only where a callback is named."""


def payload(
    data: LinkedData,
    *,
    x: str,
    y: str,
    alt: str,
    height: int,
    status: Sequence[str] | None,
    facets: bool,
    hide_dominated: bool,
    published: LinkedData | None,
    axes: Sequence[str] | None,
) -> dict[str, Any]:
    """What travels to the browser beside the points: what is said of them, and how they are drawn."""
    sent: dict[str, Any] = {
        "version": data.version,
        "quantities": [asdict(one) for one in data.quantities],
        "groups": [asdict(one) for one in data.groups],
        "texts": list(data.texts.values()),
        "x": data.index_of(x),
        "y": data.index_of(y),
        "axes": [data.index_of(one) for one in axes]
        if axes
        else list(range(len(data.quantities))),
        "facet_title": data.facet_title,
        "all_facets": list(data.facets),
        "facets": list(data.facets) if facets else [],
        "alt": alt,
        "height": height,
        "hide_dominated": hide_dominated,
        "tones": {name: _tones(ink(name == "dark")) for name in ("light", "dark")},
        "status_version": "",
        "published_version": published.version if published else "",
        "published_texts": list(published.texts.values()) if published else [],
    }
    if status is not None:
        sent["status"], sent["status_version"] = data.statuses(status)
    if published is not None:
        ours, theirs = ([*one.quantities, *one.groups] for one in (data, published))
        if ours != theirs:
            raise ValueError("published marks must have the quantities and groups of the points")
        sent["published"] = published.table
    return sent


def _tones(tone: Ink) -> dict[str, str]:
    return {"muted": tone.muted, "grid": tone.grid}


def picked(found: Mapping[str, Any], data: LinkedData) -> Picked:
    """What the browser says, as far as it is about these points: it may be of points that are gone."""
    clicked, brush = found.get("picked"), found.get("brushed")
    if clicked is None and brush is None:
        return Picked()
    known = set(data.points["id"].astype(str))
    chosen = clicked if isinstance(clicked, str) and clicked in known else None
    if not isinstance(brush, Mapping):
        return Picked(id=chosen)
    ids, count = brush.get("ids"), brush.get("count")
    inside = (
        tuple(one for one in ids if isinstance(one, str) and one in known)
        if isinstance(ids, list)
        else ()
    )
    if not isinstance(count, int) or not len(inside) <= count <= len(known):
        count = len(inside)
    return Picked(chosen, True, count, inside)
