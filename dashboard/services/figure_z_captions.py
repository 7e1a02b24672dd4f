"""Words around Figure Z: what marks stand for, its setting, ours beside the published numbers. No streamlit here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from attn_core.amounts import digits
from attn_core.naming import called
from dashboard.figures.figure_z import Parts
from dashboard.figures.figure_z_metrics import GENERALIZATION, PUBLISHED, QUALITY
from dashboard.figures.figure_z_quality import OWN, ok, ours, published
from dashboard.figures.figure_z_speed import without_controls
from dashboard.figures.frames import column, records, where
from dashboard.services.figure_z import Results
from dashboard.services.figure_z_ratios import why_other
from dashboard.services.figure_z_summary import OK, at_length, of_metric
from dashboard.services.literal import literal
from dashboard.services.wording import listed

EDGE = {
    "unsupported": "– refused",
    "oom": "× did not fit in memory",
    "timeout": "hourglass too slow",
    "error": "! failed",
}


def article(found: Results) -> str:
    """Ours beside the published numbers, each at its own length, without calling either of them better."""
    rows = of_metric(found.summary, PUBLISHED)
    quality = _pairs(at_length(ours(rows), found.length), published(rows))
    ratios = of_metric(found.summary, GENERALIZATION)
    ratios = where(ratios, column(ratios, "of").isin([PUBLISHED, ""]))
    longer = where(ratios, column(ratios, "length") > found.length)
    ratio = _pairs(ours(longer), published(longer))
    full = _lengths(published(rows))
    small = found.settings.get("scale") == "small" and full
    return " ".join(
        part
        for part in (
            f"By the published measure: {'; '.join(quality)}." if quality else "",
            f"Ratios: {'; '.join(ratio)}." if ratio else "",
            f"The published numbers are of the full size, trained at {full}." if small else "",
            "One seed, as published." if found.seeds == 1 else "",
        )
        if part
    )


def _pairs(here: pd.DataFrame, there: pd.DataFrame) -> list[str]:
    """What this run and what the article has of each method; a failure is one in either."""
    mine = {row["method"]: row for row in records(here) if row["student"] in OWN}
    said = {row["method"]: row for row in records(there)}
    return [
        f"{called(one)} {_said(mine[one], 'refused')} here, {_said(said[one], 'fails')} published"
        for one in mine
        if one in said
    ]


def _said(row: Mapping[str, Any], failed: str) -> str:
    return digits(row["value"]) if row["outcome"] == OK else failed


def _lengths(rows: pd.DataFrame) -> str:
    every = sorted({int(one) for one in rows["length"]})
    return f"N = {listed([f'{one:,}' for one in every])}" if every else ""


def key_to_marks(parts: Parts, panel: str | None = None) -> str:
    """What the marks stand for, of those that are drawn: in one panel, or in all of them."""
    tables = {
        "quality": parts.quality_rows,
        "generalization": parts.ratio_rows,
        "speed": without_controls(parts.speed_rows),
    }
    shown = {name: rows for name, rows in tables.items() if panel in (None, name) and len(rows)}
    if not shown:
        return ""
    quality = shown.get("quality", parts.quality_rows.head(0))
    students = set(ok(quality)["student"])
    words = []
    if "teacher" in students:
        words.append("Dashed: the teacher.")
    if "drop-in" in students:
        words.append("Hollow: dropped in, not trained.")
    if "identity" in students:
        words.append("Tick: no attention at all.")
    if parts.noise and len(quality):
        low, high = (QUALITY[parts.metric].words(one) for one in parts.noise.ends)
        words.append(f"Grey band, {low} to {high}: {parts.noise.of}.")
    every = pd.concat(list(shown.values()))
    if len(stars := published(ok(every))):
        words.append(
            f"Stars: published numbers, at {_lengths(stars)}, from another machine and setting."
        )
    if spread := _spread(shown):
        words.append(f"Bars: {spread}.")
    drawn = where(every, column(every, "student").isin([*OWN, "published"]))
    if marks := [EDGE[one] for one in EDGE if one in set(drawn["outcome"])]:
        words.append(f"At the edge: {', '.join(marks)}.")
    return " ".join(words)


def note(found: Results, parts: Parts, panel: str | None = None) -> str:
    """What stands below an exported picture: the key, and why its ratios are missing or of another metric."""
    asked = panel in (None, "generalization")
    key, why = key_to_marks(parts, panel), why_other(found, parts.metric) if asked else ""
    return " ".join(part for part in (key, why) if part)


def _spread(shown: Mapping[str, pd.DataFrame]) -> str:
    """What a bar is: of test rows where a quality has one, of passes where a time has one."""
    known = {name for name, rows in shown.items() if bool(column(rows, "low").notna().any())}
    words = ["95% interval of a quality"] if known - {"speed"} else []
    return ", ".join(words + (["p20 to p80 of a time"] if "speed" in known else []))


def setting_line(found: Results) -> str:
    """What was trained, in one line under a title."""
    known = found.settings
    return (
        f"{_recipe(found)} · N = {found.length:,}, width {known.get('width', '?')}, "
        f"{_counted(known.get('layers', '?'), 'layer')}, {_counted(known.get('heads', '?'), 'head')} · "
        f"{_data(found)} · {_counted(int(known.get('seeds', 1)), 'seed')} on {known.get('device', 'cpu')}"
    )


def shown_line(found: Results) -> str:
    """Which run the panels show, whatever the controls are set to: name, recipe, data, when and where."""
    name = found.name or f"run {found.id[-5:]}"
    words = [
        f"Shown: **{literal(name)}**", _recipe(found), f"N = {found.length:,}", _data(found),
        _counted(int(found.settings.get("seeds", 1)), "seed"), _when(found.created_at),
    ]  # fmt: skip
    verb, ending = {
        "recorded": ("Recorded", ", not on yours"), "imported": ("Imported; measured", ""),
    }.get(found.origin, ("Measured", ""))  # fmt: skip
    return f"{' · '.join(one for one in words if one)}. {verb} on {literal(found.environment_line)}{ending}."


def _recipe(found: Results) -> str:
    known = found.settings
    preset = known.get("scale", "full") if found.article else known.get("preset", "custom")
    return f"{known.get('protocol', 'controlled')} ({preset})"


def _data(found: Results) -> str:
    return "shipped corpus" if found.settings.get("data", "shipped") == "shipped" else "own data"


def _counted(count: object, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _when(text: str) -> str:
    """Day and minute where this process is; runs are stored in UTC."""
    try:
        return f"{datetime.fromisoformat(text).astimezone():%d %b %Y %H:%M}"
    except ValueError:
        return text
