"""One point: its numbers, and where the rest of what is known about it can be seen. No streamlit here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pandas as pd

from attn_core.sources.spec import LONGEST_TEXT, SourceSpec
from attn_core.timing.statistics import enough
from attn_core.tradeoff.axes import AXES, OPERATOR
from attn_core.tradeoff.sentences import FAILED
from attn_core.tradeoff.stored import StoredRun
from dashboard import state
from dashboard.figures.tradeoff_numbers import span, words
from dashboard.services.tradeoffs import Everything

# Of a time whose samples vary more than asked for: another run may find another.
UNSTEADY = "unsteady"


def numbers(point: Mapping[str, Any]) -> pd.DataFrame:
    """Every quantity of the point in words, with its interval."""
    lines = []
    for name, axis in AXES.items():
        value, low, high = (float(point[one]) for one in (name, axis.low, axis.high))
        if not np.isfinite(value):
            continue
        interval = span(axis, value, low, high).partition(" (")[2].rstrip(")")
        said = words(axis, value)
        if name == "time_s" and point["outcome"] == "unstable":
            said += f", {UNSTEADY}"
        lines.append({"Quantity": axis.title, "Value": said, "Interval": interval or "–"})
    return pd.DataFrame(lines, columns=["Quantity", "Value", "Interval"])


def samples(found: Everything, point: Mapping[str, Any]) -> list[float]:
    """The raw timings, in seconds."""
    cell = _row(found, point, "cells")
    return [float(one) for one in (cell or {}).get("samples") or []]


def interval_words(count: int) -> str:
    """What the interval of so many timings is."""
    if enough(count):
        return "the median's 95% interval"
    return f"the range of {count} timings, too few for a 95% interval"


def reading(found: Everything, point: Mapping[str, Any]) -> str:
    """What the numbers are read from: why a map may show another error, and memory has no interval."""
    said = []
    if point["older"]:
        said.append("Another run of this choice counts: it is newer, or has the error too.")
    if point["outcome"] in FAILED:
        why = str(point["message"]).strip().rstrip(".")
        said.append(f"It {FAILED[point['outcome']]}{': ' if why else ''}{why}.")
    if point["outcome"] == "unstable":
        why = str(point["message"]).rstrip(".")
        said.append(f"The time is {UNSTEADY}{': ' if why else ''}{why}.")
    if (timings := samples(found, point)) and not enough(len(timings)):
        said.append(f"The time's interval is {interval_words(len(timings))}.")
    fidelity = _row(found, point, "fidelity")
    if fidelity is not None and fidelity.get("draws") and fidelity.get("rows"):
        drawn = "; the map opens with the whole of the first draw's head 0"
        said.append(
            f"The error is the median of {fidelity['draws']} draws, of {fidelity['rows']:,} sampled rows each and all "
            f"heads{drawn if has_map(found, point) else ''}."
        )
    if fidelity is not None:
        said += _without_number(point, str(fidelity.get("message") or ""))
    if np.isfinite(float(point["memory_bytes"])):
        said.append("Memory was read once.")
    if point["quality_from"] and point["kind"] != "figure-z":
        said.append(f"Its quality is that of the {point['quality_from']}.")
    return " ".join(said)


def _without_number(point: Mapping[str, Any], message: str) -> list[str]:
    """Why an error has none: where it was compared, and there was nothing to measure."""
    parts = [part.split(": ", 1) for part in message.split("; ") if ": " in part]
    reasons = {name: why for names, why in parts for name in names.split(", ")}
    return [
        f"{AXES[name].title} has no number: {reasons[name].rstrip('.')}."
        for name in OPERATOR
        if name in reasons and not np.isfinite(float(point[name]))
    ]


def links(found: Everything, point: Mapping[str, Any]) -> dict[str, str]:
    """Titles and addresses of the pages that show more of it."""
    run = str(point["run_id"])
    pages = {"Its run": _address("runs", {state.RUNS_CHOSEN: run})}
    if point["kind"] == "sweep":
        pages["Its sweep"] = _address("speed", {state.RUN: run})
    source = _source(found, point)
    if has_map(found, point):
        title = "The exact map" if point["exact"] else "Its attention map"
        pages[title] = _address("matrices", matrix_view(point, source))
    if (
        trained := run
        if point["kind"] == "figure-z"
        else lender(found.runs, point["quality_from"])
    ):
        pages["Its training"] = _address("figure-z", {state.RUN: trained})
    return pages


def lender(runs: Iterable[StoredRun], quality_from: str) -> str:
    """The run whose model lends a point its quality, "" where none does."""
    return next((one.run_id for one in runs if f" of run {one.run_id}, " in quality_from), "")


def about_map(found: Everything, point: Mapping[str, Any]) -> str:
    """Why there is no map to look at, or whose it is; nothing of an approximation with a map of its own."""
    if point["kind"] == "figure-z":
        return "A whole translator has many attention maps; those of a shipped one are on Attention matrices."
    if not _source(found, point):
        return "No attention map: its error was not measured, so there is no input to draw it for."
    if point["length"] > LONGEST_TEXT:
        return f"No attention map: maps are drawn up to N = {LONGEST_TEXT:,}."
    if point["exact"]:
        return "Exact attention: there is no approximation to compare, and all exact methods have the same map."
    return ""


def has_map(found: Everything, point: Mapping[str, Any]) -> bool:
    return bool(_source(found, point)) and point["length"] <= LONGEST_TEXT


def _source(found: Everything, point: Mapping[str, Any]) -> Mapping[str, Any]:
    """The input on which its error was measured."""
    fidelity = _row(found, point, "fidelity")
    return (fidelity or {}).get("source") or {}


def matrix_view(point: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    """The address of the attention map of this choice on the very input whose error was measured first; exact attention
    is on that page beside whatever is chosen."""
    spec, method = SourceSpec.from_json(source), str(point["method"])
    params = {
        state.look_param_key("x", method, name): _written(value)
        for name, value in point["params"].items()
    }
    common = {state.LOOK_KIND: spec.kind, state.LOOK_ROLE: spec.role}
    if not point["exact"]:
        common[state.X_METHODS] = method
    if spec.kind == "synthetic":
        return common | params | {
            state.LOOK_STRUCTURE: spec.structure, state.LOOK_LENGTH: spec.length, state.LOOK_SPREAD: spec.spread,
            state.LOOK_HEADS: spec.heads, state.LOOK_HEAD_DIM: spec.head_dim, state.LOOK_SEED: spec.seed,
        }  # fmt: skip
    return common | params | {
        state.LOOK_DOCUMENT: spec.document, state.LOOK_TOKENS: spec.length, state.LOOK_MODEL: spec.model,
        state.LOOK_LAYER: spec.layer,
    }  # fmt: skip


def _address(page: str, query: Mapping[str, Any]) -> str:
    """Beside this page, wherever the dashboard is served."""
    return f"{page}?{urlencode(query)}"


def _written(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _row(found: Everything, point: Mapping[str, Any], kind: str) -> Mapping[str, Any] | None:
    run = next((one for one in found.runs if one.run_id == point["run_id"]), None)
    wanted = (point["label"], point["length"])
    return next(
        (
            row
            for row in (getattr(run, kind) if run is not None else ())
            if (row.get("label"), row.get("queries")) == wanted
            and row.get("source_key", found.source) == found.source
        ),
        None,
    )
