"""How much a set of points achieves in all axes together: the volume between its front and a reference point."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from attn_core.tradeoff.axes import Better, chosen
from attn_core.tradeoff.front import nondominated, oriented

if TYPE_CHECKING:
    from pandas import DataFrame

# So far beyond the worst point lies the reference, as a share of the range: the outermost points count too.
MARGIN = 0.1


def hypervolume(values: np.ndarray, better: Sequence[Better], reference: Sequence[float]) -> float:
    """Of two or three axes. Rows with NaN, or not better than the reference in every axis, add nothing."""
    if len(better) not in (2, 3):
        raise ValueError(f"hypervolume: needs two or three axes, got {len(better)}")
    if len(reference) != len(better):
        raise ValueError(
            f"hypervolume: reference must have {len(better)} numbers, got {len(reference)}"
        )
    values = np.asarray(values, dtype=float).reshape(-1, len(better))
    depth = oriented(np.asarray(reference, dtype=float), better) - oriented(values, better)
    depth = depth[(depth > 0).all(axis=1)]
    deepest: list[Better] = ["higher"] * len(better)
    depth = depth[nondominated(depth, deepest)]
    if len(better) == 2:
        return _area(depth)
    return _volume(depth)


def by_method(
    frame: DataFrame, names: Sequence[str], reference: Sequence[float] | None = None
) -> dict[str, float]:
    """The share that each method's points reach of what all points reach together, largest first. Axes that span
    decades count by their logarithm. Give it points of one machine, setting and length."""
    axes = chosen(names)
    values = scaled(frame, names)
    known = np.isfinite(values).all(axis=1)
    better: list[Better] = [one.better for one in axes]
    if not known.any():
        return {}
    values, methods = values[known], frame["method"].to_numpy()[known]
    corner = worst(values, better) if reference is None else np.asarray(reference, dtype=float)
    together = hypervolume(values, better, corner.tolist())
    shares = {
        str(method): hypervolume(values[methods == method], better, corner.tolist())
        / (together or 1.0)
        for method in dict.fromkeys(methods)
    }
    return dict(sorted(shares.items(), key=lambda pair: -pair[1]))


def scaled(frame: DataFrame, names: Sequence[str]) -> np.ndarray:
    """(points, axes): decades of the axes that span them, the others as they are. What is exactly 0 stands a decade
    below the least that is not."""
    columns = []
    for one in chosen(names):
        column = frame[one.name].to_numpy(float)
        if one.log:
            positive = column[column > 0]
            least = positive.min() / 10 if len(positive) else 1.0
            column = np.log10(np.where(column > 0, column, np.where(column == 0, least, np.nan)))
        columns.append(column)
    return np.column_stack(columns)


def worst(values: np.ndarray, better: Sequence[Better]) -> np.ndarray:
    """A reference that every point is better than."""
    least, most = values.min(axis=0), values.max(axis=0)
    room = np.where(most > least, (most - least) * MARGIN, 1.0)
    return np.where([one == "lower" for one in better], most + room, least - room)


def _area(depth: np.ndarray) -> float:
    """Of a front in the plane: strips from the deepest in the first axis to the shallowest."""
    depth = depth[np.argsort(-depth[:, 0])]
    below = np.concatenate([[0.0], np.maximum.accumulate(depth[:, 1])])
    return float(depth[:, 0] @ np.diff(below))


def _volume(depth: np.ndarray) -> float:
    """Slices along the third axis, deepest first; the staircase of what was met so far grows from slice to slice."""
    depth = depth[np.argsort(-depth[:, 2], kind="stable")]
    stairs: list[tuple[float, float]] = []
    area = volume = 0.0
    for place, (first, second, third) in enumerate(depth.tolist()):
        area += _step(stairs, first, second)
        after = depth[place + 1, 2] if place + 1 < len(depth) else 0.0
        volume += area * (third - after)
    return float(volume)


def _step(stairs: list[tuple[float, float]], first: float, second: float) -> float:
    """Adds a point to a staircase (first rising, second falling); the area that it adds."""
    place = bisect_left(stairs, (first, second))
    # What is at least as deep in the first axis bounds the new point from above.
    floor = stairs[place][1] if place < len(stairs) else 0.0
    if floor >= second:
        return 0.0
    added, right, base = 0.0, first, floor
    while place and stairs[place - 1][1] <= second:
        left, height = stairs.pop(place - 1)
        place -= 1
        added += (right - left) * (second - base)
        right, base = left, height
    left = stairs[place - 1][0] if place else 0.0
    added += (right - left) * (second - base)
    insort(stairs, (first, second))
    return added
