"""Translations held against the reference, word by word, as safe HTML. No streamlit here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from html import escape
from typing import Any

import pandas as pd

from attn_core.naming import called
from dashboard.figures.figure_z_series import lines_of
from dashboard.figures.frames import column, records, where

ORDER = ("teacher", "distilled", "drop-in", "identity")
STYLE = (
    "<style>.z-samples td{vertical-align:top;padding:.35rem .75rem .35rem 0;line-height:1.5}"
    ".z-samples th{text-align:left;vertical-align:top;font-weight:600;padding:.35rem 1rem .35rem 0;white-space:nowrap}"
    ".z-samples small{font-weight:400;opacity:.75}"
    ".z-samples ins{font-weight:650;text-decoration:underline 2px;text-underline-offset:3px}"
    ".z-samples del{opacity:.65}.z-samples tr{border-top:1px solid color-mix(in srgb,currentColor 14%,transparent)}"
    ".z-samples{width:100%;border-collapse:collapse;font-size:.95rem}</style>"
)


def numbers(samples: pd.DataFrame) -> list[int]:
    """The samples there are."""
    return sorted({int(one) for one in samples["index"].dropna()})


def compared(samples: pd.DataFrame, index: int) -> str:
    """One sample: source and reference, and below them every model's words, differing ones marked in the text."""
    rows = where(samples, column(samples, "index") == index)
    known = records(rows)
    if not known:
        return ""
    reference = str(known[0]["reference"])
    lines = [_line("Source", "", escape(str(known[0]["source"])))]
    lines.append(_line("Reference", "", escape(reference)))
    for row in _ordered(known):
        what = _what(row, rows)
        words = marked(reference, str(row["text"])) or "<small>nothing</small>"
        lines.append(_line(called(str(row["method"])), what, words))
    return f"{STYLE}<table class='z-samples'>{''.join(lines)}</table>"


def _ordered(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    labels = [line.label for line in lines_of(str(row["method"]) for row in rows)]
    return sorted(
        rows,
        key=lambda row: (
            row["student"] != "teacher",
            labels.index(str(row["method"])),
            ORDER.index(row["student"]) if row["student"] in ORDER else len(ORDER),
            row["seed"],
        ),
    )


def _what(row: Mapping[str, Any], rows: pd.DataFrame) -> str:
    seeds = column(rows, "seed").nunique()
    words = str(row["student"]) if row["student"] != "distilled" else ""
    return " · ".join(part for part in (words, f"seed {row['seed']}" if seeds > 1 else "") if part)


def _line(name: str, what: str, html: str) -> str:
    small = f"<br><small>{escape(what)}</small>" if what else ""
    return f"<tr><th>{escape(name)}{small}</th><td>{html}</td></tr>"


def marked(reference: str, text: str) -> str:
    """`text` with the words that the reference does not have underlined and bold, and those that it lacks struck
    through where they would stand."""
    wanted, given = reference.split(), text.split()
    out = []
    for kind, a, b, c, d in SequenceMatcher(None, wanted, given, autojunk=False).get_opcodes():
        if kind == "equal":
            out.append(escape(" ".join(given[c:d])))
            continue
        if c < d:
            out.append(f"<ins>{escape(' '.join(given[c:d]))}</ins>")
        elif a < b:
            out.append(f"<del>{escape(' '.join(wanted[a:b]))}</del>")
    return " ".join(out)
