"""All that the Trade-offs page says, as one report. No streamlit here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from attn_core.naming import called
from attn_core.timing.row import TIMED
from attn_core.tradeoff.axes import AXES
from attn_core.tradeoff.published import published
from attn_core.tradeoff.stored import StoredRun
from attn_core.tradeoff.trust import trust
from dashboard.figures import crossover_chart, drawn_axis, published_chart, trust_chart
from dashboard.figures.export import Figure
from dashboard.figures.frames import records, where
from dashboard.figures.tradeoff_numbers import narrow
from dashboard.figures.tradeoff_scatter import NOTE, break_note, tradeoff_scatter
from dashboard.report import Report, Section, Table
from dashboard.services.tradeoff_crossings import crossings_shown
from dashboard.services.tradeoff_point import UNSTEADY, lender
from dashboard.services.tradeoff_verdict import sentences
from dashboard.services.tradeoff_view import Shown, beside_published, without_mark
from dashboard.services.tradeoff_words import counted, nothing_drawn

QUESTION = "Which method, with which budget, for which length, on this machine?"
ROWS = 60
MOST_CROSSINGS = 24
TABLE_AXES = (
    "time_s",
    "memory_bytes",
    "output_error",
    "row_kl",
    "top_k_recall",
    "token_accuracy",
    "bleu",
)


def report(shown: Shown, ended: str = "") -> Report:
    """Of the points that are shown, and of the verdict on their setting. `ended` says what the newest study left
    unmeasured."""
    runs = _runs(shown)
    own = len(set(shown.table["run_id"]))
    origin = f"from {_count(len(shown.table), 'point')} of {_count(own, 'run')}"
    return Report(
        title="Trade-offs of attention methods",
        question=QUESTION,
        made=f"Made on {datetime.now(UTC):%d %B %Y, %H:%M} UTC {origin}",
        facts=[
            ("Machine", shown.setting.where),
            ("Setting", shown.setting.sizes),
            ("Lengths", ", ".join(f"{length:,}" for length in shown.lengths)),
            ("Errors on", shown.everything.source or "no source: errors were not measured"),
            ("Runs", ", ".join(run.name or run.run_id for run in runs)),
        ],
        sections=[one for one in _sections(shown, ended) if one is not None],
        commands=commands(runs),
    )


def _runs(shown: Shown) -> Sequence[StoredRun]:
    """Of all that the report says: crossovers and marks beside published ones are read from other lengths too, and
    quality is lent by runs of Figure Z."""
    tables = (shown.table, shown.newest, crossings_shown(shown.part))
    known = {str(one) for table in tables for one in table["run_id"]}
    known |= {lender(shown.everything.runs, one) for one in set(shown.newest["quality_from"])}
    return [run for run in shown.everything.runs if run.run_id in known]


def commands(runs: Iterable[StoredRun]) -> list[str]:
    """The lines that repeat the measurements."""
    return [line for line in dict.fromkeys(run.command for run in runs) if line]


def _sections(shown: Shown, ended: str) -> Sequence[Section | None]:
    verdict = [one.text for one in sentences(shown)]
    return [
        Section("Verdict", [*verdict, ended] if ended else verdict),
        _points(shown),
        _crossovers(shown),
        _trust(shown),
        _published(shown),
        Section("Every point", [], [], [_all_points(shown)]),
    ]


def _figure(shown: Shown, chart, rows: pd.DataFrame, title: str, note: str) -> Figure:
    return Figure(chart, rows, title, shown.setting.sizes, shown.setting.machine, note)


def _points(shown: Shown) -> Section:
    title = f"{shown.y.title} against {shown.x.noun}"
    chart = tradeoff_scatter(shown.table, list(shown.labels), shown.x, shown.y)
    tables = [
        Table(
            f"What each method reaches at N = {length:,}, of what all reach together (hypervolume)",
            ("Method", "Share"),
            [(called(name), f"{share:.1%}") for name, share in shares.items()],
        )
        for length, shares in shown.shares.items()
        if shares
    ]
    if not shown.drawn:
        return Section("The front", [counted(shown), nothing_drawn(shown)], [], tables)
    said = f"{NOTE} {break_note(shown.table, list(shown.labels), shown.x, shown.y)}".strip()
    return Section(
        "The front", [counted(shown)], [_figure(shown, chart, shown.table, title, said)], tables
    )


def _crossovers(shown: Shown) -> Section | None:
    mine = crossings_shown(shown.part)
    mine = where(
        mine,
        (mine["against"] == "flash")
        & (mine["axis"] == "time_s")
        & (mine["first"] != mine["up_to"]),
    )
    rows = crossover_chart.crossover_rows(mine)
    if not len(rows):
        return None
    drawn = rows.head(MOST_CROSSINGS)
    figure = _figure(
        shown, crossover_chart.crossover_chart(drawn), drawn,
        f"Time against {called('flash')}: from which length on it pays", crossover_chart.NOTE,
    )  # fmt: skip
    left_out = len(rows) - len(drawn)
    more = "choice is" if left_out == 1 else "choices are"
    said = [f"{left_out} more {more} left out."] if left_out else []
    return Section("Crossovers", said, [figure])


def _trust(shown: Shown) -> Section | None:
    found = trust(shown.newest)
    if not found.pairs:
        return None
    operator, quality = AXES[found.operator], AXES[found.quality]
    rows = trust_chart.trust_rows(found)
    chart = trust_chart.trust_chart(rows, operator, quality)
    title = f"{quality.title} against {operator.noun}"
    said = f"{trust_chart.NOTE} {drawn_axis.break_note(rows, operator)}".strip()
    return Section(
        "Does operator error predict task quality?", [found.sentence],
        [_figure(shown, chart, rows, title, said)],
    )  # fmt: skip


def _published(shown: Shown) -> Section | None:
    printed, measured = published(), beside_published(shown.everything, shown.setting)
    printed, measured = (where(one, one["quantity"] == "time") for one in (printed, measured))
    methods = sorted((set(printed["method"]) & set(shown.whole["method"])) - {"softmax"})
    if not methods or not len(measured):
        return None
    chart = published_chart.published_chart(printed, measured, methods)
    lost = without_mark(shown.everything, shown.setting, "time")
    title = "Time, published and measured, over exact attention's"
    return Section(
        "Published beside measured",
        [one for one in (lost, published_chart.left_out(printed)) if one],
        [_figure(shown, chart, printed, title, published_chart.NOTE)],
    )


def _all_points(shown: Shown) -> Table:
    known = [name for name in TABLE_AXES if bool(shown.table[name].notna().any())]
    table = shown.table.assign(front=shown.labels).sort_values(["length", shown.x.name])
    # One length is said once, in the title.
    alone = len(shown.lengths) == 1
    rows = [
        (
            called(row["label"]),
            *([] if alone else [f"{row['length']:,}"]),
            _stands(row),
            *(_span(row, name) for name in known),
        )
        for row in records(table.head(ROWS))
    ]
    columns = (
        "Choice",
        *([] if alone else ["N"]),
        "Stands",
        *(AXES[name].title for name in known),
    )
    at = f" at N = {shown.lengths[0]:,}" if alone else ""
    return Table(
        f"Values{at}, and in brackets their intervals",
        columns,
        rows,
        left_out=max(0, len(table) - ROWS),
    )


def _stands(row: Mapping[str, Any]) -> str:
    """Against the front, or why it has no place there."""
    if row["outcome"] not in TIMED:
        return str(row["outcome"])
    return "beaten" if row["front"] == "dominated" else str(row["front"])


def _count(number: int, word: str) -> str:
    return f"{number:,} {word if number == 1 else word + 's'}"


def _span(row: Mapping[str, Any], name: str) -> str:
    if not np.isfinite(row[name]):
        return "–"
    said = narrow(AXES[name], row[name], row[f"{name}_low"], row[f"{name}_high"])
    return f"{said}, {UNSTEADY}" if name == "time_s" and row["outcome"] == "unstable" else said
