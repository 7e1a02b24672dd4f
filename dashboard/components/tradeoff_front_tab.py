"""The front as a table, and what each method reaches of it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from attn_core.amounts import percent
from attn_core.naming import called
from dashboard.components.tradeoff_bring import COVERAGE, anchor
from dashboard.figures.frames import records, where
from dashboard.figures.tradeoff_numbers import span
from dashboard.services.kept import kept_with_first
from dashboard.services.tradeoff_view import Shown, coverage

TABLE_WIDTH, REACHED_WIDTH = 640, 400
# Of all lengths that are drawn side by side; and of each at least.
ROWS, LEAST_ROWS = 40, 12
SHARE_HELP = (
    "The hypervolume: how much of the plane a method's points reach better than the worst corner, as a share of what "
    "all points reach together. Axes that span decades count by their logarithm."
)


def front_tab(shown: Shown) -> None:
    rows = max(LEAST_ROWS, ROWS // len(shown.lengths))
    for length in shown.lengths:
        st.markdown(f"**N = {length:,}**")
        # Side by side where both have room, else one below the other.
        sides = st.container(horizontal=True, gap="medium")
        with sides, st.container(width=TABLE_WIDTH):
            table = members(shown, length)
            st.table(
                table.head(rows),
                hide_index=True,
                border="horizontal",
                alt=f"The front at N = {length:,}",
            )
            if len(table) > rows:
                st.caption(f"The first {rows} of {len(table)}; an exported file has all.")
        with sides, st.container(width=REACHED_WIDTH):
            st.table(
                reached(shown, length),
                hide_index=True,
                border="horizontal",
                alt="What each method reaches",
            )
            st.caption(SHARE_HELP)
    anchor(COVERAGE)
    st.markdown("**What was measured**, how many choices at each length")
    st.table(
        coverage(shown.part), hide_index=True, border="horizontal", alt="How much was measured"
    )


@kept_with_first()
def members(shown: Shown, length: int) -> pd.DataFrame:
    """On the front and undecided ones, along x."""
    table = shown.table.assign(front=shown.labels)
    kept = table["front"].isin(["front", "undecided"]) & (table["length"] == length)
    rows = where(table, kept).sort_values(shown.x.name)
    lines = [
        {
            "Choice": called(row["label"]),
            shown.x.title: span(
                shown.x, *(row[one] for one in (shown.x.name, shown.x.low, shown.x.high))
            ),
            shown.y.title: span(
                shown.y, *(row[one] for one in (shown.y.name, shown.y.low, shown.y.high))
            ),
            "Stands": "on the front" if row["front"] == "front" else "undecided",
        }
        for row in records(rows)
    ]
    return pd.DataFrame(lines, columns=["Choice", shown.x.title, shown.y.title, "Stands"])


def reached(shown: Shown, length: int) -> pd.DataFrame:
    shares = shown.shares.get(length, {})
    return pd.DataFrame(
        {
            "Method": [called(name) for name in shares],
            "Reaches": [percent(one) for one in shares.values()],
        }
    )
