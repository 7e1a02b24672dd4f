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
from attn_core.tradeoff.newest import newest
from attn_core.tradeoff.record import records_of
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
    """The points of one setting, each choice once at each length, the length that the verdict is about, and there the
    exact methods of every run."""

    setting: Setting
    frame: DataFrame
    length: int
    exact: Sequence[Point] = ()

    @cached_property
    def here(self) -> list[Point]:
        """Timed points at the length, fastest first."""
        rows = [one for one in records(self.frame, self.length) if one["outcome"] in TIMED]
        timed = [one for one in rows if not math.isnan(one["time_s"])]
        return sorted(timed, key=lambda one: one["time_s"])

    def beside(self, point: Point, *names: str) -> Point | None:
        """The exact method that a time is held against, the first of these names that there is: of the same run, whose
        state of the machine they share, else the newest."""
        for name in names:
            known = [one for one in self.exact if one["label"] == name]
            own = [one for one in known if one["run_id"] == point["run_id"]]
            if known:
                return (own or known)[-1]
        return None

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
    """Each choice as it was measured last, where one run knows as much as another; about the usual length, of `lengths`
    where something was measured there."""
    exact: Any = frame[frame["exact"] & frame["time_s"].notna()]
    timed: Any = frame[frame["time_s"].notna()]
    both = bool(timed["output_error"].notna().any())
    names = PAIR if both else PAIR[:1] if len(timed) else ()
    length = usual_length(frame, names, lengths)
    return Scene(setting, newest(frame), length, tuple(records(exact, length)))


def usual_length(frame: DataFrame, names: Sequence[str], lengths: Collection[int] = ()) -> int:
    """The longest length, of `lengths` where there are any, at which at least half as many choices as at any have the
    quantities of these names: in the newest run, if that has more than one choice, else in all."""
    known: Any = frame[frame[list(names)].notna().all(axis=1)]
    known = known if len(known) else frame
    asked = known[known["length"].isin(list(lengths))]
    known = asked if len(asked) else known
    newest = known[known["run_id"] == known["run_id"].iloc[-1]]
    known = newest if newest["label"].nunique() > 1 else known
    counts = Counter(known.drop_duplicates(["label", "length"])["length"].tolist())
    return max(n for n, count in counts.items() if 2 * count >= max(counts.values()))


def apart(one: Point, other: Point) -> bool:
    """Whether the noise leaves no doubt that the first is faster."""
    return one["time_s_high"] < other["time_s_low"]


def ratio_words(one: Point, other: Point) -> str:
    """How often the one's time goes into the other's, as far as the intervals of both tell."""
    if apart(one, other):
        return f"{_times(other, one)} as fast as"
    if apart(other, one):
        return f"{_times(one, other)} slower than"
    return "not told apart in time from"


def _times(more: Point, less: Point) -> str:
    """Between the far ends of both intervals, unless these are written alike."""
    low, high = (
        digits(more[f"time_s{one}"] / less[f"time_s{other}"])
        for one, other in (("_low", "_high"), ("_high", "_low"))
    )
    return f"{low}×" if low == high else f"{low} to {high}×"


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


def records(frame: DataFrame, length: int) -> Sequence[Point]:
    """The points at a length as plain mappings."""
    return records_of(frame, np.flatnonzero(frame["length"] == length))
