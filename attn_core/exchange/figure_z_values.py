"""The values that rows of a Figure Z may have, and the intervals around them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from attn_core.exchange.plain import between
from attn_core.exchange.rows import AGREE, LONGEST_S, MOST_BYTES, SHORTEST_S
from attn_core.timing.row import TIMED, Row

# Limits of each metric. A model that diverges has a loss of whatever single precision holds; sums of rounded numbers
# may leave nothing a little below zero.
ROUNDING, LARGEST = 1e-3, 3.5e38
LOSS, SHARE, SCORE = (-ROUNDING, LARGEST), (0.0, 1.0), (0.0, 100.0)
RATIO, RATE = (0.0, LARGEST), (0.0, 1e15)
SECONDS, BYTES = (SHORTEST_S, LONGEST_S), (0.0, float(MOST_BYTES))
LIMITS: Mapping[str, tuple[float, float]] = {
    "val_ce": LOSS, "kl_to_teacher": LOSS, "published_quality": LOSS, "token_accuracy": SHARE,
    "agreement_accuracy": SHARE, "chrf": SCORE, "bleu": SCORE, "generalization": RATIO,
    "forward_s": SECONDS, "train_forward_backward_s": SECONDS, "article_forward_s": SECONDS,
    "dense_forward_s": SECONDS, "peak_bytes": BYTES, "dense_peak_bytes": BYTES,
    "decode_tokens_per_s": RATE, "steps": RATE,
}  # fmt: skip
# Intervals of these lie around the mean of the draws: a point beside the score at times, and beyond the scale.
DRAWN = ("chrf", "bleu")
DRAWN_ROOM, DRAWN_LIMITS = 1.0, (0.0, 200.0)


def check_value(row: Row, where: str, limits: tuple[float, float]) -> None:
    """A number only where something was measured, and an interval only where there is a number."""
    given = [name for name in ("value", "low", "high") if row[name] is not None]
    if given and row["outcome"] not in TIMED:
        raise ValueError(f"import: {where} is {row['outcome']} and yet has {given[0]}")
    if row["value"] is None:
        if given:
            raise ValueError(f"import: {where} has {given[0]} and no value")
        return
    between(row["value"], f"value of {where}", *limits)
    drawn = row["metric"] in DRAWN
    room = DRAWN_ROOM if drawn else AGREE * abs(row["value"]) + AGREE**2
    check_interval(row, where, DRAWN_LIMITS if drawn else limits, room)


def check_interval(row: Row, where: str, limits: tuple[float, float], room: float) -> None:
    for name in ("low", "high"):
        if row[name] is not None:
            between(row[name], f"{name} of {where}", *limits)
    rising = [row[name] for name in ("low", "value", "high") if row[name] is not None]
    if any(a > b + room for a, b in pairwise(rising)) or (
        None not in (row["low"], row["high"]) and row["low"] > row["high"]
    ):
        raise ValueError(f"import: {where} has a value and an interval out of order")
