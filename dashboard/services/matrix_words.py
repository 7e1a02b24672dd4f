"""What the maps show, in a sentence or two read off the numbers. No streamlit here."""

from __future__ import annotations

import math
from collections.abc import Sequence

from attn_core import get_method
from attn_core.amounts import digits, off, seconds
from attn_core.sources import Source
from attn_core.timing.roofline import Rates
from dashboard.services.matrices import Beside
from dashboard.services.matrix_budget import predicted
from dashboard.services.matrix_fidelity import errors
from dashboard.services.matrix_rows import Rows
from dashboard.services.viewport import Viewport
from dashboard.services.wording import times

# Nearer than this, two predictions are the same.
SAME = 0.06
# Single precision, and shares that would read as 0.0%.
EQUAL, SAID = 2e-6, 5e-4


def verdict(
    source: Source, one: Beside, rows: Rows, part: Viewport, at: Rates, known: bool
) -> str:
    """How far the method is off in what is seen, and what it is predicted to take."""
    found = {number.name: number.value for number in errors(rows)}
    where = "" if part.is_whole(source.queries, source.keys) else "in view "
    # A few rows are not all of them, and a few large ones may decide.
    where += "" if rows.whole else f"(by {rows.words}) "
    error, output = found["matrix error"], found["output error"]
    said = f"**{one.method.short_title}** is {where}{_of(error)} off the exact matrix and {_of(output)} off its output"
    if error is not None and error < EQUAL:
        said = f"**{one.method.short_title}** gives {where}the same weights as exact attention"
    lost = found["mass outside the pattern"]
    if lost is not None and lost >= SAID:
        said += f"; its pattern leaves out {lost:.1%} of the exact weight"
    negative = found["negative mass"]
    if negative is not None and negative >= SAID:
        said += f"; {negative:.1%} of its weight is negative"
    return f"{said}. {_time(source, one, at, known)}"


def _of(error: float | None) -> str:
    return "an undefined share" if error is None else off(error)


def _time(source: Source, one: Beside, at: Rates, known: bool) -> str:
    shape = source.shape
    mine = predicted(one.method, one.spec.params, shape, at)
    exact = predicted(get_method("flash"), {}, shape, at)
    if abs(mine / exact - 1) < SAME:
        return f"Predicted: {seconds(mine)} a pass, as exact attention."
    relation = (
        f"{times(exact / mine)} quicker" if mine < exact else f"{times(mine / exact)} slower"
    )
    guess = "" if known else ", by guessed rates"
    return f"Predicted: {seconds(mine)} a pass, {relation} than exact attention's {seconds(exact)}{guess}."


def exact_alone(rows: Rows) -> str:
    """Where nothing stands beside exact attention: how sharp it is."""
    entropy = float(rows.exact.entropy.mean())
    keys = len(rows.exact.received)
    top = int(rows.exact.received.argmax())
    share = float(rows.exact.received.max() / max(rows.exact.received.sum(), 1e-30))
    return (
        f"A row's entropy is {digits(entropy)} nats on average, of {digits(math.log(keys))} at most; key {top:,} "
        f"gets the most, {share:.1%} of all weight."
    )


def several(parts: Sequence[str]) -> str:
    return "  \n".join(parts)
