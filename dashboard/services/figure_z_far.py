"""Who can be told from guessing where the evidence is far away. No streamlit here."""

from __future__ import annotations

from attn_core.amounts import percent
from attn_core.naming import called
from attn_core.training.intervals import of_share
from dashboard.figures.figure_z_agreement import CHANCE, FEWEST, distance_words, drawn_length
from dashboard.figures.figure_z_quality import own
from dashboard.figures.frames import column, records, where
from dashboard.services.figure_z import Results
from dashboard.services.wording import listed, some


def far_back(found: Results) -> str:
    """Of the farthest class of distances with enough probes, at the length that is drawn: every probe counted once,
    whatever its evidence, and over all seeds. An interval of a few probes holds chance whoever answers."""
    rows = own(drawn_length(found.agreement))
    by = ["distance_low", "distance_high", "method"]
    sums = {"correct": ("correct", "sum"), "total": ("total", "sum")}
    counted = rows.groupby(by, dropna=False).agg(**sums).reset_index()
    enough = where(counted, column(counted, "total") >= FEWEST)
    if not len(enough):
        return ""
    last = where(enough, column(enough, "distance_low") == enough["distance_low"].max())
    guess, shares = [], []
    for row in records(last):
        low, high = of_share(int(row["correct"]), int(row["total"]))
        if low <= CHANCE <= high:
            guess.append(called(str(row["method"])))
            shares.append(percent(row["correct"] / row["total"]))
    if not guess:
        return ""
    asked = sorted({int(one) for one in last["total"]})
    n = f"{asked[0]:,}" if len(asked) == 1 else f"{asked[0]:,} to {asked[-1]:,}"
    seeds = column(rows, "seed").nunique()
    over = f" over {seeds} seeds" if seeds > 1 else ""
    rates = f": {listed(shares)} right" if len(shares) <= 3 else ""
    first = records(last)[0]
    place = f"With the evidence {distance_words(first['distance_low'], first['distance_high'])} tokens back"
    return f"{place}, {some(guess)} cannot be told from chance{rates}, n = {n}{over}."
