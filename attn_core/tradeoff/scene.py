"""What a verdict is about: the points of one setting at one length, and the words that its sentences share."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from attn_core.amounts import digits
from attn_core.timing.row import TIMED
from attn_core.tradeoff.axes import amount
from attn_core.tradeoff.settings import Setting

if TYPE_CHECKING:
    from pandas import DataFrame

PAIR = ("time_s", "output_error")
# More names than this in one sentence are counted instead.
FEW = 3
Point = Mapping[str, Any]


@dataclass(frozen=True)
class Sentence:
    """`evidence` is what a page needs to show it: "view" (points, crossings, trust or coverage), "axes", "filter"
    (columns and their values), and "ids" of the points that it names."""

    text: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Scene:
    """The points of one setting, each choice once at each length, and the length that the verdict is about."""

    setting: Setting
    frame: DataFrame
    length: int

    @cached_property
    def here(self) -> list[dict[str, Any]]:
        """Timed points at the length, fastest first."""
        rows = [one for one in records(self.frame, self.length) if one["outcome"] in TIMED]
        timed = [one for one in rows if not math.isnan(one["time_s"])]
        return sorted(timed, key=lambda one: one["time_s"])

    @property
    def at(self) -> str:
        return f"at N = {self.length:,}"

    def evidence(
        self, view: str, axes: Sequence[str] = (), points: Sequence[Point] = (), **more: Any
    ) -> dict[str, Any]:
        wanted = {**self.setting.filter, **more}
        return {
            "view": view, "axes": list(axes), "filter": wanted, "ids": [point["id"] for point in points],
        }  # fmt: skip


def scene(setting: Setting, frame: DataFrame, lengths: Collection[int] = ()) -> Scene:
    """About the longest length, of `lengths` where something was measured at those, at which at least half as many
    choices have a time and an error as at any; where no error was measured, a time."""
    frame = frame.drop_duplicates(["label", "length"], keep="last")
    timed: Any = frame[frame["time_s"].notna()]
    both: Any = timed[timed["output_error"].notna()]
    counts = Counter((both if len(both) else timed if len(timed) else frame)["length"].tolist())
    counts = {n: count for n, count in counts.items() if n in lengths} or counts
    most = max(counts.values())
    return Scene(setting, frame, max(n for n, count in counts.items() if 2 * count >= most))


def apart(one: Point, other: Point) -> bool:
    """Whether the noise leaves no doubt that the first is faster."""
    return one["time_s_high"] < other["time_s_low"]


def ratio_words(one: Point, other: Point) -> str:
    if apart(one, other):
        return f"{digits(other['time_s'] / one['time_s'])}× as fast as"
    if apart(other, one):
        return f"{digits(one['time_s'] / other['time_s'])}× slower than"
    return "not told apart in time from"


def some(names: Sequence[str]) -> str:
    """The first few, and how many more."""
    names = list(dict.fromkeys(names))
    if len(names) > FEW + 1:
        return f"{', '.join(names[:FEW])} and {len(names) - FEW} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def count_words(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def time_words(point: Point) -> str:
    return amount("time_s", point["time_s"])


def has(frame: DataFrame, name: str) -> bool:
    return bool(np.isfinite(frame[name].to_numpy(float)).any())


def records(frame: DataFrame, length: int) -> list[dict[str, Any]]:
    """The points at a length as plain mappings."""
    there: Any = frame[frame["length"] == length]
    return [{str(k): v for k, v in row.items()} for row in there.to_dict("records")]
