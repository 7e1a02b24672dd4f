"""The numbers behind a sweep's chart: every row, how they grow, and what they were measured with."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd
import streamlit as st

from attn_core.naming import called
from dashboard.figures.amounts import size
from dashboard.figures.frames import numbers
from dashboard.services.comparison import SETTING_NAMES
from dashboard.services.literal import literal, literal_facts
from dashboard.services.sweeps import YARDSTICKS, Results

RATES = {
    "gemm_flops_per_s": ("matrix product rate", "GFLOP/s"),
    "copy_bytes_per_s": ("copy rate", "GB/s"),
}
COLUMNS = {
    "label": st.column_config.TextColumn("Method", pinned=True),
    "queries": st.column_config.NumberColumn("N", format="localized"),
    "outcome": st.column_config.TextColumn("Outcome"),
    "median": st.column_config.NumberColumn("Median, ms", format="%.3f"),
    "p20": st.column_config.NumberColumn("p20, ms", format="%.3f"),
    "p80": st.column_config.NumberColumn("p80, ms", format="%.3f"),
    "half_width": st.column_config.NumberColumn(
        "± median", format="percent", help="Half of the median's 95% interval, of the median."
    ),
    "samples": st.column_config.NumberColumn("Samples"),
    "tokens": st.column_config.NumberColumn("Tokens/s", format="compact"),
    "memory": st.column_config.NumberColumn("Peak, MiB", format="%.1f"),
    "roofline": st.column_config.NumberColumn(
        "Of roofline", format="percent", help="The least possible time over the median."
    ),
    "backend": st.column_config.TextColumn("Backend"),
    "message": st.column_config.TextColumn("Why", width="large"),
}


def rows_table(found: Results) -> None:
    st.dataframe(shown_rows(found), column_config=COLUMNS, hide_index=True, height=420)


@lru_cache(maxsize=8)
def shown_rows(found: Results) -> pd.DataFrame:
    """The rows in a reader's units."""
    rows = found.rows
    median = rows["median_s"]
    return pd.DataFrame(
        {
            "label": [called(label) for label in rows["label"]],
            "queries": rows["queries"],
            "outcome": rows["outcome"],
            "median": median * 1e3,
            "p20": rows["p20_s"] * 1e3,
            "p80": rows["p80_s"] * 1e3,
            "half_width": (rows["ci_high_s"] - rows["ci_low_s"]) / 2 / median,
            "samples": [len(taken) for taken in rows["samples"]],
            "tokens": rows["queries"] * rows["batch"] / median,
            "memory": rows["peak_bytes"] / 2**20,
            "roofline": rows["floor_s"] / median,
            "backend": rows["backend"],
            "message": rows["message"],
        }
    )


def scaling_table(found: Results) -> None:
    """Exponents and crossovers as a table: with their intervals, or with why there is none."""
    against = " | ".join(f"Against {called(y)}" for y in YARDSTICKS)
    lines = [f"| Method | Time grows as | {against} |"]
    lines.append("|---|---|" + "---|" * len(YARDSTICKS))
    for label in found.labels:
        cells = [
            _exponent_words(found, label),
            *(_crossover_words(found, label, y) for y in YARDSTICKS),
        ]
        lines.append(f"| {literal(called(label))} | {' | '.join(map(literal, cells))} |")
    st.markdown("\n".join(lines))
    st.caption(
        "Exponents are fitted to the longest lengths, three at least where there are as many. Intervals (95%) come "
        "from drawing the raw samples again and cover noise alone. A crossover is read between the lengths measured."
    )


def _exponent_words(found: Results, label: str) -> str:
    one = found.exponents.get(label)
    if one is None or one.value is None:
        return "too few lengths"
    interval = f" ({one.low:.2f} to {one.high:.2f})" if one.low is not None else ""
    caveat = f"; {one.message}" if one.message else ""
    return f"N^{one.value:.2f}{interval}, {one.points} lengths{caveat}"


def _crossover_words(found: Results, label: str, yardstick: str) -> str:
    if label == yardstick:
        return "–"
    one = found.crossovers.get(yardstick, {}).get(label)
    if one is None:
        return "not measured"
    if one.state == "only shorter" and one.length is not None:
        return f"faster only up to N = {one.length:,.0f}"
    if one.state != "crosses":
        return one.state
    interval = f" ({one.low:,.0f} to {one.high:,.0f})" if one.low is not None else ""
    return f"faster from N = {one.length:,.0f}{interval}"


def setting_facts(found: Results) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        _facts("Setting", _setting(found))
    with right:
        _facts("Measured on", _machine(found))


def _setting(found: Results) -> dict[str, str]:
    hidden = ("methods", "lengths")
    facts = {
        SETTING_NAMES.get(name, name): "default" if value is None else str(value)
        for name, value in found.settings.items()
        if name not in hidden
    }
    noise = noise_words(found.nulls)
    return facts | ({"the same method twice": noise} if noise else {})


def noise_words(nulls: pd.DataFrame) -> str:
    """How far apart two measurings of one method came out."""
    if not len(nulls) or "ratio" not in nulls:
        return ""
    ratios = nulls["ratio"].dropna()
    inside = ((nulls["ratio_low"] <= 1) & (nulls["ratio_high"] >= 1)).sum()
    if not len(ratios):
        return ""
    return (
        f"{ratios.min():.3f} to {ratios.max():.3f} times; "
        f"the interval holds 1 at {inside} of {len(ratios)} lengths"
    )


def _machine(found: Results) -> dict[str, str]:
    known = found.environment
    gpus = ", ".join(str(gpu.get("name")) for gpu in known.get("gpus") or [])
    return {
        "processor": str(known.get("cpu", "unknown")),
        "threads": str(known.get("threads", "unknown")),
        "memory": size(known["total_memory"]) if known.get("total_memory") else "unknown",
        "GPU": gpus or "none",
        "torch": str(known.get("torch", "unknown")),
        "Python": str(known.get("python", "unknown")),
        "system": str(known.get("system", "unknown")),
        "environment": str(known.get("id", "unknown")),
        **_rates(found),
    }


def _rates(found: Results) -> dict[str, str]:
    """The best rates that the sweep reached with plain products and copies: what floors are made of."""
    facts = {}
    for name, (words, unit) in RATES.items():
        known = numbers(found.rows, name).dropna() if name in found.rows else []
        if len(known):
            facts[words] = f"{max(known) / 1e9:,.0f} {unit}"
    return facts


def _facts(heading: str, facts: dict[str, str]) -> None:
    st.markdown(literal_facts(heading, facts))
