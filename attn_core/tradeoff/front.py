"""The Pareto front under noise: which points nothing beats, which something beats, and which the noise leaves open.

A point beats another if it is at least as good in every axis and better in one. Measured values have intervals, so
each point is a box. It is dominated for sure if another box beats it with its worst corner against this one's best;
on the front for sure if no other box could beat it with its best corner against this one's worst; else undecided.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from attn_core.tradeoff.axes import OPERATOR, Better, chosen

if TYPE_CHECKING:
    from pandas import DataFrame

Label = Literal["front", "dominated", "undecided", "unmeasured"]
# Points compare only where all of this is the same: a time of another machine or length beats nothing.
SETTING = ("environment_id", "device", "dtype", "role", "pass", "batch", "heads", "head_dim")
WITHIN = (*SETTING, "length", "keys")
# Pairs compared at a time beyond two axes.
PAIRS = 4_000_000
# Infinities of both signs have no sum.
FAR = 1e300


def front(
    values: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    better: Sequence[Better],
    same: np.ndarray | None = None,
) -> np.ndarray:
    """A label for each of the (n, d) rows. Rows with an equal entry in `same` are the same choice measured again:
    they do not beat each other. A missing end of an interval is the value itself."""
    values = _checked(values, better)
    low, high = (_ends(bound, values) for bound in (low, high))
    low, high = np.fmin(low, values), np.fmax(high, values)
    best, worst = oriented(low, better), oriented(high, better)
    best, worst = np.minimum(best, worst), np.maximum(best, worst)
    labels = np.full(len(values), "unmeasured", dtype=object)
    known = ~np.isnan(values).any(axis=1)
    groups = np.arange(len(values)) if same is None else np.unique(same, return_inverse=True)[1]
    best, worst, groups = best[known], worst[known], groups[known]
    sure, possible = beaten(worst, best, groups), beaten(best, worst, groups)
    labels[known] = np.where(sure, "dominated", np.where(possible, "undecided", "front"))
    return labels


def front_of(frame: DataFrame, names: Sequence[str], within: Sequence[str] = WITHIN) -> np.ndarray:
    """A label for each point of a table, each held against those of its own machine, setting and length. Among exact
    methods errors are of rounding alone, and none of them beats another by that."""
    axes = chosen(names)
    labels = np.full(len(frame), "unmeasured", dtype=object)
    if not len(frame):
        return labels
    values, low, high = (
        frame[[f"{one.name}{end}" for one in axes]].to_numpy(float, copy=True)
        for end in ("", "_low", "_high")
    )
    same, exact = frame["label"].to_numpy(), frame["exact"].to_numpy(bool)
    errors = [at for at, one in enumerate(axes) if one.name in OPERATOR]
    for places in frame.groupby(list(within), sort=False, dropna=False).indices.values():
        for at in errors:
            _level((values, low, high), places[exact[places]], at, axes[at].better)
        labels[places] = front(
            values[places], low[places], high[places], [one.better for one in axes], same[places]
        )
    return labels


def _level(ends: Sequence[np.ndarray], rows: np.ndarray, at: int, better: Better) -> None:
    """All of these rows have, without an interval, the best value of any of them."""
    values = ends[0][rows, at]
    known = rows[~np.isnan(values)]
    if len(known):
        best = np.nanmin(values) if better == "lower" else np.nanmax(values)
        for end in ends:
            end[known, at] = best


def nondominated(values: np.ndarray, better: Sequence[Better]) -> np.ndarray:
    """Which rows no other beats, the values taken as they are; equal rows stay together, and NaN takes no part."""
    values = oriented(_checked(values, better), better)
    known = ~np.isnan(values).any(axis=1)
    mask = np.zeros(len(values), dtype=bool)
    mask[known] = ~beaten(values[known], values[known], np.arange(int(known.sum())))
    return mask


def oriented(values: np.ndarray, better: Sequence[Better]) -> np.ndarray:
    """The values with signs such that less is better."""
    return values * np.array([1.0 if one == "lower" else -1.0 for one in better])


def beaten(rivals: np.ndarray, targets: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """For each target whether a rival of another group is ≤ it in all axes and < in one. Row i of both is one point."""
    if not len(targets):
        return np.zeros(0, dtype=bool)
    if targets.shape[1] == 1:
        rivals, targets = (np.column_stack([one, np.zeros(len(one))]) for one in (rivals, targets))
    if targets.shape[1] == 2:
        return _beaten_in_plane(rivals, targets, groups)
    return _beaten_anywhere(rivals, targets, groups)


def _beaten_in_plane(rivals: np.ndarray, targets: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Sorted along the first axis, a target's rivals are a prefix, whose least second coordinate decides."""
    order = np.argsort(rivals[:, 0], kind="stable")
    along = rivals[order, 0]
    least, owner, other = _least_of_two_groups(rivals[order, 1], groups[order])
    found = np.zeros(len(targets), dtype=bool)
    for side in ("left", "right"):
        # Before the target in the first axis a tie in the second is enough; beside it, it is not.
        count = np.searchsorted(along, targets[:, 0], side=side)
        # NaN, where there is no rival, beats nothing.
        rival = np.where(owner[count] == groups, other[count], least[count])
        found |= rival <= targets[:, 1] if side == "left" else rival < targets[:, 1]
    return found


def _least_of_two_groups(
    values: np.ndarray, groups: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of every prefix: its least value, whose group that is, and the least value of any other group; NaN for none."""
    least, owner, other = math.nan, -1, math.nan
    found = [(least, owner, other)]
    for value, group in zip(values.tolist(), groups.tolist(), strict=True):
        if group == owner:
            least = min(least, value)
        elif not least <= value:
            least, owner, other = value, group, least
        elif not other <= value:
            other = value
        found.append((least, owner, other))
    table = np.array(found)
    return table[:, 0], table[:, 1], table[:, 2]


def _beaten_anywhere(rivals: np.ndarray, targets: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Whatever a rival beats, a best rival beats too. Only where that one is of the target's own group all others
    have to be asked."""
    strongest = _best_rows(rivals)
    found = _any_beats(rivals[strongest], groups[strongest], targets, groups)
    nobody = np.full(len(targets), -1)
    open_still = ~found
    open_still[open_still] = _any_beats(
        rivals[strongest], groups[strongest], targets[open_still], nobody[open_still]
    )
    found[open_still] = _any_beats(rivals, groups, targets[open_still], groups[open_still])
    return found


def _best_rows(rows: np.ndarray) -> np.ndarray:
    """Places of rows that no other beats: by rising sums, so that a row can only fall to one before it."""
    order = np.lexsort((*rows.T[::-1], np.clip(rows, -FAR, FAR).sum(axis=1)))
    kept = np.zeros(0, dtype=np.intp)
    for start in range(0, len(order), 256):
        block = order[start : start + 256]
        rival = np.concatenate([kept, block])
        alone = np.full(len(rival), -1), np.full(len(block), -2)
        lost = _any_beats(rows[rival], alone[0], rows[block], alone[1])
        kept = np.concatenate([kept, block[~lost]])
    return kept


def _any_beats(
    rivals: np.ndarray, owners: np.ndarray, targets: np.ndarray, groups: np.ndarray
) -> np.ndarray:
    """Every rival against every target, in strips."""
    found = np.zeros(len(targets), dtype=bool)
    step = max(1, PAIRS // max(1, len(rivals)))
    for start in range(0, len(targets), step):
        part = slice(start, start + step)
        fits = owners[:, None] != groups[part]
        better = np.zeros_like(fits)
        for rival, target in zip(rivals.T, targets[part].T, strict=True):
            fits &= rival[:, None] <= target
            better |= rival[:, None] < target
        found[part] = (fits & better).any(axis=0)
    return found


def _checked(values: np.ndarray, better: Sequence[Better]) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    if values.ndim != 2 or values.shape[1] != len(better) or not len(better):
        raise ValueError(
            f"front: values must be (points, axes) with a direction for each axis, got shape {values.shape} "
            f"and {len(better)} directions"
        )
    for one in better:
        if one not in ("lower", "higher"):
            raise ValueError(f"front: better must be lower or higher, got {one!r}")
    return values


def _ends(bound: np.ndarray, values: np.ndarray) -> np.ndarray:
    bound = np.asarray(bound, dtype=float)
    if bound.shape != values.shape:
        raise ValueError(
            f"front: low and high must have the shape of values {values.shape}, got {bound.shape}"
        )
    return np.where(np.isnan(bound), values, bound)
