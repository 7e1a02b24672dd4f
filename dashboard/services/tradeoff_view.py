"""What is shown of the points: which of them, by which quantities, and where each stands against the front."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from attn_core.tradeoff.axes import AXES, Axis
from attn_core.tradeoff.front import front_of
from attn_core.tradeoff.hypervolume import by_method
from attn_core.tradeoff.scene import usual_length
from dashboard.figures.frames import column, records, where
from dashboard.services.tradeoffs import Everything, Setting

# As many as the linked views take.
MOST = 20_000
FIRST_X, FIRST_Y = "time_s", ("output_error", "token_accuracy", "memory_bytes")


@dataclass(frozen=True, eq=False)
class Part:
    """Points of one setting at some lengths, by whatever they are drawn. Two are the same only if they are one."""

    everything: Everything
    setting: Setting
    lengths: tuple[int, ...]

    @cached_property
    def whole(self) -> pd.DataFrame:
        """All points of the setting, those of other lengths and those that failed too."""
        return self.everything.of(self.setting)

    @cached_property
    def table(self) -> pd.DataFrame:
        """Of more than can be drawn the newest."""
        return where(self.whole, self._inside).tail(MOST).reset_index(drop=True)

    @cached_property
    def left_out(self) -> int:
        return max(0, int(self._inside.sum()) - MOST)

    @property
    def _inside(self) -> pd.Series:
        return column(self.whole, "length").isin(list(self.lengths))


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
    def table(self) -> pd.DataFrame:
        return self.part.table

    @cached_property
    def labels(self) -> np.ndarray:
        return front_of(self.table, [self.x.name, self.y.name])

    @cached_property
    def drawn(self) -> int:
        return int((self.labels != "unmeasured").sum())

    @cached_property
    def shares(self) -> dict[int, dict[str, float]]:
        """By length: what each method's points reach of what all reach together."""
        return {
            length: by_method(
                where(self.table, self.table["length"] == length), [self.x.name, self.y.name]
            )
            for length in self.lengths
        }


_part = lru_cache(maxsize=8)(Part)


@lru_cache(maxsize=16)
def shown(
    everything: Everything, setting: Setting, lengths: tuple[int, ...], x: str, y: str
) -> Shown:
    """Kept, so that a page that only picks a point finds nothing out again."""
    return Shown(_part(everything, setting, lengths), AXES[x], AXES[y])


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


def point(shown: Shown, point_id: str | None) -> dict[str, Any] | None:
    """The point of that id, if it is one of these."""
    found = where(shown.table, shown.table["id"] == point_id)
    return records(found)[0] if len(found) else None


def lengths_of(table: pd.DataFrame) -> Sequence[int]:
    return sorted(int(one) for one in set(table["length"]))
