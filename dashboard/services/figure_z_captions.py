"""Words around Figure Z: what marks stand for, its setting, ours beside the published numbers. No streamlit here."""

from __future__ import annotations

from attn_core.amounts import digits
from dashboard.figures.figure_z_metrics import GENERALIZATION, QUALITY
from dashboard.figures.frames import column
from dashboard.services.figure_z import Results
from dashboard.services.figure_z_summary import at_length, finite, of_metric

EDGE = {
    "unsupported": "– refused",
    "oom": "× did not fit in memory",
    "timeout": "hourglass too slow",
    "error": "! failed",
}


def article(found: Results) -> str:
    """Ours beside the published numbers, without calling either of them better."""
    rows = at_length(of_metric(found.summary, "published_quality"), found.length)
    known = finite(rows)
    said = {row["method"]: row["value"] for row in known if row["student"] == "published"}
    ours = {
        row["method"]: row["value"] for row in known if row["student"] in ("teacher", "distilled")
    }
    pairs = [f"{m} {digits(ours[m])} here, {digits(said[m])} published" for m in ours if m in said]
    quality = f"By the published measure: {'; '.join(pairs)}." if pairs else ""
    ratios = of_metric(found.summary, GENERALIZATION)
    longer = [row for row in finite(ratios) if row["length"] > found.length]
    here = {row["method"]: row["value"] for row in longer if row["student"] == "distilled"}
    there = {row["method"]: row["value"] for row in longer if row["student"] == "published"}
    pairs = [
        f"{m} {digits(here[m])} here, {digits(there[m])} published" for m in here if m in there
    ]
    ratio = f"Ratios: {'; '.join(pairs)}." if pairs else ""
    small = (
        "The published numbers are of the full size."
        if found.settings.get("scale") == "small"
        else ""
    )
    return " ".join(part for part in (quality, ratio, small, "One seed, as published.") if part)


def key_to_marks(found: Results, metric: str) -> str:
    """What the marks stand for, of those that occur."""
    rows = found.summary
    students = set(rows["student"])
    outcomes = set(rows["outcome"])
    words = []
    if "teacher" in students:
        words.append("Dashed: the teacher.")
    if "drop-in" in students:
        words.append("Hollow: dropped in, not trained.")
    if "identity" in students:
        words.append("Tick: no attention at all.")
    if noise := found.noise(metric):
        low, high = (QUALITY[metric].words(one) for one in noise)
        words.append(f"Grey band: exact attention trained again, {low} to {high}.")
    if "published" in students:
        words.append("Stars: published numbers, from another machine and setting.")
    if bool(column(rows, "low").notna().any()):
        words.append("Bars: 95% interval of a quality, p20 to p80 of a time.")
    if marks := [EDGE[one] for one in EDGE if one in outcomes]:
        words.append(f"At the edge: {', '.join(marks)}.")
    return " ".join(words)


def setting_line(found: Results) -> str:
    """What was trained, in one line under a title."""
    known = found.settings
    data = "shipped corpus" if known.get("data", "shipped") == "shipped" else "own data"
    seeds = int(known.get("seeds", 1))
    return (
        f"{known.get('protocol', 'controlled')} ({known.get('preset', 'custom')}) · N = {found.length:,}, width "
        f"{known.get('width', '?')}, {known.get('layers', '?')} layers, {known.get('heads', '?')} heads · {data} · "
        f"{seeds} {'seed' if seeds == 1 else 'seeds'} on {known.get('device', 'cpu')}"
    )
