"""Whether the machine is still what it was: a point that is timed again beside others tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from attn_core.timing.row import TIMED, Row

# Medians of few samples differ by this now and then.
USUAL = 1.5


@dataclass(frozen=True)
class Drift:
    """The second time of a point over its first; 1 where there is nothing to compare."""

    label: str = ""
    ratio: float = 1.0

    @classmethod
    def of(cls, first: Row, second: Row) -> Drift:
        if second["outcome"] not in TIMED:
            return cls()
        return cls(first["label"], second["median_s"] / first["median_s"])

    @property
    def size(self) -> float:
        return max(self.ratio, 1 / self.ratio)

    @property
    def far(self) -> bool:
        return self.size > USUAL

    def said(self, row: Row) -> dict[str, Any]:
        """The row as it is, or as one that cannot be held against those of before."""
        if not self.far or row["outcome"] not in TIMED:
            return row
        sentence = f"beside it {self.label} took {self.ratio:.2g} times as long as before: the machine was not the same"
        message = f"{row['message']}; {sentence}" if row["message"] else sentence
        return {**row, "outcome": "unstable", "message": message}
