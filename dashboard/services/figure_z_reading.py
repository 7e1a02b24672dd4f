"""How to read the ratios of a Figure Z: against what the teacher itself keeps, and beside plain values. No streamlit
here."""

from __future__ import annotations

from typing import Any

import pandas as pd

from attn_core.amounts import digits, percent
from attn_core.naming import called
from dashboard.figures.figure_z_metrics import PUBLISHED, QUALITY
from dashboard.figures.figure_z_series import is_exact
from dashboard.services.figure_z import Results
from dashboard.services.figure_z_summary import at_length, finite, generalization, of_metric
from dashboard.services.wording import lowered


def reading(found: Results, metric: str) -> str:
    """What the teacher itself keeps at the longest length with ratios, what a ratio on the better side of 1 means, and
    what the best of them is without being divided."""
    shown, ratios = generalization(found.summary, metric, found.length)
    known = [row for row in finite(ratios) if row["length"] > found.length]
    ours = [row for row in known if row["student"] == "distilled" and not is_exact(row["method"])]
    if shown == PUBLISHED or not ours:
        return ""
    length = int(max(row["length"] for row in ours))
    here = {_who(row): row["value"] for row in known if row["length"] == length}
    values, starts = (
        {_who(row): row["value"] for row in finite(at_length(of_metric(found.summary, shown), at))}
        for at in (length, found.length)
    )
    names = [_who(row) for row in ours if row["length"] == length]
    teacher = next((who for who in here if who[0] == "teacher"), None)
    if teacher is None or teacher not in values or not all(one in values for one in names):
        return ""
    form = QUALITY[shown]
    up = form.higher_is_better
    does = f"keeps {percent(here[teacher])}" if up else f"has {digits(here[teacher])} times its"
    words = (
        f"The teacher itself {does}{' of its' if up else ''} {lowered(form.name)} at "
        f"×{length / found.length:g} ({form.words(values[teacher])})"
    )
    order = sorted(names, key=lambda one: -here[one] if up else here[one])
    better = [one for one in order if (here[one] > 1 if up else here[one] < 1)]
    if better:
        side, moves, start = (
            ("above", "falling", "lower") if up else ("below", "growing", "higher")
        )
        worse = all(
            one in starts
            and (starts[one] < starts[teacher] if up else starts[one] > starts[teacher])
            for one in better
        )
        words += (
            f"; a ratio {side} 1 means {moves} less{f' from a {start} start' if worse else ''}"
        )
    best = order[0]
    words += f". The best ratio, {digits(here[best])} of {called(best[1])}, stands for {form.words(values[best])}"
    control = next((who for who in here if who[0] == "identity" and who in values), None)
    if control:
        words += (
            f"; no attention at all has {digits(here[control])} with {form.words(values[control])}"
        )
    bare = all(pd.isna(row["low"]) for row in ours)
    return f"{words}." + (f" Ratios of {lowered(form.name)} have no intervals." if bare else "")


def _who(row: dict[str, Any]) -> tuple[str, str]:
    return str(row["student"]), str(row["method"])
