"""How much of a model's accuracy is left at longer texts, beside what is left of its teacher's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from attn_core.training import intervals
from attn_core.training.cells import Row, Who, cell
from attn_core.training.controlled.judge import Judged
from attn_core.training.controlled.plan import TEACHER


def ratios(
    who: Who, found: Mapping[int, Judged], teacher: Mapping[int, Judged], base: int
) -> Iterator[tuple[str, Row]]:
    """What of its accuracy is left at a longer length, over what is left of the teacher's own."""
    for length, one in found.items():
        if length == base:
            continue
        place = ("generalization", who, length)
        failed = [
            x for x in (one, found[base], teacher[length], teacher[base]) if x.outcome != "ok"
        ]
        if failed:
            yield cell(*place, None, failed[0].outcome, failed[0].message)
            continue
        if not all(x.accuracy for x in (found[base], teacher[base], teacher[length])):
            yield cell(
                *place, None, "error", "no token was right, so there is nothing to divide by"
            )
            continue
        own = one.accuracy / found[base].accuracy
        if who.student == TEACHER:
            said = f"token accuracy at {length:,} over that at {base:,}, not normalised: it is the norm"
            yield cell(*place, own, message=said, interval=_left(one, found[base]))
            continue
        norm = teacher[length].accuracy / teacher[base].accuracy
        said = f"share of token accuracy left at {length:,}, over the teacher's own share"
        between = _left(one, found[base], teacher[length], teacher[base])
        yield cell(*place, own / norm, message=said, interval=between)


def _left(longer: Judged, base: Judged, *teacher: Judged) -> tuple[float, float] | None:
    """Of the ratio, with the rows of each length drawn anew, the same for model and teacher."""
    if len(longer.count) < 2 or len(base.count) < 2:
        return None
    above, below = intervals.drawn(len(longer.count)), intervals.drawn(len(base.count), seed=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = _share(above, longer) / _share(below, base)
        if teacher:
            values = values / (_share(above, teacher[0]) / _share(below, teacher[1]))
    return intervals.middle(values) if np.isfinite(values).all() else None


def _share(times: np.ndarray, one: Judged) -> np.ndarray:
    return (times @ one.correct) / (times @ one.count)
