"""What the numbers of the Low rank page say, in sentences read off them. No streamlit here."""

from __future__ import annotations

import pandas as pd

from attn_core import METHODS
from dashboard.figures.frames import column, records, where
from dashboard.services.feature_words import factor, percent
from dashboard.services.low_rank import ENERGY, Asked, Decomposed
from dashboard.services.low_rank_factors import Convergence


def spectrum_words(found: Decomposed) -> str:
    from_all = len(found.singular)
    return (
        f"{found.rank_of(ENERGY)} of {from_all:,} directions hold {ENERGY:.0%} of the matrix's energy, "
        f"{found.rank_of(0.99)} hold 99%."
    )


def verdict(asked: Asked, table: pd.DataFrame) -> str:
    """The chosen method at its rank, beside the best possible and the best other method."""
    there = records(where(table, column(table, "k") == asked.rank))
    ours = next(one for one in there if one["method"] == asked.method)
    title = METHODS[asked.method].short_title
    best = f"At k = {asked.rank:,} the best possible error is {percent(ours['best'])}"
    if ours["best"] < 1e-6:
        return f"At k = {asked.rank:,} the best possible error is none; {title} has {percent(ours['error'])}."
    words = f"{best}; {title} has {percent(ours['error'])}, {factor(ours['ratio'])} as much{_would_do(ours)}."
    other = min((one for one in there if one is not ours), key=lambda one: one["error"])
    return f"{words} Of the others {METHODS[other['method']].short_title} is nearest, with {percent(other['error'])}."


def _would_do(row: dict) -> str:
    if row["error"] >= 1:
        return ": worse than a matrix of zeros"
    return f": a matrix of rank {row['would do']:,} could do that"


def convergence_words(found: Convergence, asked: int) -> str:
    rows = records(found.rows)
    now = rows[asked]
    near = next(
        (row["iteration"] for row in rows if row["matrix_error"] <= 1.05 * found.limit), None
    )
    words = (
        f"After {asked} iterations ‖AZA − A‖ is {percent(now['residual'])} of ‖A‖ and the matrix is off by "
        f"{percent(now['matrix_error'])}; with the true pseudo-inverse it would be {percent(found.limit)}."
    )
    words += f" A has condition number {factor(found.condition)[:-1]}."
    if found.limit > now["matrix_error"] * 1.05:
        return words + " Stopping early helps here: small singular values of A are not inverted."
    if near is not None:
        return words + f" It comes within 5% of that after {near}."
    return words + f" {rows[-1]['iteration']} are not enough to come within 5% of that."


def head_words(rows: pd.DataFrame) -> str:
    """Which head is nearest to low rank, and which is furthest."""
    ordered = sorted(records(rows), key=lambda row: row["effective"])
    if len(ordered) == 1:
        one = ordered[0]
        return f"The effective rank is {one['effective']:.1f} of {one['size']}."
    low, high = ordered[0], ordered[-1]
    return (
        f"The lowest effective rank is {low['effective']:.1f} (layer {low['layer']}, head {low['head']}), the highest "
        f"{high['effective']:.1f} (layer {high['layer']}, head {high['head']}), of {high['size']} each."
    )
