"""Intervals: what they promise of planted distributions, and what they say of few samples."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from attn_core.timing.statistics import (
    Samples,
    enough,
    middle,
    outer_rank,
    pair_ratios,
    ratio_interval,
    resampled_medians,
    summary,
)


def test_a_summary_has_the_median_the_fifths_and_two_of_the_samples_as_bounds():
    found = summary([5.0, 1.0, 3.0, 2.0, 4.0, 6.0])
    assert (found.median, found.p20, found.p80) == pytest.approx((3.5, 2.0, 5.0))
    assert (found.low, found.high) == (1.0, 6.0)
    assert found.half_width == pytest.approx(2.5 / 3.5)


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_few_samples_give_their_whole_range(count: int):
    found = summary([float(x) for x in range(count)])
    assert (found.low, found.high) == (0.0, count - 1.0)
    assert not enough(count)


@pytest.mark.parametrize("count", [6, 7, 8, 9, 20, 21, 100, 499, 500, 501, 2000])
def test_the_rank_is_the_largest_that_keeps_95_percent(count: int):
    def coverage(rank: int) -> float:
        missing = sum(math.comb(count, k) for k in range(rank + 1))
        return 1 - 2 * missing / 2**count if count <= 1000 else math.nan

    rank = outer_rank(count)
    if count <= 500:
        assert coverage(rank) >= 0.95 > coverage(rank + 1)
    elif count <= 1000:
        assert coverage(rank) == pytest.approx(0.955, abs=0.01)
    assert enough(count)
    assert outer_rank(count + 2) >= rank


@pytest.mark.parametrize("count", [6, 15, 60])
def test_the_interval_holds_the_true_median_in_95_of_100_cases_even_of_lopsided_noise(count: int):
    generator = random.Random(count)
    hits, tries = 0, 2000
    for _ in range(tries):
        found = summary([generator.lognormvariate(0, 1.0) for _ in range(count)])
        hits += found.low <= 1.0 <= found.high
    assert hits / tries > 0.94


def test_the_pairs_of_a_ratio_are_the_rounds_that_both_have():
    a, b = Samples([2.0, 9.0, 6.0], [0, 1, 2]), Samples([3.0, 1.0], [2, 0])
    assert pair_ratios(a, b) == [2.0, 2.0]
    assert pair_ratios(a, Samples([1.0], [7])) == []


def test_a_ratio_is_taken_pair_by_pair_within_rounds():
    # A machine that is slower in every round, by much more than the two differ.
    rounds = list(range(10))
    below = Samples([1.0 * 2**k for k in rounds], rounds)
    above = Samples([1.1 * 2**k for k in rounds], rounds)
    found = ratio_interval(above, below)
    assert (found.value, found.low, found.high) == pytest.approx((1.1, 1.1, 1.1))
    assert not found.contains(1.0)


def test_rounds_that_only_one_of_the_two_took_part_in_are_left_out():
    a = Samples([2.0, 2.0, 9.0], [0, 1, 2])
    b = Samples([9.0, 1.0, 1.0], [5, 0, 1])
    assert ratio_interval(a, b).value == 2.0
    with pytest.raises(ValueError, match="same round"):
        ratio_interval(a, Samples([1.0], [7]))


def test_bootstrap_medians_spread_like_the_medians_of_new_samples():
    generator = random.Random(0)
    known = [generator.gauss(10, 1) for _ in range(101)]
    draws = resampled_medians(known, np.random.default_rng(0), draws=2000)
    fresh = [np.median([generator.gauss(10, 1) for _ in range(101)]) for _ in range(500)]
    assert draws.std() == pytest.approx(np.std(fresh), rel=0.4)
    low, high = middle(draws)
    assert low < np.median(known) < high


def test_the_middle_keeps_infinite_draws_in_order():
    draws = np.array([-math.inf] * 10 + [1.0] * 980 + [math.inf] * 10)
    assert middle(draws) == (1.0, 1.0)
    assert middle(np.array([-math.inf] * 50 + [1.0] * 950))[0] == -math.inf
