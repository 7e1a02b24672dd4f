"""How far a method is from exact attention: in the part that is seen, and on the whole. No streamlit here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attn_core.amounts import digits
from attn_core.fidelity import Report, compare
from attn_core.matrix import MatrixView
from attn_core.sources import Source
from attn_core.views import Metric
from dashboard.services.kept import Kept
from dashboard.services.matrices import Beside
from dashboard.services.matrix_rows import Rows, read_rows
from dashboard.services.viewport import Viewport

# Entries over all heads up to which the whole is compared while one waits; beyond, rows are sampled.
COMPARED = 2**21
ERROR, SHARE, NATS = "relative error", "share", "nats"


@dataclass(frozen=True)
class Number:
    """A metric, or why there is none."""

    name: str
    value: float | None
    unit: str
    about: str
    reason: str = ""


def measured(rows: Rows) -> list[Number]:
    """Of rows that were read, and of the columns that are seen in them."""
    return errors(rows) + ([] if rows.brief else _shapes(rows))


def errors(rows: Rows) -> list[Number]:
    """What brief rows have too."""
    one, method = rows.apart, rows.method
    assert one is not None and method is not None
    some = rows.exact.total != 0
    return [
        _ratio("matrix error", np.sqrt(one.error.sum()), np.sqrt(one.norm.sum()), ERROR,
               "‖Â − A‖ / ‖A‖ over the cells, Frobenius norm"),
        _ratio("output error", np.sqrt((one.delta_z**2).sum()), np.sqrt((one.z**2).sum()), ERROR,
               "‖Ẑ − Z‖ / ‖Z‖ over the rows, which are read in full"),
        Number("largest difference", float(one.largest.max()), "weight", "the largest |Â − A| of a cell"),
        _unless(one.no_pattern, "mass outside the pattern", lambda: float(one.lost[some].mean()), SHARE,
                "exact attention's weight on pairs that the method leaves out, of a row's 1"),
        _ratio("negative mass", one.negative.sum(), one.magnitude.sum(), SHARE,
               "the share of the method's magnitude that lies below zero"),
        Number("weight seen, exact", float(rows.exact.within.mean()), SHARE,
               "of a row's weight, what lies in the keys seen"),
        Number("weight seen, method", float(method.within.mean()), SHARE, "the same of the method's rows"),
    ]  # fmt: skip


def _shapes(rows: Rows) -> list[Number]:
    one, method = rows.apart, rows.method
    assert one is not None and method is not None
    some = rows.exact.total != 0
    finite = some & np.isfinite(one.kl)
    infinite = float(np.mean(np.isinf(one.kl[some]))) if some.any() else 0.0
    return [
        _unless(one.no_kl or ("" if finite.any() else "it is infinite in every row"), "row KL",
                lambda: float(one.kl[finite].mean()), NATS,
                "mean KL(exact ‖ method) of the rows where it is finite"),
        _unless(one.no_kl, "rows with infinite KL", lambda: infinite, SHARE,
                "rows where a key with exact weight gets none"),
        Number("row entropy, exact", float(rows.exact.entropy.mean()), NATS, "mean over the rows"),
        _unless(method.no_entropy, "row entropy, method", lambda: float(method.entropy.mean()), NATS,
                "mean over the rows"),
    ]  # fmt: skip


def _ratio(name: str, part: float, whole: float, unit: str, about: str) -> Number:
    if not whole > 0:
        return Number(name, None, unit, about, "there is nothing to compare with")
    return Number(name, float(part / whole), unit, about)


def _unless(reason: str, name: str, value, unit: str, about: str) -> Number:
    return Number(name, None if reason else value(), unit, about, reason)


def in_part(source: Source, head: int, found: Beside, part: Viewport, brief: bool = False) -> Rows:
    """Rows of the part that is seen; kept, for pages draw again more often than views change."""
    key = ("rows", found.spec.id, head, part, brief)
    assert found.sides is not None
    sides = found.sides
    return _rows.get(
        key,
        lambda: read_rows(
            sides.exact, sides.method, source.v[0, head], part.rows, part.columns, brief=brief
        ),
    )


def of_exact(source: Source, head: int, exact: MatrixView, part: Viewport) -> Rows:
    """The same of exact attention alone."""
    key = ("exact", source.spec.id, head, part)
    return _rows.get(
        key, lambda: read_rows(exact, None, source.v[0, head], part.rows, part.columns)
    )


def whole_report(source: Source, found: Beside) -> Report | None:
    """Everything that the engine's comparison says, where the matrices are small enough to wait for it."""
    if source.heads * source.queries * source.keys > COMPARED:
        return None
    spec = found.spec
    assert spec.method is not None

    def compared() -> Report:
        op = source.operator(spec.method or "", **spec.params)
        return compare(
            op,
            source.q,
            source.k,
            source.v,
            causal=source.causal,
            top_k=(1, 8),
            spectrum_entries=0,
        )

    return _reports.get(spec.id, compared)


def from_report(report: Report, head: int) -> list[Number]:
    """What only the whole has: which of the largest keys are found, and the distance in probability."""
    recall = Number("top-8 keys found", None, SHARE, "which of the exact largest keys are among the method's",
                    report.top_k_recall.reason)  # fmt: skip
    if report.top_k_recall.value is not None:
        value = float(report.top_k_recall.value[head, -1])
        recall = Number(f"top-{report.top_k[-1]} keys found", value, recall.unit, recall.about)
    about = "mean total variation of the rows: the largest difference in probability of any set of keys"
    return [recall, _of("total variation", report.total_variation, head, about)]


def _of(name: str, metric: Metric, head: int, about: str) -> Number:
    value = None if metric.value is None else float(metric.value[head])
    return Number(name, value, metric.unit, about, metric.reason)


def table(columns: Mapping[str, list[Number]]) -> pd.DataFrame:
    """A row a metric, a column for each of what is measured; why there is no number stands beside what it is."""
    names = list(dict.fromkeys(one.name for numbers in columns.values() for one in numbers))
    rows = []
    for name in names:
        found = {
            title: next((one for one in numbers if one.name == name), None)
            for title, numbers in columns.items()
        }
        there = [one for one in found.values() if one is not None]
        reasons = list(dict.fromkeys(one.reason for one in there if one.reason))
        about = there[0].about + (f"; –: {', or '.join(reasons)}" if reasons else "")
        cells = {title: _said(one) for title, one in found.items()}
        rows.append({"metric": name} | cells | {"unit": there[0].unit, "what it is": about})
    return pd.DataFrame(rows)


def _said(one: Number | None) -> str:
    if one is None or one.value is None:
        return "–"
    return f"{one.value:.3e}" if 0 < abs(one.value) < 1e-3 else digits(one.value)


_rows: Kept[Rows] = Kept(24)
_reports: Kept[Report] = Kept(24)
