"""Behind Figure Z: agreement by distance, translations, every number, roles, setting and machine."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pandas as pd
import streamlit as st

from attn_core.amounts import size
from attn_core.naming import called
from dashboard import state
from dashboard.components.export_menu import export_menu
from dashboard.figures.export import Figure
from dashboard.figures.figure_z import ALONE_WIDTH, plain
from dashboard.figures.figure_z_agreement import (
    EVIDENCE,
    FEWEST,
    agreement_chart,
    agreement_points,
)
from dashboard.figures.figure_z_metrics import GENERALIZATION, METRICS, words
from dashboard.figures.theme import config
from dashboard.services import figure_z_samples as samples
from dashboard.services.figure_z import Results
from dashboard.services.figure_z_captions import setting_line
from dashboard.services.literal import literal, literal_facts

FIT = {"type": "fit-x", "contains": "padding"}
TABS = ("Agreement by distance", "Translations", "All numbers", "Roles", "Setting and machine")
EVIDENCE_HELP = "Where the gender can be read off: in both texts, or in the French text alone."
SAMPLE_HELP = "Which held-out text is shown."
COLUMNS = {
    "method": st.column_config.TextColumn("Method", pinned=True),
    "student": st.column_config.TextColumn("Model"),
    "seed": st.column_config.NumberColumn("Seed"),
    "metric": st.column_config.TextColumn("Metric"),
    "length": st.column_config.NumberColumn("N", format="localized"),
    "shown": st.column_config.TextColumn("Value"),
    "interval": st.column_config.TextColumn("Interval"),
    "outcome": st.column_config.TextColumn("Outcome"),
    "message": st.column_config.TextColumn("Note", width="large"),
}
SETTING_NAMES = {
    "protocol": "Protocol", "preset": "Preset", "scale": "Scale", "length": "Trained length", "seeds": "Seeds",
    "data": "Data", "tokenizer": "Tokenizer", "device": "Device", "width": "Width", "layers": "Layers",
    "heads": "Heads", "positions": "Positions", "convolution": "Convolution", "batch": "Batch",
    "teacher_steps": "Teacher steps at most", "transfer_steps": "Transfer steps", "student_steps": "Student steps",
    "learning_rate": "Learning rate", "temperature": "Temperature", "patience": "Patience", "seed": "First seed",
}  # fmt: skip


def figure_z_tabs(found: Results) -> None:
    agreement, translations, table, roles, setting = st.tabs(list(TABS))
    with agreement:
        _agreement(found)
    with translations:
        _translations(found)
    with table:
        st.dataframe(all_numbers(found), column_config=COLUMNS, hide_index=True, height=420)
    with roles:
        _roles(found)
    with setting:
        _setting(found)


def _agreement(found: Results) -> None:
    there = [one for one in EVIDENCE if len(agreement_points(found.agreement, one))]
    if not there:
        st.caption("The agreement probe has no numbers in this run.")
        return
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        chosen = st.segmented_control(
            "Evidence", there, default=there[0], required=True, key=state.Z_EVIDENCE, bind="query-params",
            help=EVIDENCE_HELP, format_func=lambda one: str(EVIDENCE.get(one, one)), label_visibility="collapsed",
        ) or there[0]  # fmt: skip
        export_menu(lambda: _agreement_figure(found, chosen), "figure_z_agreement")
    st.vega_lite_chart(
        drawn_agreement(found, chosen, state.dark_theme()), theme=None, key="z_agreement",
        alt="How often the right pronoun is preferred, by distance to what gives its gender away.",
    )  # fmt: skip
    st.caption(
        "How often a model prefers the right one of il and elle, by the distance to the nearest words that give the "
        "gender away. At 50% it guesses. Bars: 95% intervals. Pale: fewer than "
        f"{FEWEST} probes, too few to tell."
    )


@lru_cache(maxsize=16)
def drawn_agreement(found: Results, evidence: str, dark: bool) -> dict[str, Any]:
    chart = agreement_chart(found.agreement, evidence, dark=dark)
    return chart.to_dict(validate=False) | {"config": config(dark), "autosize": FIT}


def _agreement_figure(found: Results, evidence: str) -> Figure:
    return Figure(
        agreement_chart(found.agreement, evidence, width=ALONE_WIDTH), plain(found.agreement),
        f"Agreement accuracy by distance: {EVIDENCE[evidence].lower()}", setting_line(found),
        found.environment_line,
    )  # fmt: skip


def _translations(found: Results) -> None:
    there = samples.numbers(found.samples)
    if not there:
        st.caption("No translation is decoded in this run.")
        return
    chosen = st.selectbox(
        "Text", there, format_func=lambda one: f"Text {one + 1} of {len(there)}", key=state.Z_SAMPLE,
        help=SAMPLE_HELP, label_visibility="collapsed", width=180,
    )  # fmt: skip
    st.html(samples.compared(found.samples, chosen))
    st.caption(
        "Underlined and bold: not in the reference. Struck through: in the reference, missing here."
    )


@lru_cache(maxsize=8)
def all_numbers(found: Results) -> pd.DataFrame:
    """Every cell in a reader's units."""
    cells = found.cells
    names = {name: form.name for name, form in METRICS.items()} | {GENERALIZATION: "Ratio"}
    shown, spans = [], []
    for metric, value, low, high in zip(
        cells["metric"], cells["value"], cells["low"], cells["high"], strict=True
    ):
        shown.append("" if pd.isna(value) else words(metric, value))
        spans.append("" if pd.isna(low) else f"{words(metric, low)} – {words(metric, high)}")
    table = cells.assign(
        metric=[names.get(one, one) for one in cells["metric"]], shown=shown, interval=spans
    )
    return table.reindex(columns=list(COLUMNS))


def _roles(found: Results) -> None:
    if not len(found.roles):
        st.caption("The roles are stored when the students are made.")
        return
    lines = ["| Method | Encoder | Decoder | Cross |", "|---|---|---|---|"]
    for row in found.roles.to_dict(orient="records"):
        held = [_role(row, role) for role in ("encoder", "decoder", "cross")]
        lines.append(f"| {literal(called(row['method']))} | {' | '.join(held)} |")
    st.markdown("\n".join(lines))
    st.caption(
        "Where a method has no such form, exact attention stands in, and the method is measured with it."
    )


def _role(row: dict[Any, Any], role: str) -> str:
    holder = str(row[role])
    own = str(row["method"]).startswith(holder)
    named = literal(called(holder))
    return named if own else f"*{named}, standing in*"


def _setting(found: Results) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        asked = {
            SETTING_NAMES[name]: str(found.settings[name])
            for name in SETTING_NAMES
            if name in found.settings
        }
        lengths = ", ".join(f"{one:,}" for one in found.lengths)
        _facts("Setting", asked | {"Lengths": lengths})
    with right:
        known = found.environment
        gpus = ", ".join(str(gpu.get("name")) for gpu in known.get("gpus") or [])
        memory = size(known["total_memory"]) if known.get("total_memory") else "unknown"
        names = {
            "cpu": "processor",
            "threads": "threads",
            "torch": "torch",
            "python": "Python",
            "system": "system",
        }
        facts = {shown: str(known.get(name, "unknown")) for name, shown in names.items()}
        _facts("Measured on", facts | {"memory": memory, "GPU": gpus or "none"})


def _facts(heading: str, facts: dict[str, str]) -> None:
    st.markdown(literal_facts(heading, facts))
