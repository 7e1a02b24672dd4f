"""From which lengths choices pay, kept run by run: a crossing is drawn a thousand times, and rows never change."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from attn_core.tradeoff.crossing import COLUMNS, crossings, newest
from attn_core.tradeoff.settings import Setting as Work
from attn_core.tradeoff.stored import StoredRun
from dashboard.figures.frames import numbers, where
from dashboard.services.kept import Kept
from dashboard.services.tradeoff_view import Part

_kept: Kept[pd.DataFrame] = Kept(256)


def crossings_of(runs: Iterable[StoredRun]) -> pd.DataFrame:
    """Of runs of any settings, of each choice the newest."""
    found = [
        _kept.get((one.run_id, len(one.cells)), lambda one=one: crossings([one])) for one in runs
    ]
    known = [one for one in found if len(one)]
    if not known:
        return pd.DataFrame(columns=list(COLUMNS))
    return newest(pd.concat(known, ignore_index=True))


def crossings_shown(part: Part) -> pd.DataFrame:
    """Of the setting that is shown; every length that was measured, not only those that are drawn. `error` is the
    largest output error of the choice at any of them, on the source that is looked at, else on any."""
    table = crossings_of(part.everything.runs_of(part.whole))
    work = Work(part.setting.key, part.setting.machine).work
    mine = where(
        table, (table["environment_id"] == part.setting.key[0]) & (table["setting"] == work)
    )
    known = part.newest
    errors = numbers(known, "output_error").fillna(numbers(known, "worst_error"))
    largest: dict[str, float] = {}
    for label, error in zip(known["label"], errors, strict=True):
        if error > largest.get(label, 0.0):
            largest[label] = error
    return mine.assign(error=[largest.get(label, math.nan) for label in mine["label"]])
