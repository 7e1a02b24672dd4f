"""What Figure Z can show of a translator: how good, and how fast. One entry an axis, with its words and direction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from attn_core.amounts import digits, percent, seconds, size
from dashboard.figures import axes
from dashboard.figures.amounts import rate

PLAIN = "format(datum.value, '~g')"
RATIO = "format(datum.value, '.2~f')"


@dataclass(frozen=True)
class Metric:
    """One number of a cell. `unit` is a Vega expression for ticks, `words` the same for people; `log` where values
    are orders of magnitude apart."""

    name: str
    title: str
    unit: str
    words: Callable[[float], str]
    higher_is_better: bool
    log: bool = False

    @property
    def direction(self) -> str:
        return "higher is better" if self.higher_is_better else "lower is better"


def nats(value: float) -> str:
    return f"{digits(value)} nats"


QUALITY: Mapping[str, Metric] = {
    "token_accuracy": Metric("Token accuracy", "Token accuracy", axes.SHARE, percent, True),
    "val_ce": Metric("Validation CE", "Validation CE, nats a token", PLAIN, nats, False),
    "kl_to_teacher": Metric(
        "KL to teacher", "KL to the teacher, nats a token", PLAIN, nats, False
    ),
    "chrf": Metric("chrF", "chrF of decoded text", PLAIN, digits, True),
    "bleu": Metric("BLEU", "BLEU of decoded text", PLAIN, digits, True),
    "agreement_accuracy": Metric("Agreement", "Agreement accuracy", axes.SHARE, percent, True),
    "published_quality": Metric("As published", "CE or MSE", axes.RATE, digits, False, log=True),
}
SPEED: Mapping[str, Metric] = {
    "forward_s": Metric("Forward", "Median forward pass", axes.SECONDS, seconds, False, log=True),
    "train_forward_backward_s": Metric(
        "Training step", "Median forward and backward", axes.SECONDS, seconds, False, log=True
    ),
    "peak_bytes": Metric("Memory", "Peak memory of one call", axes.BYTES, size, False, log=True),
    "decode_tokens_per_s": Metric("Decoding", "Decoded tokens/s", axes.RATE, rate, True, log=True),
}
GENERALIZATION = "generalization"
# The published recipe's own measure: of the teacher a cross-entropy, of students a squared error.
PUBLISHED = "published_quality"
METRICS: Mapping[str, Metric] = {**QUALITY, **SPEED}


def words(metric: str, value: float) -> str:
    """A cell's value with its unit; a ratio has none."""
    return METRICS[metric].words(value) if metric in METRICS else digits(value)
