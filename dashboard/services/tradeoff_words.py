"""Sentences about the points that are shown. No streamlit here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from attn_core.naming import called
from attn_core.timing.row import TIMED
from attn_core.tradeoff.axes import OPERATOR
from dashboard.figures.tradeoff_numbers import words
from dashboard.services.literal import literal
from dashboard.services.tradeoff_view import Shown
from dashboard.services.wording import listed

NAMED = 6


ON_PAPER = {
    "front": "on the front",
    "undecided": "undecided within the measured noise",
    "dominated": "beaten",
    "older": "of another run than the one that counts, held against nothing",
}
ON_PAGE = {
    "front": "on the front (ringed)",
    "undecided": "undecided (half a ring)",
    "dominated": "beaten (faint)",
    "older": "of another run (faint too, held against nothing)",
}


def counted(shown: Shown, looks: Mapping[str, str] = ON_PAPER) -> str:
    """How many points there are, and where they stand."""
    labels = Counter(shown.labels)
    stand = [f"{labels[one]:,} {look}" for one, look in looks.items() if labels[one]]
    if lost := labels["unmeasured"]:
        stand.append(f"{lost} {'lacks' if lost == 1 else 'lack'} one of the two")
    runs = len(set(shown.table["run_id"]))
    of = f" of {runs} runs" if runs > 1 else ""
    said = [f"{_points(len(shown.table))}{of}: {', '.join(stand)}"]
    outcomes = shown.table["outcome"].value_counts().to_dict()
    failed = [f"{n} {name}" for name, n in outcomes.items() if name not in ("ok", "unstable")]
    if failed:
        said.append(f"Not measured: {listed(failed)}")
    again = shown.part.measured_again
    if again and not shown.part.older:
        one = "point is" if again == 1 else "points are"
        said.append(
            f"{again:,} {one} left out: of their choices a run counts that is newer, or has the error too"
        )
    if shown.part.left_out:
        said.append(f"{shown.part.left_out:,} older ones are left out")
    return ". ".join(said) + "."


def nothing_drawn(shown: Shown) -> str:
    """Why no point has a place by these two quantities, and what to do about it."""
    outcomes = set(shown.table["outcome"])
    if outcomes and not outcomes & set(TIMED) and outcomes != {"cancelled"}:
        return "Nothing that was tried at these lengths could be measured. Choose others, or run a study."
    if why := _out_of_reach(shown):
        return f"No point has both quantities: {why} Choose another source or length."
    return "No point has both quantities. Choose others, or run a study: it measures time, memory and error."


def _out_of_reach(shown: Shown) -> str:
    """What a run says of a source that has no input so long."""
    if not {shown.x.name, shown.y.name} & set(OPERATOR):
        return ""
    source = shown.everything.source
    said = (
        f"there is no error on {source} at N = {row['queries']:,} ({row['message']})."
        for run in shown.everything.runs_of(shown.table)
        for row in run.fidelity
        if row["source_key"] == source
        and row["queries"] in shown.lengths
        and row["outcome"] == "unsupported"
    )
    return next(said, "")


def standings(shown: Shown, hidden: bool = False) -> str:
    """The same, with how each kind looks on the page; `hidden` are those that are beaten."""
    return counted(shown, ON_PAGE | ({"dominated": "beaten (hidden)"} if hidden else {}))


def _points(many: int) -> str:
    return f"{many:,} {'point' if many == 1 else 'points'}"


def measured_on(shown: Shown) -> str:
    """What all of the points share."""
    return f"{shown.setting.where} · {shown.setting.sizes}"


def brief(shown: Shown, found: Mapping[str, Any]) -> str:
    """A point by the two quantities that are drawn."""
    values = [words(axis, found[axis.name]) for axis in (shown.x, shown.y)]
    return f"**{literal(called(found['label']))}**, N = {found['length']:,}: {', '.join(values)}"


def alternative(shown: Shown) -> str:
    """The chart in words: the ends of the front."""
    known = np.flatnonzero(shown.labels == "front")
    order = known[np.argsort(shown.table[shown.x.name].to_numpy(float)[known])]
    said = [
        f"{called(row['label'])} ({words(shown.x, row[shown.x.name])}, {words(shown.y, row[shown.y.name])})"
        for _, row in shown.table.iloc[order[:NAMED]].iterrows()
    ]
    more = f" and {len(order) - NAMED} more" if len(order) > NAMED else ""
    at = " and ".join(f"{length:,}" for length in shown.lengths)
    front = (
        f"On the front: {', '.join(said)}{more}." if said else "No point is surely on the front."
    )
    return f"{shown.y.title} against {shown.x.noun} at N = {at}, {shown.drawn} points. {front}"
