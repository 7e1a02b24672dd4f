"""How a sweep's chart is to be read, in a few sentences: only of what is drawn and can be seen in it.

One function for the page's caption and for the foot of an exported figure, so that neither promises a mark that the
picture does not have.
"""

from __future__ import annotations

import math

import pandas as pd

from attn_core.naming import called
from dashboard.figures import sweep_data
from dashboard.figures.frames import column, numbers, where
from dashboard.figures.quantities import QUANTITIES, YARDSTICK, is_ratio, values
from dashboard.figures.series import named_by_series

# As sweep_layers.py draws them.
MARKS = {
    "oom": ("×", "did not fit in memory"),
    "unsupported": ("–", "not supported"),
    "timeout": ("hourglass", "too slow for one call"),
    "cancelled": ("‖", "cancelled"),
    "error": ("!", "failed"),
}
WHAT = {
    "time": "Median time of one call",
    "memory": "Highest memory of one call beyond its inputs, in a process of its own",
    "tokens": "Tokens per second: batch times N over the median time",
    "roofline": "The least time this machine's own rates allow, over the median time",
    "speedup": "{unit}'s median time over the method's; at 1 there is no difference",
}
# A second measuring nearer to the first than this lies under the first one's line.
APART = 0.1


def reading(
    rows: pd.DataFrame,
    nulls: pd.DataFrame | None,
    quantity: str,
    relative_to: str | None = None,
    per_token: bool = False,
    crossovers: pd.DataFrame | None = None,
) -> str:
    """What is drawn, and what its bands, dashes, dots, points and marks mean; the arguments are the chart's own."""
    rows, nulls = named_by_series(rows), pd.DataFrame() if nulls is None else nulls
    drawn = values(rows, quantity, relative_to, per_token)
    ratio = is_ratio(quantity, relative_to)
    parts = [_what(quantity, relative_to, per_token)]
    if len(drawn) and _long(where(drawn, drawn["low"] < drawn["high"])):
        parts.append("Band: p20 to p80.")
    if ratio:
        parts.append(_noise(nulls, quantity))
    elif quantity == "time":
        parts += [_floors(rows, per_token), _second(rows, nulls, per_token)]
    if quantity == "speedup":
        parts.append(_rings(rows, crossovers))
    if "unstable" in set(column(drawn, "outcome")):
        parts.append("Hollow points: the time stayed uncertain.")
    return " ".join(filter(None, [*parts, _marks(rows)]))


def _what(quantity: str, relative_to: str | None, per_token: bool) -> str:
    form = QUANTITIES[quantity]
    if quantity != "speedup" and is_ratio(quantity, relative_to):
        # What is divided per token alike stays the same ratio.
        name = "Tokens per second" if quantity == "tokens" else WHAT[quantity]
        return f"{name}, divided by {called(relative_to or '')}'s at the same length; at 1 there is no difference."
    per = ", per token (batch times N)" if per_token and form.per_token else ""
    return f"{WHAT[quantity].format(unit=called(YARDSTICK))}{per}."


def _noise(nulls: pd.DataFrame, quantity: str) -> str:
    """Two times of one method are not drawn beside memory."""
    drawn = quantity != "memory" and _long(sweep_data.noise(nulls).assign(series=""))
    return "Grey: the same method measured twice, and its interval." if drawn else ""


def _rings(rows: pd.DataFrame, crossovers: pd.DataFrame | None) -> str:
    if crossovers is None or not set(column(crossovers, "label")) & set(column(rows, "label")):
        return ""
    return f"Rings: from there on faster than {called(YARDSTICK)}; bars: their intervals."


def _floors(rows: pd.DataFrame, per_token: bool) -> str:
    drawn = _long(sweep_data.floors(rows, per_token))
    return "Thin dotted: the least time this machine's own rates allow." if drawn else ""


def _second(rows: pd.DataFrame, nulls: pd.DataFrame, per_token: bool) -> str:
    """The dashed line where it can be seen beside the first measuring's, and else how little the two differ."""
    again = sweep_data.second_measurings(nulls, rows, per_token)
    if not len(again):
        return ""
    first = values(rows, "time", None, per_token)[["series", "queries", "value"]]
    both = again.merge(first, on=["series", "queries"], suffixes=("", "_first"))
    off = (numbers(both, "value") / numbers(both, "value_first") - 1).abs()
    if _long(again) and (len(both) < len(again) or off.max() > APART):
        return "Thin dashed: the same method measured a second time."
    # Pair by pair where that is known: the medians alone also differ by what slowed whole rounds.
    paired = (numbers(again, "ratio") - 1).abs().max() if "ratio" in again else math.nan
    apart = off.max() if math.isnan(paired) else paired
    if math.isnan(apart):
        return ""
    return f"The same method measured twice differed by at most {apart:.1%}."


def _marks(rows: pd.DataFrame) -> str:
    there = set(column(rows, "outcome"))
    words = [f"{mark} {phrase}" for outcome, (mark, phrase) in MARKS.items() if outcome in there]
    return f"Top edge: {', '.join(words)}." if words else ""


def _long(table: pd.DataFrame) -> bool:
    """Whether any line of the table has two points: one alone has no length to be seen."""
    return bool(len(table)) and bool(column(table, "series").duplicated().any())
