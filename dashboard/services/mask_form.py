"""What the Masks page's boxes hold: which patterns there are, and what would take too long. No
streamlit here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attn_core import AttentionMethod
from attn_core.sources import LONGEST, Source
from dashboard.services.shown import Given, with_parameters
from dashboard.services.validation import Bounds

PATTERNS = ("longformer", "sparse_transformer", "bigbird", "multiscale", "reformer", "softmax")
SLOTS = "ABCD"
TABS = ("Pairs and cost", "Receptive field", "Lost mass", "Pinned pair")
FIRST = {"A": "longformer", "B": "sparse_transformer", "C": "reformer", "D": "bigbird"}
# Where there are no buckets to be had.
BY_RULE = FIRST | {"C": "multiscale"}
LENGTH = Bounds("N", 0, 1, LONGEST)
PADDING = Bounds("padding", 0, 0, LONGEST - 1)
PLACE = Bounds("a token", 0, 0, LONGEST - 1)
CAUSAL = ("as the source", "causal", "both ways")
# Runs of keys held for all rows, and pairs visited: both beyond a few seconds and a few hundred MiB.
MOST_RUNS, MOST_VISITS = 2**23, 2**27


@dataclass(frozen=True)
class Layout:
    """N tokens, of which the last `padding` are padding."""

    length: int
    padding: int
    causal: bool

    @property
    def words(self) -> str:
        return f"N = {self.length:,}, padding {self.padding:,}" + (
            ", causal" if self.causal else ""
        )

    def __post_init__(self) -> None:
        LENGTH.check(self.length)
        PADDING.check(self.padding)
        if self.padding >= self.length:
            raise ValueError(
                f"Padding must leave a token: at most {self.length - 1:,} of N = {self.length:,}, "
                f"got {self.padding:,}."
            )

    @property
    def tokens(self) -> int:
        return self.length - self.padding


@dataclass(frozen=True)
class Choice:
    """One of the patterns side by side."""

    label: str
    method: AttentionMethod
    params: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.label} · {title(self.method)}"

    @property
    def given(self) -> Given:
        return self.method, self.params

    @property
    def words(self) -> str:
        return f"{self.label} · {with_parameters(*self.given)}"

    @property
    def key(self) -> tuple[Any, ...]:
        return self.method.name, *sorted(self.params.items())


def beyond(source: Source, layout: Layout) -> bool:
    """Whether the patterns have tokens that the source has not."""
    return layout.length > min(source.queries, source.keys)


def no_buckets(source: Source, layout: Layout) -> str:
    """Why the reformer's pattern, which hashes the source's own tokens, cannot be had; empty if it can."""
    if source.spec.role == "cross":
        return "it hashes queries that are keys too, and cross-attention's are not"
    if (source.queries, source.keys) != (layout.length, layout.length):
        return (
            f"its buckets are those of the chosen source's {source.queries:,} tokens, and no rule gives them for "
            f"{layout.length:,}"
        )
    return ""


def title(method: AttentionMethod) -> str:
    return "Exact (no pattern)" if method.family == "exact" else method.short_title


def check_work(choice: Choice, layout: Layout) -> None:
    """A ValueError says what to lower where a pattern would take too long to take apart."""
    name, given, length = choice.method.name, choice.params, layout.length
    if name == "bigbird":
        columns = given["global_blocks"] + given["window"] + given["random"]
        columns = min(columns, -(-length // given["block"]))
        if columns * length > MOST_RUNS:
            raise ValueError(
                f"bigbird: {columns:,} blocks a row at N = {length:,} are more than this page holds "
                f"({MOST_RUNS // length:,}); lower random, window or global_blocks"
            )
    if name == "reformer":
        visits = 2 * min(given["bucket"], length) * given["rounds"] * length
        if visits > MOST_VISITS:
            raise ValueError(
                f"reformer: its chunks and rounds visit {visits:,} pairs, more than this page counts "
                f"({MOST_VISITS:,}); lower bucket or rounds"
            )
