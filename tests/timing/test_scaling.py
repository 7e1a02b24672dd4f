"""Exponents and crossovers of planted rows: found where they were put, and doubted where they are doubtful."""

from __future__ import annotations

import math

import pytest

from attn_core.timing import scaling
from attn_core.timing.scaling import crossover, exponent
from tests.timing.fakes import rows

LENGTHS = (512, 1024, 2048, 4096, 8192, 16384)


def power(scale: float, p: float, overhead: float = 0.0) -> dict[int, float]:
    return {n: overhead + scale * (n / 1024) ** p for n in LENGTHS}


@pytest.mark.parametrize("p", [1.0, 1.5, 2.0])
def test_a_planted_exponent_is_found_within_its_interval(p: float):
    found = exponent(rows("softmax", power(0.01, p), spread=0.03))
    assert found.value == pytest.approx(p, abs=0.03)
    assert found.low < p < found.high
    assert found.high - found.low < 0.1


def test_the_interval_holds_the_planted_exponent_in_nine_of_ten_runs_at_least():
    hits = 0
    for seed in range(60):
        found = exponent(rows("softmax", power(0.01, 1.5), spread=0.1, seed=seed))
        hits += found.low <= 1.5 <= found.high
    assert hits >= 54


def test_lengths_where_a_calls_fixed_price_rules_are_left_out_and_it_says_so():
    found = exponent(rows("flash", power(0.01, 2.0, overhead=0.02), spread=0.005))
    assert found.value == pytest.approx(2.0, abs=0.15)
    assert found.first is not None
    assert found.first > 1024
    assert found.last == 16384
    assert "left out" in found.message
    assert found.points < len(LENGTHS)


def test_at_least_three_of_the_longest_lengths_are_fitted():
    flat = exponent(rows("flash", dict.fromkeys(LENGTHS, 0.01)))
    assert flat.points == 3
    assert flat.first == 4096
    assert flat.value == pytest.approx(0.0, abs=0.02)


def test_one_length_has_no_exponent():
    found = exponent(rows("flash", {512: 1.0}))
    assert (found.value, found.low, found.high, found.points) == (None, None, None, 1)
    assert "two lengths" in found.message
    assert exponent([]).value is None


def test_cells_without_a_time_are_no_points():
    timed, lost = rows("flash", power(0.01, 1.0)), rows("flash", {32768: 1.0}, outcome="oom")
    assert exponent(timed + lost).last == 16384
    unstable = rows("flash", {32768: 0.32}, outcome="unstable")
    assert exponent(timed + unstable).last == 32768


def test_of_several_methods_one_must_be_named():
    both = rows("flash", power(0.01, 2.0)) + rows("performer", power(0.01, 1.0))
    with pytest.raises(ValueError, match="flash, performer"):
        exponent(both)
    assert exponent(both, "performer").value == pytest.approx(1.0, abs=0.03)


def test_a_planted_crossover_is_found_within_its_interval():
    quadratic, linear = power(0.01, 2.0), power(0.03, 1.0)  # equal at N = 3·1,024
    both = rows("flash", quadratic, spread=0.05) + rows("performer", linear, spread=0.05)
    found = crossover(both, "performer", "flash")
    assert found.state == "crosses"
    assert found.length == pytest.approx(3072, rel=0.05)
    assert found.low < 3072 < found.high
    assert found.high / found.low < 1.5
    assert found.up_to == 16384
    assert "from about" in found.note


def test_never_up_to_the_longest_length_is_an_answer():
    both = rows("flash", power(0.01, 1.0)) + rows("performer", power(0.02, 1.0))
    found = crossover(both, "performer", "flash")
    assert found.state == "never up to N"
    assert (found.length, found.low, found.high) == (None, None, None)
    assert "up to N = 16,384" in found.note


def test_faster_everywhere_is_an_answer():
    both = rows("flash", power(0.02, 1.0)) + rows("performer", power(0.01, 1.0))
    assert crossover(both, "performer", "flash").state == "always faster"


def test_a_difference_within_the_noise_is_undecided():
    same = power(0.01, 1.0)
    both = rows("flash", same, spread=0.2) + rows("performer", same, spread=0.2)
    assert crossover(both, "performer", "flash").state == "undecided"


@pytest.mark.parametrize(("noisy", "words"), [(512, "from N = "), (16_384, "not before N = ")])
def test_what_the_noise_leaves_open_is_said_by_its_known_end(noisy: int, words: str):
    """Clear at every length but one: the shortest, or the longest."""
    mine = {
        n: 0.01 * n / 512 * (1.0 if n == noisy else 2.0 if noisy > n else 0.5) for n in LENGTHS
    }
    theirs = {n: 0.01 * n / 512 for n in LENGTHS}
    both = rows("flash", theirs, spread=0.2) + rows("performer", mine, spread=0.2)
    found = crossover(both, "performer", "flash")
    assert found.state == "undecided" and words in found.note


def test_losing_again_at_the_longest_length_is_no_crossover():
    times = power(0.01, 1.0)
    mine = {n: t * (0.5 if n == 2048 else 2.0) for n, t in times.items()}
    both = rows("flash", times) + rows("performer", mine)
    found = crossover(both, "performer", "flash")
    assert (found.state, found.length) == ("only shorter", 2048)
    assert "no longer" in found.note


def test_a_win_within_the_noise_does_not_count_as_one():
    times = power(0.01, 1.0)
    mine = {n: t * (0.99 if n == 512 else 2.0) for n, t in times.items()}
    both = rows("flash", times, spread=0.2) + rows("performer", mine, spread=0.2)
    assert crossover(both, "performer", "flash").state == "never up to N"


def test_the_last_of_several_crossings_counts():
    times = power(0.01, 1.0)
    factors = dict(zip(LENGTHS, (0.5, 2.0, 0.5, 2.0, 0.5, 0.4), strict=True))
    mine = {n: t * factors[n] for n, t in times.items()}
    found = crossover(rows("flash", times) + rows("performer", mine), "performer", "flash")
    assert found.state == "crosses"
    assert found.length == pytest.approx(math.sqrt(4096 * 8192), rel=0.02)


def test_without_a_common_length_nothing_was_measured():
    both = rows("flash", {512: 1.0}) + rows("performer", {1024: 1.0})
    assert crossover(both, "performer", "flash").state == "not measured"
    assert crossover(both, "performer", "softmax").state == "not measured"


def test_the_same_rows_give_the_same_answer():
    both = rows("flash", power(0.01, 2.0)) + rows("performer", power(0.03, 1.0))
    assert crossover(both, "performer", "flash") == crossover(both, "performer", "flash")
    assert exponent(both, "flash") == exponent(both, "flash")


@pytest.mark.parametrize("factor", [0.5, 0.999, 1.0, 1.001, 2.0])
def test_what_no_sample_contradicts_needs_no_draws_and_is_answered_alike(factor, monkeypatch):
    """Also where samples touch, or are equal."""
    law = power(0.01, 1.0)
    faster = {n: factor * seconds for n, seconds in law.items()}
    both = rows("flash", law, spread=0.0005) + rows("performer", faster, spread=0.0005)
    quick = crossover(both, "performer", "flash")
    monkeypatch.setattr(scaling, "_everywhere", lambda *_: None)
    assert crossover(both, "performer", "flash") == quick
