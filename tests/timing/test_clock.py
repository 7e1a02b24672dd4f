"""The clock: whose turn it is, when a contender is warm, when it is done, and what is never counted."""

from __future__ import annotations

import gc
import random
from statistics import median

import pytest
import torch

from attn_core.timing.clock import (
    LEAST,
    LEAST_OF_LONG,
    Contender,
    Reading,
    Samples,
    measure,
    wall_clock,
)
from attn_core.timing.statistics import ratio_interval, summary
from tests.timing.fakes import FakeClock, noisy

LONG = 0.1  # no lead-in call, and one call a turn


def run(clock: FakeClock, *contenders: Contender, seconds: float = 10.0, precision: float = 0.02):
    return measure(contenders, seconds=seconds, precision=precision, now=clock.now)


def test_the_order_is_a_b_c_then_c_b_a():
    clock = FakeClock()
    run(clock, *(clock.contender(name, lambda _: LONG) for name in "ABC"))
    warm_up, rounds = clock.order[:6], clock.order[6:]
    assert "".join(warm_up) == "AABBCC"
    assert "".join(rounds) == "ABCCBA" * 3


def test_a_constant_time_needs_no_more_than_the_fewest_samples_of_full_confidence():
    clock = FakeClock()
    (samples,) = run(clock, clock.contender("A", lambda _: LONG))
    assert samples.converged
    assert samples.values == pytest.approx([LONG] * 6)
    assert samples.rounds == [0, 1, 2, 3, 4, 5]


def test_it_warms_up_until_a_run_is_no_longer_clearly_faster():
    clock = FakeClock()
    warm_up = [1.0, 0.8, 0.6, 0.5, 0.49]
    (samples,) = run(clock, clock.steps("A", [*warm_up, *[0.2] * 100]), seconds=100.0)
    assert samples.values == pytest.approx([0.2] * 6)
    assert len(clock.order) == 5 + 6


def test_the_warm_up_of_what_never_settles_ends_after_its_share_of_the_time():
    clock = FakeClock()

    def takes(_: float) -> float:
        return 0.1 * 0.9 ** min(len(clock.order) - 1, 20)

    (samples,) = run(clock, clock.contender("A", takes), seconds=1.0)
    # Always a tenth faster than before; 0.1 + 0.09 + 0.081 is more than a fifth of the time.
    assert samples.values[0] == pytest.approx(0.1 * 0.9**3)


def test_a_call_longer_than_the_whole_time_is_warmed_up_once():
    clock = FakeClock()
    (samples,) = run(clock, clock.contender("A", lambda _: 30.0), seconds=1.0)
    assert len(clock.order) == 1 + LEAST_OF_LONG
    assert len(samples.values) == LEAST_OF_LONG


def test_noise_is_sampled_until_the_interval_of_the_median_is_narrow():
    clock, generator = FakeClock(), random.Random(1)
    (samples,) = run(clock, clock.contender("A", noisy(LONG, 0.1, generator)), seconds=1e6)
    assert samples.converged
    assert summary(samples.values).half_width <= 0.02
    assert summary(samples.values[:-2]).half_width > 0.02
    assert len(samples.values) % 2 == 0


def test_the_time_cap_ends_what_never_gets_narrow_and_says_so():
    clock, generator = FakeClock(), random.Random(2)
    (samples,) = run(clock, clock.contender("A", noisy(LONG, 1.0, generator)), seconds=2.0)
    assert not samples.converged
    assert len(samples.values) >= LEAST
    assert sum(samples.values[:-1]) < 2.0 <= sum(samples.values)


def test_a_call_of_a_large_share_of_the_time_gets_at_least_three_samples_others_five():
    for takes, least in ((0.25, LEAST_OF_LONG), (0.19, LEAST)):
        clock = FakeClock()
        # One outlier uses up the time before the third sample.
        steps = [takes, takes, takes, 1.0, *[takes] * 20]
        (samples,) = run(clock, clock.steps("A", steps), seconds=0.96)
        assert len(samples.values) == least


def test_a_call_that_turns_out_long_only_after_the_warm_up_counts_as_long():
    clock = FakeClock()
    # Two quick runs, and then someone else needs the machine.
    (samples,) = run(clock, clock.steps("A", [0.1, 0.1, *[2.0, 4.0] * 10]), seconds=1.0)
    assert len(samples.values) == LEAST_OF_LONG


def test_each_retires_alone_and_the_others_go_on():
    clock, generator, told = FakeClock(), random.Random(3), []
    contenders = [
        clock.contender("quick", lambda _: LONG),
        clock.contender("noisy", noisy(LONG, 0.2, generator)),
    ]
    found = measure(
        contenders,
        seconds=50.0,
        precision=0.02,
        now=clock.now,
        retired=lambda index, samples: told.append((index, len(samples.values))),
    )
    assert told[0] == (0, 6)
    assert told[1] == (1, len(found[1].values))
    assert len(found[1].values) > 6
    assert clock.order[-5:] == ["noisy"] * 5


def test_a_contender_has_a_budget_of_its_own_if_it_says_so():
    clock, generator = FakeClock(), random.Random(4)
    small = clock.contender("rate", noisy(LONG, 1.0, generator), seconds=1.0)
    large = clock.contender("cell", noisy(LONG, 1.0, generator))
    rate, cell = run(clock, small, large, seconds=20.0)
    assert sum(rate.values) < 2.0 < 15.0 < sum(cell.values)


def test_short_calls_are_measured_several_in_a_row_after_one_that_is_not_counted():
    clock = FakeClock()
    other = clock.contender("other", lambda _: LONG)
    # The first call after the other finds cold caches.
    cold = lambda _: 0.004 if clock.order[-2:-1] == ["other"] else 0.001  # noqa: E731
    short, _ = run(clock, clock.contender("short", cold), other)
    assert short.values == pytest.approx([0.001] * 6)
    turns = "".join(name[0] for name in clock.order).split("o")
    assert max(map(len, turns)) == 2 * (1 + 5)  # two turns meet where the order turns round


def test_preparation_happens_before_every_run_and_is_not_timed():
    clock, prepared = FakeClock(), []

    def prepare() -> None:
        prepared.append(len(clock.order))
        clock.time += 7.0

    contender = Contender("A", prepare, clock.contender("A", lambda _: LONG).run)
    (samples,) = run(clock, contender, seconds=1000.0)
    assert samples.values == pytest.approx([LONG] * 6)
    assert prepared == list(range(len(clock.order)))


def test_drift_of_the_whole_machine_leaves_the_ratio_of_a_pair_at_one():
    clock, generator = FakeClock(), random.Random(5)

    def slowing(at: float) -> float:
        return LONG * (1 + at / 30) * generator.lognormvariate(0, 0.05)

    pair = [clock.contender(name, slowing) for name in ("A", "again")]
    first, null = run(clock, *pair, seconds=20.0)
    assert first.values[-1] > 1.5 * first.values[0]
    ratio = ratio_interval(null, first)
    assert ratio.contains(1.0)
    assert ratio.high - ratio.low < 0.1


def test_a_machine_that_runs_in_two_speeds_does_not_favour_who_comes_first():
    """One slow moment in every round hits whoever runs then: by turns the first and the last."""
    clock = FakeClock()
    starts = {"turn": 0}

    def takes(_: float) -> float:
        starts["turn"] += 1
        return LONG * (1.5 if starts["turn"] % 2 else 1.0)

    pair = [clock.contender(name, takes) for name in ("A", "again")]
    first, null = measure(pair, seconds=20.0, precision=0.001, now=clock.now)
    # In the order A B A B … one of them would always be the slow one.
    assert median(null.values) == pytest.approx(median(first.values))
    assert ratio_interval(null, first).contains(1.0)


def test_outliers_do_not_move_the_median():
    clock, generator = FakeClock(), random.Random(6)

    def takes(_: float) -> float:
        hit = generator.random() < 0.1
        return LONG * generator.lognormvariate(0, 0.02) * (50 if hit else 1)

    (samples,) = run(clock, clock.contender("A", takes), seconds=1e6)
    assert samples.converged
    assert summary(samples.values).median == pytest.approx(LONG, rel=0.03)


def test_all_raw_samples_are_kept_with_their_rounds():
    clock, generator = FakeClock(), random.Random(7)
    a, b = run(clock, *(clock.contender(n, noisy(LONG, 0.3, generator)) for n in "AB"))
    for samples in (a, b):
        assert len(samples.values) == len(samples.rounds) == len(samples.walls)
        assert samples.rounds == sorted(set(samples.rounds))
        assert sum(samples.values) == pytest.approx(sum(samples.walls))


def test_the_garbage_collector_rests_while_it_times_and_works_afterwards():
    during = []
    contender = Contender("A", None, lambda: during.append(gc.isenabled()))
    measure([contender], seconds=0.01, precision=0.5)
    assert set(during) == {False}
    assert gc.isenabled()


def test_stop_ends_it_between_two_runs():
    clock, told = FakeClock(), []
    contender = clock.contender("A", noisy(LONG, 0.3, random.Random(8)))
    (samples,) = measure(
        [contender],
        seconds=1e6,
        precision=0.02,
        now=clock.now,
        stop=lambda: len(clock.order) >= 9,
        retired=lambda index, found: told.append(index),
    )
    assert len(clock.order) == 9
    assert not samples.converged
    assert told == []


@pytest.mark.parametrize("after", [0, 4])
def test_a_contender_that_raises_is_out_and_the_others_go_on(after: int):
    clock, calls = FakeClock(), []

    def run_once() -> None:
        calls.append(1)
        if len(calls) > after:
            raise torch.OutOfMemoryError("out of device memory")
        clock.time += LONG

    told: list[tuple[int, Samples]] = []
    failed, fine = measure(
        [Contender("bad", None, run_once), clock.contender("good", lambda _: LONG)],
        seconds=10.0,
        precision=0.02,
        now=clock.now,
        retired=lambda index, samples: told.append((index, samples)),
    )
    assert isinstance(failed.problem, torch.OutOfMemoryError)
    assert failed.problem.__traceback__ is None  # it would keep the call's tensors alive
    assert not failed.converged
    assert [index for index, _ in told] == [0, 1]
    assert fine.converged


def test_a_timer_may_tell_device_time_from_wall_time():
    (samples,) = measure(
        [Contender("A", None, lambda: None)],
        seconds=1.0,
        precision=0.02,
        timer=lambda contender, calls: Reading(0.001, 0.003),
    )
    assert samples.values == [0.001] * 6
    assert samples.walls == [0.003] * 6


def test_the_wall_clock_gives_the_mean_of_the_calls_of_a_turn():
    clock = FakeClock()
    contender = clock.steps("A", [1.0, 2.0, 6.0])
    assert wall_clock(contender, 3, clock.now) == Reading(3.0, 3.0)
