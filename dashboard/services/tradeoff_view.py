"""What is shown of the points: which of them, by which quantities, and where each stands against the front."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from attn_core.naming import called
from attn_core.tradeoff.axes import AXES, OPERATOR, QUALITY, Axis
from attn_core.tradeoff.front import front_of
from attn_core.tradeoff.hypervolume import by_method
from attn_core.tradeoff.published import beside
from attn_core.tradeoff.scene import usual_length
from dashboard.figures.frames import column, records, where
from dashboard.services.kept import kept_with_first
from dashboard.services.tradeoffs import Everything, Setting, titles
from dashboard.services.wording import listed

# As many as the linked views take.
MOST = 20_000
# Where a point stands of which a newer run has the same choice.
OLDER = "older"
FIRST_X, FIRST_Y = "time_s", ("output_error", "token_accuracy", "memory_bytes")


@dataclass(frozen=True, eq=False)
class Part:
    """Points of one setting at some lengths, by whatever they are drawn; with `older` those too of which a newer run
    has the same choice. Two are the same only if they are one."""

    everything: Everything
    setting: Setting
    lengths: tuple[int, ...]
    older: bool = False

    @cached_property
    def whole(self) -> pd.DataFrame:
        """All points of the setting, those of other lengths and those that failed too."""
        return self.everything.of(self.setting)

    @cached_property
    def newest(self) -> pd.DataFrame:
        """Each choice once at each length: what is held against each other."""
        return where(self.whole, ~column(self.whole, "older"))

    @cached_property
    def table(self) -> pd.DataFrame:
        """Of more than can be drawn the newest."""
        return self._drawn.tail(MOST).reset_index(drop=True)

    @cached_property
    def axes(self) -> tuple[str, ...]:
        """Those that any drawn point has."""
        return tuple(measured_axes(self.table))

    @property
    def left_out(self) -> int:
        return max(0, len(self._drawn) - MOST)

    @cached_property
    def measured_again(self) -> int:
        """How many points at these lengths are older ones of a choice."""
        return int(column(self.here, "older").sum())

    @cached_property
    def here(self) -> pd.DataFrame:
        """All points at these lengths, drawn or not."""
        return where(self.whole, column(self.whole, "length").isin(list(self.lengths)))

    @cached_property
    def _drawn(self) -> pd.DataFrame:
        return self.here if self.older else where(self.here, ~column(self.here, "older"))


@dataclass(frozen=True, eq=False)
class Shown:
    """A part of the points by two quantities. `labels` say where each stands against the front."""

    part: Part
    x: Axis
    y: Axis

    @property
    def everything(self) -> Everything:
        return self.part.everything

    @property
    def setting(self) -> Setting:
        return self.part.setting

    @property
    def lengths(self) -> tuple[int, ...]:
        return self.part.lengths

    @property
    def whole(self) -> pd.DataFrame:
        return self.part.whole

    @property
    def newest(self) -> pd.DataFrame:
        return self.part.newest

    @property
    def table(self) -> pd.DataFrame:
        return self.part.table

    @cached_property
    def labels(self) -> np.ndarray:
        """Older points of a choice are held against nothing."""
        older = column(self.table, "older").to_numpy()
        both = column(self.table, self.x.name).notna() & column(self.table, self.y.name).notna()
        found = np.where(both, OLDER, "unmeasured").astype(object)
        found[~older] = front_of(where(self.table, ~older), [self.x.name, self.y.name])
        return found

    @cached_property
    def drawn(self) -> int:
        return int((self.labels != "unmeasured").sum())

    @cached_property
    def shares(self) -> dict[int, dict[str, float]]:
        """By length: what each method's points reach of what all reach together."""
        return {
            length: by_method(
                where(self.table, (self.table["length"] == length) & ~self.table["older"]),
                [self.x.name, self.y.name],
            )
            for length in self.lengths
        }


@kept_with_first(8)
def _part(everything: Everything, setting: Setting, lengths: tuple[int, ...], older: bool) -> Part:
    return Part(everything, setting, lengths, older)


@kept_with_first()
def shown(
    everything: Everything,
    setting: Setting,
    lengths: tuple[int, ...],
    x: str,
    y: str,
    older: bool = False,
) -> Shown:
    """Kept, so that a page that only picks a point finds nothing out again."""
    return Shown(_part(everything, setting, lengths, older), AXES[x], AXES[y])


def measured_axes(table: pd.DataFrame) -> list[str]:
    """The axes that any point has, in the order in which they are offered."""
    return [name for name in AXES if bool(column(table, name).notna().any())]


def first_axes(table: pd.DataFrame) -> tuple[str, str]:
    """Time against error where both are known, else against what most points have: few have a trained model."""
    known = measured_axes(table)
    x = FIRST_X if FIRST_X in known else next(iter(known), FIRST_X)
    offered = [name for name in FIRST_Y if name in known and name != x] or [FIRST_Y[0]]
    if offered[0] == FIRST_Y[0]:
        return x, offered[0]
    there = column(table, x).notna()
    return x, max(offered, key=lambda name: int((there & column(table, name).notna()).sum()))


def first_lengths(table: pd.DataFrame, x: str, y: str) -> list[int]:
    """That of the verdict, where these two are drawn."""
    return [usual_length(table, (x, y))] if len(table) else []


@dataclass(frozen=True)
class Offered:
    """What can be chosen of a setting's points: quantities, lengths, and which two quantities are drawn first."""

    axes: tuple[str, ...]
    lengths: tuple[int, ...]
    first: tuple[str, str]


@kept_with_first()
def offered(everything: Everything, setting: Setting) -> Offered:
    table = everything.of(setting)
    return Offered(tuple(measured_axes(table)), tuple(lengths_of(table)), first_axes(table))


@kept_with_first()
def usual_lengths(everything: Everything, setting: Setting, x: str, y: str) -> list[int]:
    return first_lengths(everything.of(setting), x, y)


def point(shown: Shown, point_id: str | None) -> dict[str, Any] | None:
    """The point of that id, if it is at these lengths; an older one of a choice too."""
    found = where(shown.part.here, shown.part.here["id"] == point_id)
    return records(found)[0] if len(found) else None


def undrawn(shown: Shown, point_id: str | None) -> str:
    """Where the point of that id is, if it is known and not at what is drawn; else nothing."""
    found = where(shown.everything.table, shown.everything.table["id"] == point_id)
    if not len(found) or point(shown, point_id) is not None:
        return ""
    one = records(found.head(1), "label", "length")[0]
    name = f"{called(one['label'])} at N = {one['length']:,}"
    home = shown.everything.home_of(point_id)
    if home == shown.setting:
        return f"The chosen point, {name}, is at none of the lengths that are drawn."
    title = titles(shown.everything.settings)[home.id]
    return f"The chosen point, {name}, is of another setting: {title}."


@kept_with_first()
def coverage(part: Part) -> pd.DataFrame:
    """Of every length, drawn or not: how many choices were tried, and of how many each quantity is known."""
    lines = []
    for length in lengths_of(part.newest):
        there = where(part.newest, part.newest["length"] == length)
        lines.append(
            {
                "N": f"{length:,}",
                "Tried": len(there),
                "Time": _known(there, "time_s"),
                "of it unsteady": [*there["outcome"]].count("unstable"),
                "Memory": _known(there, "memory_bytes"),
                "Error": _known(there, *OPERATOR),
                "Quality": _known(there, *QUALITY),
            }
        )
    return pd.DataFrame(lines)


def _known(table: pd.DataFrame, *names: str) -> int:
    """How many points have any of these."""
    return int(np.isfinite(table[[*names]].to_numpy(float)).any(axis=1).sum())


@kept_with_first()
def beside_published(everything: Everything, setting: Setting) -> pd.DataFrame:
    """What counts, over softmax of its own run: also where that has been measured again."""
    whole = everything.of(setting)
    found, newest = beside(whole), where(whole, ~column(whole, "older"))
    return where(found, found["id"].isin(newest["id"]))


COLUMNS = {"time": "time_s", "memory": "memory_bytes"}


@kept_with_first()
def without_mark(everything: Everything, setting: Setting, quantity: str) -> str:
    """How many measured costs have nothing to be divided by, and where; "" where all have."""
    whole = everything.of(setting)
    cost = column(whole, COLUMNS[quantity]).notna() & (whole["label"] != "softmax")
    table = beside_published(everything, setting)
    drawn = list(where(table, table["quantity"] == quantity)["id"])
    lost = where(whole, cost & ~column(whole, "older") & ~whole["id"].isin(drawn))
    if not len(lost):
        return ""
    at = listed([f"{n:,}" for n in lengths_of(lost)])
    have = "point has" if len(lost) == 1 else "points have"
    return (
        f"{len(lost)} measured {have} no mark: {called('softmax')} has no {quantity} at N = {at}."
    )


def lengths_of(table: pd.DataFrame) -> Sequence[int]:
    return sorted(int(one) for one in set(table["length"]))
