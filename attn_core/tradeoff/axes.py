"""Every quantity that a point of the trade-off can have, with its direction, for charts, budgets and verdicts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from attn_core import amounts

Better = Literal["lower", "higher"]
Unit = Literal["s", "bytes", "FLOPs", "share", "nats", "score", "ratio"]
# A smaller share is a rounding error: its digits say nothing.
LEAST_SHARE = 1e-5


@dataclass(frozen=True)
class Axis:
    """`log` where values span decades, so that equal factors are equal distances; `help` is its tool-tip."""

    name: str
    title: str
    unit: Unit
    better: Better
    log: bool
    help: str

    @property
    def noun(self) -> str:
        """The title within a sentence."""
        return self.title if self.title[:2].isupper() else self.title.lower()

    @property
    def low(self) -> str:
        """The column of the interval's lower end."""
        return f"{self.name}_low"

    @property
    def high(self) -> str:
        """The column of the interval's upper end."""
        return f"{self.name}_high"


AXES: dict[str, Axis] = {
    axis.name: axis
    for axis in (
        Axis(
            "time_s", "Time", "s", "lower", True,
            "Median of the timed calls, with its 95% interval; of fewer than six calls with their range, which holds "
            "it less often.",
        ),
        Axis("memory_bytes", "Memory", "bytes", "lower", True, "Peak beyond what was held before the call; read once."),
        Axis("flops", "FLOPs", "FLOPs", "lower", True, "Work of the matrix products, counted, not measured."),
        Axis(
            "floor_share", "Share of the floor", "share", "higher", False,
            "The least time that this machine's products and copies allow, over the time measured.",
        ),
        Axis(
            "output_error", "Output error", "share", "lower", True,
            "Distance of the output from exact attention's, relative to it; the range over the draws.",
        ),
        Axis(
            "row_kl", "Row divergence", "nats", "lower", True,
            "Mean divergence of a row of weights from the exact one. No number where it is infinite, as where keys "
            "that exact attention uses get nothing, or where weights may be negative.",
        ),
        Axis(
            "top_k_recall", "Top-8 recall", "share", "higher", False,
            "Share of the eight heaviest keys of a row that are among the method's own eight.",
        ),
        Axis("token_accuracy", "Token accuracy", "share", "higher", False, "Of a translator trained with the method."),
        Axis("bleu", "BLEU", "score", "higher", False, "Of texts decoded by a translator trained with the method."),
        Axis(
            "agreement_accuracy", "Agreement accuracy", "share", "higher", False,
            "Pronouns whose antecedent lies far back; half of them are right by guessing.",
        ),
        Axis(
            "generalization", "Generalization", "ratio", "higher", False,
            "Share of token accuracy left at a longer text, over the exact teacher's own share.",
        ),
    )
}  # fmt: skip
OPERATOR = ("output_error", "row_kl", "top_k_recall")
QUALITY = ("token_accuracy", "bleu", "agreement_accuracy", "generalization")


def axis(name: str) -> Axis:
    """The axis of that name, or a ValueError listing the valid names."""
    if name not in AXES:
        raise ValueError(f"tradeoff: axis must be one of {', '.join(AXES)}, got {name!r}")
    return AXES[name]


def chosen(names: Sequence[str]) -> list[Axis]:
    """Axes by name: at least one, and each of them once."""
    if not names:
        raise ValueError("tradeoff: choose at least one axis")
    if len(set(names)) < len(names):
        raise ValueError(f"tradeoff: choose each axis once, got {', '.join(names)}")
    return [axis(name) for name in names]


def amount(name: str, value: float) -> str:
    """A value of an axis in words, with its unit."""
    unit = axis(name).unit
    if not math.isfinite(value):
        return "–"
    if unit in ("s", "bytes", "FLOPs"):
        return {"s": amounts.seconds, "bytes": amounts.size, "FLOPs": amounts.flops}[unit](value)
    if unit == "share":
        return "under 0.001%" if 0 < abs(value) < LEAST_SHARE else amounts.percent(value)
    return amounts.digits(value) + {"nats": " nats", "ratio": "×"}.get(unit, "")
