"""A study finds the planted front for a part of the grid's cost, and leaves alone what cannot belong to it."""

import math

import pytest

from attn_core.tradeoff.sampling import Place, Seen, promising, spread
from tests.tradeoff.curves import BUDGETS, EXACT, LINES, Planted, fixed, power
from tests.tradeoff.curves import SOURCE as S

ALL = Planted(LINES, EXACT)


def test_the_planted_front_is_found_for_a_part_of_the_cost():
    seen = ALL.explored()
    assert ALL.front() <= seen.keys()
    share = ALL.cost(set(seen)) / ALL.cost(set(ALL.truth))
    assert share <= 0.4


@pytest.mark.parametrize("noise", [0.01, 0.05])
def test_with_noisy_times_what_is_missed_of_the_front_is_matched_within_the_noise(noise):
    planted = Planted(LINES, EXACT, noise)
    seen = planted.explored()
    for name in planted.front() - seen.keys():
        lost = planted.truth[name]
        assert any(
            one.time.low <= lost.time.high and one.errors[S].low <= lost.errors[S].high
            for one in seen.values()
        )


def test_a_line_whose_best_guess_is_beaten_gets_its_spread_only():
    seen = ALL.explored()
    for line in ("hopeless", "costly"):
        assert sum(name.startswith(line) for name in seen) == 2


def test_the_spread_has_every_exact_method_and_two_places_of_every_line():
    middles, ends = spread(ALL.places)
    assert {place.line for place in middles} == {*LINES, *EXACT}
    assert {place.line for place in ends} == set(LINES)
    assert all(place.step == 0 for place in ends)
    assert not {p.name for p in middles} & {p.name for p in ends}


def test_a_better_upper_end_is_found_though_the_middle_does_not_show_it():
    """A method that becomes exact only with its whole budget."""
    late = {"late": (power(0.002, 0.3), lambda b: 0.9 if b < 100 else 1e-3)}
    planted = Planted(late, {"flash": 0.1})
    assert planted.front() & {"late 8", "late 7"} <= planted.explored().keys()


def test_a_dip_of_the_time_is_found_where_the_declared_work_has_it():
    """A stride: both small and large ones are slow."""
    dip = {"strided": (lambda b: 1e-4 * (b / 32 + 32 / b), power(0.5, -0.2))}
    planted = Planted(dip, {"flash": 1.0})
    assert planted.front() <= planted.explored().keys()


def test_more_work_is_not_believed_to_be_free():
    """An upper end that would be slower than exact attention by the growth seen so far is left alone; one whose time
    has not grown yet is tried."""
    for second, tried in ((0.4, False), (0.1, True)):
        places = [Place(f"a {step}", "a", step, 1.0 + step) for step in range(6)]
        seen = {
            "a 0": Seen(fixed(0.1), {S: fixed(0.9)}),
            "a 1": Seen(fixed(second), {S: fixed(0.8)}),
            "e": Seen(fixed(0.6), {S: fixed(1e-7)}),
        }
        found = promising([*places, Place("e", "e", 0, 1.0)], seen)
        assert bool(found) == tried


def test_nothing_is_tried_beyond_a_place_that_failed():
    places = [Place(f"a {step}", "a", step, 2.0**step) for step in range(6)] + [
        Place("e", "e", 0, 1.0)
    ]
    seen = {"a 0": ALL.truth["good 0"], "e": ALL.truth["softmax"]}
    tried = {guess.place.name for guess in promising(places, seen, failed={"a 3"})}
    assert tried and tried <= {"a 1", "a 2"}


def test_where_nothing_is_seen_nothing_promises():
    assert promising(ALL.places, {}) == []


def test_a_point_on_the_front_of_one_source_is_enough():
    places = [
        Place(f"{line} {step}", line, step, 1.0 + step) for line in "ab" for step in range(3)
    ]
    both = {
        f"{line} {step}": Seen(
            fixed(1.0 + step + 0.5 * (line == "b")),
            {
                source: fixed((0.2 if line == best else 0.9) / (1 + step))
                for source, best in (("one", "a"), ("two", "b"))
            },
        )
        for line in "ab"
        for step in (0, 2)
    }
    assert {guess.place.name for guess in promising(places, both)} == {"a 1", "b 1"}


def test_budgets_of_the_planted_curves_span_what_a_ladder_does():
    assert math.isclose(BUDGETS[-1] / BUDGETS[0], 16)
