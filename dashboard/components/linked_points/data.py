"""What linked views draw: points as columns, and what their quantities and groups look like. It knows no study."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

MOST_POINTS = 20_000
UNITS = ("s", "bytes", "FLOPs", "share", "%", "×", "score", "nats", "")
STATUSES = ("", "front", "undecided", "dominated", "older")
REQUIRED = ("id", "label", "group")


@dataclass(frozen=True)
class Quantity:
    """One number of every point: a column `name`, where known its interval `<name>_low` and `<name>_high`, and where
    there is something to be said of it a word in `<name>_remark`."""

    name: str
    title: str
    unit: str = ""
    better: Literal["lower", "higher"] = "lower"
    log: bool = False


@dataclass(frozen=True)
class Group:
    """Points of one colour and marker: a name as it stands in the column `group`."""

    name: str
    title: str
    light: str
    dark: str
    shape: str = "circle"


@dataclass(frozen=True, eq=False)
class LinkedData:
    """A row of `points` is a point: `id` (unique), `label`, `group`, and a column for each quantity that was measured.

    Optional columns: `line` joins points of equal text by a line in order of `order`; `facet` is the small picture that
    a point belongs to, one of `facets`; each of `texts`, column to title, is told of a point and stands in the table.
    """

    points: pd.DataFrame
    quantities: Sequence[Quantity]
    groups: Sequence[Group]
    facets: Sequence[str] = ()
    texts: dict[str, str] = field(default_factory=dict)
    facet_title: str = "Length"

    def __post_init__(self) -> None:
        missing = [name for name in REQUIRED if name not in self.points]
        if missing:
            raise ValueError(
                f"points lack the column {missing[0]!r}; {', '.join(REQUIRED)} are needed"
            )
        if len(self.points) > MOST_POINTS:
            raise ValueError(
                f"{len(self.points):,} points are too many; at most {MOST_POINTS:,} are drawn"
            )
        twice = [one for one, times in Counter(self.points["id"]).items() if times > 1]
        if twice:
            raise ValueError(f"the id {twice[0]!r} stands for two points; ids must differ")
        unknown = set(self.points["group"]) - {group.name for group in self.groups}
        if unknown:
            raise ValueError(
                f"{sorted(map(str, unknown))[0]!r} is none of the groups that are described"
            )
        for quantity in self.quantities:
            if quantity.unit not in UNITS:
                raise ValueError(f"the unit {quantity.unit!r} is none of {', '.join(UNITS)}")

    @cached_property
    def table(self) -> pa.Table:
        """The points as the browser takes them: numbers in single precision, texts by number. Made once."""
        rows = self.points
        names = [group.name for group in self.groups]
        columns = {
            "id": pa.array(rows["id"].astype(str), pa.string()),
            "label": _texts(rows["label"]),
            "group": _codes(rows["group"], names),
            "line": _codes(rows["line"]) if "line" in rows else _none(len(rows)),
            "facet": _codes(rows["facet"].astype(str), list(self.facets))
            if "facet" in rows
            else _none(len(rows)),
            "order": _numbers(rows["order"])
            if "order" in rows
            else np.zeros(len(rows), np.float32),
        }
        for at, quantity in enumerate(self.quantities):
            if quantity.name not in rows:
                columns[f"q{at}"] = np.full(len(rows), np.nan, np.float32)
                continue
            value = columns[f"q{at}"] = _numbers(rows[quantity.name])
            if f"{quantity.name}_remark" in rows:
                columns[f"q{at}_remark"] = _texts(rows[f"{quantity.name}_remark"])
            for end in ("low", "high"):
                if f"{quantity.name}_{end}" not in rows:
                    continue
                found = _numbers(rows[f"{quantity.name}_{end}"])
                if not np.array_equal(found, value, equal_nan=True):  # else it says nothing new
                    columns[f"q{at}_{end}"] = found
        for at, column in enumerate(self.texts):
            columns[f"t{at}"] = _texts(rows[column])
        return pa.table(columns)

    @cached_property
    def version(self) -> str:
        """Differs where the table does: the browser reads the columns anew only then."""
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self.table.schema) as writer:
            writer.write_table(self.table)
        return _digest(sink.getvalue().to_pybytes())

    def index_of(self, name: str) -> int:
        names = [quantity.name for quantity in self.quantities]
        if name not in names:
            raise ValueError(
                f"{name!r} is no quantity of these points; there are {', '.join(names)}"
            )
        return names.index(name)

    def statuses(self, status: Sequence[str]) -> tuple[pa.Table, str]:
        """Each point's place against the front, and what differs where it does; `unmeasured` is as good as none."""
        if len(status) != len(self.points):
            raise ValueError(f"{len(status):,} statuses do not fit {len(self.points):,} points")
        codes = {name: code for code, name in enumerate(STATUSES)} | {"unmeasured": 0}
        unknown = set(status) - set(codes)
        if unknown:
            raise ValueError(
                f"the status {sorted(map(str, unknown))[0]!r} is none of {', '.join(codes)}"
            )
        coded = np.array([codes[one] for one in status], np.uint8)
        return pa.table({"status": coded}), _digest(coded.tobytes())


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=12).hexdigest()


def _numbers(column: Iterable[Any]) -> np.ndarray:
    """Infinite ones have no place on an axis: they are as good as not measured."""
    values = np.array(pd.to_numeric(pd.Series(list(column)), errors="coerce"), np.float64)
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
    return np.where(np.isfinite(single), single, np.float32(np.nan))


def _codes(column: Iterable[Any], names: list[str] | None = None) -> np.ndarray:
    """A number for each text; −1 for none. Without `names` equal texts only get equal numbers."""
    if names is None:
        return np.asarray(pd.factorize(np.array(list(column), dtype=object))[0], np.int32)
    return np.asarray(pd.Index(names, dtype=object).get_indexer(list(column)), np.int32)


def _texts(column: Iterable[Any]) -> pa.Array:
    return pa.array(["" if one is None or one != one else str(one) for one in column], pa.string())


def _none(many: int) -> np.ndarray:
    return np.full(many, -1, np.int32)
