"""Hypervolumes held against a well-kept library, and shares against planted points."""

from __future__ import annotations

import moocore
import numpy as np
import pandas as pd
import pytest

from attn_core.tradeoff.hypervolume import by_method, hypervolume

BETTER = {2: ["lower", "higher"], 3: ["lower", "higher", "lower"]}
REFERENCE = {2: [1.2, -1.4], 3: [1.2, -1.4, 0.8]}


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize("seed", range(8))
def test_the_volume_is_the_librarys(d: int, seed: int):
    generator = np.random.default_rng(seed)
    points = generator.normal(size=(80, d))
    if seed % 2:
        points = np.round(points * 2) / 2
    points = np.concatenate([points, points[:20]])
    expected = moocore.hypervolume(
        points, ref=REFERENCE[d], maximise=[one == "higher" for one in BETTER[d]]
    )
    assert hypervolume(points, BETTER[d], REFERENCE[d]) == pytest.approx(expected)


@pytest.mark.parametrize("d", [2, 3])
def test_rows_with_a_missing_axis_add_nothing(d: int):
    points = np.random.default_rng(3).normal(size=(50, d))
    holes = np.concatenate([points, np.full((5, d), np.nan)])
    holes[-1] = [-99, 99, -99][:d]
    holes[-1, 0] = np.nan
    whole = hypervolume(points, BETTER[d], REFERENCE[d])
    assert hypervolume(holes, BETTER[d], REFERENCE[d]) == whole


def test_worked_by_hand():
    # Two steps under the corner (4, 4): 3 × 1 + 1 × 2 more.
    points = np.array([[1.0, 3.0], [3.0, 1.0]])
    assert hypervolume(points, ["lower", "lower"], [4, 4]) == 5.0
    assert hypervolume(np.array([[1.0, 1.0, 1.0]]), ["lower"] * 3, [2, 3, 4]) == 6.0
    assert hypervolume(np.array([[5.0, 1.0]]), ["lower", "lower"], [4, 4]) == 0.0
    assert hypervolume(np.zeros((0, 2)), ["lower", "lower"], [4, 4]) == 0.0


@pytest.mark.parametrize(
    ("better", "reference", "said"),
    [(["lower"], [1], "two or three axes, got 1"), (["lower"] * 2, [1], "2 numbers, got 1")],
)
def test_what_has_no_volume_is_refused(better: list, reference: list, said: str):
    with pytest.raises(ValueError, match=said):
        hypervolume(np.zeros((1, len(better))), better, reference)


def table(**points: list[tuple[float, float]]) -> pd.DataFrame:
    rows = [(method, *pair) for method, pairs in points.items() for pair in pairs]
    return pd.DataFrame(rows, columns=["method", "time_s", "output_error"])


def test_the_share_of_a_method_is_that_of_its_own_points():
    found = by_method(table(good=[(0.01, 0.01)], bad=[(0.1, 0.1)]), ["time_s", "output_error"])
    assert list(found) == ["good", "bad"]
    assert found["good"] == 1.0
    assert 0 < found["bad"] < 0.05
    both = by_method(
        table(fast=[(0.01, 0.1)], exact=[(0.1, 0.01)], none=[(0.1, np.nan)]),
        ["time_s", "output_error"],
    )
    assert both["fast"] == pytest.approx(both["exact"])
    assert both["fast"] < 1
    assert "none" not in both


def test_an_error_of_nothing_counts_as_less_than_the_least():
    found = by_method(table(zero=[(0.1, 0.0)], small=[(0.1, 1e-6)]), ["time_s", "output_error"])
    assert found["zero"] == 1.0 > found["small"] > 0


def test_no_points_have_no_shares():
    assert by_method(table(none=[(0.1, np.nan)]), ["time_s", "output_error"]) == {}
    assert by_method(table(), ["time_s", "output_error"]) == {}
