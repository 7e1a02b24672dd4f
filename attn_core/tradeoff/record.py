"""Rows of a table as plain mappings, without the columns that nobody reads.

A sentence or a budget reads a few of sixty columns, of thousands of points: each column is converted when the first
row is asked for it, and then for all rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from pandas import DataFrame


class Record(Mapping[str, Any]):
    """One row, which shares its columns with the other rows."""

    __slots__ = ("_columns", "_place")

    def __init__(self, columns: _Columns, place: int) -> None:
        self._columns, self._place = columns, place

    def __getitem__(self, name: str) -> Any:
        return self._columns[name][self._place]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns.names)

    def __len__(self) -> int:
        return len(self._columns.names)

    def __repr__(self) -> str:
        return repr(dict(self))


def records_of(frame: DataFrame, places: Sequence[int] | np.ndarray) -> list[Record]:
    """A mapping for each of the rows at these places, equal to those of `frame.iloc[places].to_dict("records")`. The
    table must not be changed afterwards."""
    columns = _Columns(frame, places)
    return [Record(columns, at) for at in range(len(places))]


class _Columns(dict[str, list[Any]]):
    """Columns by name, as lists of Python's own values, each from when it was first asked for."""

    def __init__(self, frame: DataFrame, places: Sequence[int] | np.ndarray) -> None:
        super().__init__()
        self._frame, self._places = frame, places
        self.names = [str(name) for name in frame.columns]

    def __missing__(self, name: str) -> list[Any]:
        column: Any = self._frame[name].iloc[self._places]
        # Only among objects may numbers of numpy lie, which pandas makes Python's one by one.
        values = (
            column.tolist() if column.dtype != object else column.to_frame().to_dict("list")[name]
        )
        self[name] = values
        return values
