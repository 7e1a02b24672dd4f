"""The budget of the Trade-offs page: typed in units, answered by the engine, worded with what it rests on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attn_core.tradeoff.axes import AXES
from attn_core.tradeoff.qualify import answer
from dashboard.services import tradeoff_budget as budget
from dashboard.services import tradeoff_verdict as verdicts
from tests.dashboard.planted_tradeoffs import (
    FLASH,
    RANKS,
    asked,
    full,
    look,
    plant,
)
from tests.tradeoff.handmade import cell, fidelity


def test_limits_are_typed_in_the_units_that_their_boxes_name(planted):
    typed = {"time_s": 40, "memory_bytes": 2, "output_error": 5, "flops": None}
    limits = {"time_s": 0.04, "memory_bytes": 2.0**21, "output_error": 0.05}
    assert dict(budget.budget_of(2048, typed).limits) == pytest.approx(limits)
    assert budget.LIMITS["time_s"].label == "Time, at most (ms)"
    assert budget.LIMITS["top_k_recall"].label == "Top-8 recall, at least (%)"
    for name, limit in budget.LIMITS.items():
        assert ("at most" in limit.label) == (AXES[name].better == "lower")
        with pytest.raises(ValueError, match=limit.axis.title):
            limit.span.parse("-1")


def test_a_limit_beyond_every_machine_is_refused_with_what_is_allowed():
    for value in (1e300, 0.0):
        with pytest.raises(
            ValueError, match=r"Time, at most \(ms\) must be .* to 1,000,000,000, got "
        ):
            budget.budget_of(2048, {"time_s": value})


def test_a_headline_says_how_sure_it_is(planted):
    assert "5 choices at N = 2,048" in budget.headline(asked(planted))
    assert budget.headline(asked(planted, output_error=1)).startswith("**2 choices surely within")
    # An interval of 0.4 ± 10% reaches beyond 42%.
    perhaps = budget.headline(asked(planted, output_error=42, time_s=2.1))
    assert perhaps.startswith("**Nothing is surely within") and "1 choice perhaps" in perhaps
    none = asked(planted, output_error=1, time_s=1)
    assert none.least is not None and none.least.words in budget.headline(none)
    assert "can be held against" in budget.headline(asked(planted, bleu=10))


def test_what_is_too_far_off_to_be_offered_is_counted_with_its_errors(store):
    ranks = zip(RANKS, (16.28, 0.9, 0.1), strict=True)
    plant(
        store,
        [cell(one, 2048, 0.01) for one in (FLASH, *RANKS)],
        [fidelity(one, 2048, error) for one, error in ranks] + [fidelity(FLASH, 2048, 1e-7)],
    )
    (said,) = [one for one in budget.remarks(asked(look(store))) if "left out" in one]
    assert said.startswith("2 choices left out, whose output errors are not surely within 50%: ")
    assert "90.0% (Low-rank rank=32) to 1,628% (Low-rank rank=16)" in said
    assert "2 choices at" in budget.headline(asked(look(store)))
    assert budget.headline(asked(look(store), 7)) == "**No choice at N = 7.**"


def test_what_could_not_be_judged_is_said(planted):
    assert "5 choices at this length lack" in " ".join(budget.remarks(asked(planted, bleu=10)))
    outside = asked(planted, 9000)
    assert "outside what was measured" in " ".join(budget.remarks(outside))
    between = asked(planted, 1000)
    assert "was not measured" in " ".join(budget.remarks(between)) and not between.surely
    alone = " ".join(budget.remarks(asked(planted, output_error=1, time_s=1)))
    assert "One limit alone: time ≤ 4.24 ms would admit FlashAttention." in alone


def test_a_quality_that_another_length_lends_is_said(planted):
    own = planted.newest.assign(
        token_accuracy=0.5, token_accuracy_low=0.4, token_accuracy_high=0.6
    )
    for judged, said in ((256.0, True), (2048.0, False)):
        lent = own.assign(quality_length=judged)
        remarks = " ".join(budget.remarks(answer(lent, budget.budget_of(2048, {}))))
        assert ("judged at N = 256, not at N = 2,048" in remarks) is said
        assert ("judged" in remarks) is said


def test_a_budget_is_first_asked_at_the_length_of_the_verdict(store):
    """At the longest of both lengths only one choice was measured."""
    full(store, lengths=(512, 2048))
    plant(store, [cell(FLASH, 4096, 0.02)], [fidelity(FLASH, 4096, 1e-7)])
    found = look(store)
    assert found.lengths == (512, 2048, 4096) and verdicts.length_of(found) == 2048
    assert "at N = 2,048" in verdicts.sentences(found)[0].text


def test_the_best_by_each_quantity_is_the_engines(planted):
    found = asked(planted)
    table = budget.best_table(found)
    for axis, best in found.best.items():
        (line,) = table[table["Best by"] == AXES[axis].title].to_dict("records")
        assert line["Choice"] == best.candidate.name
        assert (line["Not told apart from it"] == "–") == (not best.alike)
    assert set(table["Best by"]) == {AXES[name].title for name in found.best}


def test_a_time_that_is_not_steady_says_so_in_both_tables(store):
    shaky = {"outcome": "unstable"}
    plant(
        store,
        [
            *(cell(FLASH, n, 1e-6 * n) for n in (512, 2048)),
            cell(RANKS[0], 512, 1e-7 * 512, **shaky), cell(RANKS[0], 2048, 1e-7 * 2048),
            cell(RANKS[1], 512, 2e-7 * 512), cell(RANKS[1], 2048, 2e-7 * 2048, **shaky),
        ],
        [fidelity(one, n, 0.1) for one in (FLASH, *RANKS[:2]) for n in (512, 2048)],
    )  # fmt: skip

    def times(length: int) -> list[str]:
        return list(budget.within_table(asked(look(store), length))["Time"])

    assert times(512) == ["51.2 µs, unsteady", "102 µs", "512 µs"]
    assert [one.endswith(", unsteady") for one in times(2048)] == [False, True, False]
    # What lies between two measured times is no steadier than either.
    assert [one.endswith(", unsteady") for one in times(1024)] == [True, True, False]
    best = budget.best_table(asked(look(store), 512)).to_dict("records")
    assert [one["Best by"] for one in best if "unsteady" in one["Value"]] == ["Time"]


def test_what_is_within_comes_quickest_first_and_not_without_end(planted):
    found = asked(planted)
    table = budget.within_table(replace(found, perhaps=()))
    times = {one.name: one.interval("time_s")[0] for one in found.surely}
    assert list(table["Choice"]) == sorted(times, key=lambda name: times[name])
    many = budget.within_table(replace(found, perhaps=found.surely * 9))
    assert len(many) == budget.ROWS and set(many["Within"]) == {"surely"}
    assert "Token accuracy" not in table.columns
