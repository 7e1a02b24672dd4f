"""The budget query on planted points: who qualifies, what lies between, and what would have to give."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from attn_core.contract import Role
from attn_core.methods import METHODS
from attn_core.tradeoff.between import Candidate, along_budget, at_budget, at_length
from attn_core.tradeoff.limits import admitting, decisive_error
from attn_core.tradeoff.points import points
from attn_core.tradeoff.qualify import Budget, answer, code
from tests.tradeoff.handmade import SERVER, cell, choice, fidelity, figure_z, judged, study

FLASH, SOFTMAX = choice("flash"), choice("softmax")
NARROW, WIDE = choice("linformer", rank=64), choice("linformer", rank=256)
MB = 2**20


def frame(*more: Any) -> pd.DataFrame:
    """Flash is exact and slow, the narrow choice fast and far off, the wide one between."""
    cells = [
        cell(FLASH, 2048, 0.100, memory=10 * MB),
        cell(NARROW, 2048, 0.010, memory=2 * MB),
        cell(WIDE, 2048, 0.040, memory=4 * MB),
        *more,
    ]
    near = [fidelity(FLASH, 2048, 1e-7), fidelity(NARROW, 2048, 0.4), fidelity(WIDE, 2048, 0.1)]
    return points([study(cells, near)])


def names(candidates: Any) -> list[str]:
    return [one.name for one in candidates]


def test_what_keeps_all_limits_qualifies_and_the_best_by_each_axis_is_among_it():
    found = answer(frame(), Budget(2048, {"time_s": 0.05}))
    assert names(found.surely) == ["Linformer rank=64", "Linformer rank=256"]
    assert found.perhaps == ()
    assert found.best["time_s"].candidate.name == "Linformer rank=64"
    assert found.best["output_error"].candidate.name == "Linformer rank=256"
    assert found.best["memory_bytes"].candidate.name == "Linformer rank=64"
    assert "bleu" not in found.best
    assert found.least is None
    assert found.note == "Measured at N = 2,048."


def test_intervals_decide_between_surely_and_perhaps():
    # The wide choice takes 40 ms ± 1%.
    for bound, surely, perhaps in (
        (0.0405, True, False),
        (0.0401, False, True),
        (0.039, False, False),
    ):
        found = answer(frame(), Budget(2048, {"time_s": bound, "output_error": 0.2}))
        assert (len(found.surely), len(found.perhaps)) == (surely, perhaps)


def test_limits_of_axes_where_more_is_better_bound_from_below():
    near = [fidelity(FLASH, 512, 1e-7, recall=0.99), fidelity(NARROW, 512, 0.1, recall=0.5)]
    found = answer(
        points([study([cell(FLASH, 512, 0.1), cell(NARROW, 512, 0.01)], near)]),
        Budget(512, {"top_k_recall": 0.7}),
    )
    assert names(found.surely) == ["FlashAttention"]


def test_what_the_noise_does_not_tell_from_the_best_is_named():
    close = cell(choice("low_rank"), 2048, 0.01001)
    found = answer(frame(close), Budget(2048, {"time_s": 0.05}))
    assert found.best["time_s"].alike == ("Low-rank",)


def test_what_is_as_far_off_as_zeros_is_offered_to_who_limits_an_error_and_to_nobody_else():
    cells = [cell(FLASH, 2048, 0.1), cell(NARROW, 2048, 0.001), cell(WIDE, 2048, 0.01)]
    far = [fidelity(FLASH, 2048, 1e-7), fidelity(NARROW, 2048, 16.28), fidelity(WIDE, 2048, 0.49)]
    table = points([study(cells, far)])
    for limits in ({}, {"time_s": 0.2}):
        found = answer(table, Budget(2048, limits))
        assert names(found.surely) == ["FlashAttention"]
        # 0.49 ± 10% reaches beyond a half: as for the verdict, all of it counts.
        assert names(found.far_off) == ["Linformer rank=256", "Linformer rank=64"]
    assert answer(table, Budget(2048, {"time_s": 0.02})).least.candidate.name == "FlashAttention"
    found = answer(table, Budget(2048, {"output_error": 20.0}))
    assert len(found.surely) == 3 and not found.far_off
    # An error that nobody measured rules out nothing; one of another source than is looked at does.
    assert not answer(points([study(cells)]), Budget(2048)).far_off
    elsewhere = points(
        [study(cells, [*far, fidelity(SOFTMAX, 2048, 1e-7, "gaussian")])], "gaussian"
    )
    assert names(answer(elsewhere, Budget(2048)).surely) == [
        "FlashAttention",
        "Linformer rank=256",
    ]


def test_a_single_limit_is_relaxed_to_what_the_nearest_point_needs():
    found = answer(frame(), Budget(2048, {"time_s": 0.02, "output_error": 0.2}))
    assert found.surely == found.perhaps == ()
    assert set(found.singles) == {"time_s", "output_error"}
    time, error = found.singles["time_s"], found.singles["output_error"]
    # To the worse end of the interval, so that the point then surely qualifies.
    assert time.limits == {"time_s": pytest.approx(0.0404)}
    assert time.candidate.name == "Linformer rank=256"
    assert error.limits == {"output_error": pytest.approx(0.44)}
    assert error.candidate.name == "Linformer rank=64"
    # A factor of 2.02 in time against one of 2.2 in error.
    assert found.least is time
    assert time.words == "time ≤ 40.4 ms would admit Linformer rank=256"
    again = answer(frame(), Budget(2048, {"time_s": 0.0405, "output_error": 0.2}))
    assert names(again.surely) == ["Linformer rank=256"]


def test_the_smallest_relaxation_may_need_several_limits():
    found = answer(
        frame(), Budget(2048, {"time_s": 0.009, "output_error": 0.3, "memory_bytes": MB})
    )
    assert found.singles == {}
    assert found.least is not None
    assert found.least.candidate.name == "Linformer rank=64"
    assert set(found.least.limits) == {"time_s", "output_error", "memory_bytes"}
    assert found.least.factor == pytest.approx(0.0101 / 0.009 * 0.44 / 0.3 * 2)


def test_what_lacks_a_limited_axis_does_not_qualify_and_is_counted():
    untried = cell(choice("low_rank"), 2048, 0.001)
    found = answer(frame(untried), Budget(2048, {"output_error": 0.2}))
    assert "Low-rank" not in names(found.surely)
    assert found.unmeasured == 1
    # Who breaks a limit is out whatever else is lacking.
    strict = answer(frame(untried), Budget(2048, {"output_error": 0.2, "time_s": 0.0001}))
    assert strict.unmeasured == 0


def test_what_failed_there_is_no_candidate_even_where_its_neighbours_are():
    cells = [cell(FLASH, n, 0.1) for n in (1024, 4096)]
    lost = cell(FLASH, 2048, None, outcome="oom")
    assert at_length(points([study([*cells, lost])]), 2048) == []
    assert len(at_length(points([study(cells)]), 2048)) == 1
    broken = [cell(FLASH, 1024, 0.1), cell(FLASH, 4096, None, outcome="oom")]
    assert at_length(points([study(broken)]), 2048) == []
    # Nor across a failure, at a length that nobody tried; what was not timed for another reason is none.
    for length in (1500, 3000):
        assert at_length(points([study([*cells, lost])]), length) == []
    untimed = points([study(cells, [fidelity(FLASH, 2048, 1e-7)])])
    assert "cancelled" in set(untimed["outcome"]) and len(at_length(untimed, 3000)) == 1


def test_between_two_lengths_a_power_law_is_met_and_said():
    law = {n: 1e-8 * n**1.5 for n in (1024, 4096, 16384)}
    found = answer(
        points([study([cell(FLASH, n, t, memory=n) for n, t in law.items()])]), Budget(2048)
    )
    assert found.surely == ()
    (one,) = found.perhaps
    assert one.interval("time_s")[0] == pytest.approx(1e-8 * 2048**1.5)
    assert one.interval("time_s")[1] == pytest.approx(0.99e-8 * 2048**1.5)
    assert one.interval("memory_bytes")[0] == pytest.approx(2048)
    assert one.how == "between N = 1,024 and N = 4,096"
    assert len(one.rests_on) == 2
    assert one.rests_on[0].endswith("flash @ 1024")
    assert "every answer lies between" in found.note


@pytest.mark.parametrize("length", [512, 32768])
def test_nothing_is_said_beyond_what_was_measured(length: int):
    cells = [cell(FLASH, n, 0.1) for n in (1024, 16384)]
    found = answer(points([study(cells)]), Budget(length, {"time_s": 99.0}))
    assert found.surely == found.perhaps == ()
    assert found.least is None
    assert "outside what was measured, N = 1,024 to 16,384" in found.note


def test_lengths_of_other_parameters_or_settings_are_never_joined():
    apart = [cell(NARROW, 1024, 0.1), cell(WIDE, 4096, 0.1)]
    assert at_length(points([study(apart)]), 2048) == []
    mixed = points([study([cell(FLASH, 1024, 0.1), cell(FLASH, 4096, 0.1, environment=SERVER)])])
    with pytest.raises(ValueError, match=r"got 2: .*Planted laptop.*Planted server"):
        answer(mixed, Budget(2048))


def test_quality_between_two_lengths_is_not_made_up():
    cells = [cell(NARROW, n, 0.1) for n in (256, 512)]
    rows = judged("linformer rank=64", 256, token_accuracy=0.5)
    rows += judged("linformer rank=64", 512, token_accuracy=0.4)
    table = points([study(cells), figure_z(rows, [NARROW])])
    (one,) = at_length(table[table["role"] == "encoder"], 300)
    assert math.isnan(one.interval("token_accuracy")[0])


def test_between_two_budgets_a_choice_that_would_do_is_named():
    # Error 0.4 at rank 64 and 0.1 at 256; time 10 ms and 40 ms: both straight lines in logarithms.
    found = answer(frame(), Budget(2048, {"time_s": 0.025, "output_error": 0.25}))
    assert found.surely == found.perhaps == ()
    (one,) = found.between_budgets
    rank = one.point["params"]["rank"]
    assert 64 * 0.4 / 0.25 < rank < 64 * 2.5
    assert one.interval("time_s")[0] == pytest.approx(0.01 * rank / 64)
    assert one.interval("output_error")[0] == pytest.approx(0.4 * 64 / rank)
    assert one.point["label"] == ("linformer" if rank == 128 else f"linformer rank={rank}")
    assert "between rank = 64 and rank = 256" in one.how
    none = answer(frame(), Budget(2048, {"time_s": 0.015, "output_error": 0.2}))
    assert none.between_budgets == ()


def test_budgets_are_only_joined_where_all_else_is_the_same():
    pair = along_budget(at_length(frame(), 2048))
    assert [(one.name, other.name) for one, other in pair] == [
        ("Linformer rank=64", "Linformer rank=256")
    ]
    with pytest.raises(ValueError, match="from 64 to 256, got 300"):
        at_budget(*pair[0], 300)
    other = [cell(NARROW, 512, 0.1), cell(choice("linformer", rank=256, share=False), 512, 0.1)]
    assert along_budget(at_length(points([study(other)]), 512)) == []


def test_empty_and_single_tables_are_answered():
    assert answer(points([]), Budget(512, {"time_s": 1.0})).note == "Nothing was measured here."
    single = answer(points([study([cell(FLASH, 512, 0.1)])]), Budget(512, {"time_s": 0.05}))
    assert single.least is not None
    assert single.least.candidate.name == "FlashAttention"
    lost = answer(points([study([cell(FLASH, 512, None, outcome="oom")])]), Budget(512))
    assert (lost.surely, lost.perhaps, lost.least) == ((), (), None)


@pytest.mark.parametrize(
    ("length", "limits", "said"),
    [
        (0, {}, "length must be"),
        (2.5, {}, "got 2.5"),
        (512, {"speed": 1.0}, "got 'speed'"),
        (512, {"time_s": -1.0}, "a limit on the time must be a number above 0, got -1.0"),
        (512, {"time_s": math.nan}, "got nan"),
    ],
)
def test_questions_without_an_answer_are_refused(length: Any, limits: Any, said: str):
    with pytest.raises(ValueError, match=said):
        Budget(length, limits)


def test_the_question_in_words():
    asked = Budget(8192, {"time_s": 0.04, "memory_bytes": 2 * 2**30, "output_error": 0.05})
    assert asked.words == "N = 8,192, time ≤ 40.0 ms, memory ≤ 2.00 GiB, output error ≤ 5.00%"


CHANGED = {
    "linformer": {"rank": 8},
    "multiscale": {"scales": (1, 2)},
    "performer": {"features": 32},
}


@pytest.mark.parametrize("name", METHODS)
def test_the_copied_code_builds_and_runs_the_method(name: str):
    roles: tuple[Role, ...] = ("encoder", "decoder", "cross")
    role = next(one for one in roles if one in METHODS[name].roles)
    chosen = choice(name, **CHANGED.get(name, {}))
    point = points([study([cell(chosen, 64, 0.1, role=role, heads=2, head_dim=16)])]).iloc[0]
    space: dict[str, Any] = {}
    exec(code(point), space)
    assert tuple(space["output"].shape) == (1, 2, 64, 16)
    assert space["attention"].method.name == name
    for parameter, value in CHANGED.get(name, {}).items():
        assert f"{parameter}={value!r}" in code(point)


def test_the_code_of_an_interpolated_choice_has_its_budget():
    (one,) = answer(frame(), Budget(2048, {"time_s": 0.025, "output_error": 0.25})).between_budgets
    assert isinstance(one, Candidate)
    space: dict[str, Any] = {}
    text = code({**one.point, "length": 256, "keys": 256})
    exec(text, space)
    assert f"rank={one.point['params']['rank']}" in text or one.point["params"]["rank"] == 128


@pytest.mark.parametrize(
    ("name", "bound", "said"),
    [
        ("token_accuracy", 0.59084, "58.7%"),
        ("token_accuracy", 0.5912, "59.1%"),
        ("time_s", 0.004237, "4.24 ms"),
        ("time_s", 0.004241, "4.27 ms"),
        ("memory_bytes", 3.594 * 2**20, "3.62 MiB"),
        # Smaller than any error that says something, and still what has to be typed.
        ("output_error", 4.7862e-7, "4.79e-05%"),
    ],
)
def test_a_limit_that_must_give_admits_as_it_is_written(name, bound, said):
    assert admitting(name, bound).endswith(f" {said}")


def test_between_lengths_the_largest_error_on_any_source_stays_known():
    """Of the source that is looked at there is none at the longer length: the other one rules it out all the same."""
    cells = [cell(one, n, 0.1 * n) for one in (FLASH, NARROW) for n in (512, 2048)]
    near = [fidelity(FLASH, n, 1e-7, source) for n in (512, 2048) for source in ("a", "b")]
    near += [
        fidelity(NARROW, 512, 0.1, "a"),
        fidelity(NARROW, 512, 0.2, "b"),
        fidelity(NARROW, 2048, 9.0, "b"),
    ]
    found = answer(points([study(cells, near)], "a"), Budget(1024))
    assert names(found.perhaps) == ["FlashAttention, between N = 512 and N = 2,048"]
    (far,) = found.far_off
    assert decisive_error(far) == (9.0, 9.0, "b")


def test_what_is_exact_at_one_of_two_lengths_is_not_exact_between_them_and_has_no_error_there():
    whole = choice("bigbird", window=1)
    cells = [cell(whole, n, 0.1 * n) for n in (256, 512)]
    near = [fidelity(whole, 256, 1e-7), fidelity(whole, 512, 0.4)]
    (found,) = at_length(points([study(cells, near)]), 300)
    assert not found.point["exact"] and math.isnan(found.value("output_error"))


def test_exact_methods_are_alike_in_error_and_the_quickest_stands_for_them():
    cells = [cell(SOFTMAX, 512, 0.3), cell(FLASH, 512, 0.1)]
    near = [fidelity(SOFTMAX, 512, 0.0021, spread=0.01), fidelity(FLASH, 512, 0.0023, spread=0.01)]
    best = answer(points([study(cells, near)]), Budget(512)).best["output_error"]
    assert (best.candidate.name, best.alike) == ("FlashAttention", ("Softmax",))


def test_who_could_not_be_timed_at_the_length_is_named():
    lost = cell(SOFTMAX, 2048, None, outcome="oom")
    assert (
        answer(frame(lost), Budget(2048)).note
        == "Measured at N = 2,048. Not timed there: Softmax ran out of memory."
    )
