"""What points must share to be compared: a machine, and what was asked of it. Nothing of two settings is ever mixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attn_core.tradeoff.front import SETTING

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True)
class Setting:
    """`values` in the order of `SETTING`; `machine` is the environment's line."""

    values: tuple[Any, ...]
    machine: str

    @property
    def filter(self) -> dict[str, Any]:
        """Columns and values that pick its points."""
        return dict(zip(SETTING, self.values, strict=True))

    @property
    def work(self) -> str:
        """What was measured, without the machine."""
        one = self.filter
        what = "whole model" if one["role"] == "model" else one["role"]
        return (
            f"{one['pass']}, {what}, batch {one['batch']}, {one['heads']} × {one['head_dim']}, "
            f"{one['dtype']} on {one['device']}"
        )

    @property
    def title(self) -> str:
        return f"{self.machine} · {self.work}"


def settings(frame: DataFrame) -> list[tuple[Setting, DataFrame]]:
    """Each with its points, the one with most of them first."""
    if not len(frame):
        return []
    parts = frame.groupby(list(SETTING), sort=False, dropna=False)
    found = [(Setting(tuple(key), str(part["machine"].iloc[0])), part) for key, part in parts]  # pyright: ignore[reportArgumentType]
    return sorted(found, key=lambda pair: -len(pair[1]))


def one_setting(frame: DataFrame, owner: str) -> Setting | None:
    """The setting of all points, None of no points; a ValueError where there are several."""
    found = settings(frame)
    if len(found) > 1:
        titles = "; ".join(setting.title for setting, _ in found[:4])
        raise ValueError(f"{owner}: choose points of one setting, got {len(found)}: {titles}")
    return found[0][0] if found else None
