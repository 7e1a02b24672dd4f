"""Every point is counted once, and the words say what the picture shows."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from attn_core.tradeoff.axes import AXES
from dashboard.components.tradeoff_linked import linked
from dashboard.services import tradeoff_point as point
from dashboard.services import tradeoff_verdict as verdicts
from dashboard.services import tradeoffs
from dashboard.services.tradeoff_view import first_axes, first_lengths, shown
from dashboard.services.tradeoff_words import (
    alternative,
    counted,
    measured_on,
    nothing_drawn,
    standings,
)
from tests.dashboard.planted_tradeoffs import (
    FLASH,
    RANKS,
    SOFTMAX,
    asked,
    at,
    full,
    look,
    of,
    plant,
)
from tests.tradeoff.handmade import cell, fidelity


def test_every_point_is_counted_once(planted):
    said = counted(planted)
    labels = list(planted.labels)
    assert f"10 points: {labels.count('front')} on the front" in said
    assert f"{labels.count('dominated')} beaten" in said and "not measured" not in said
    where = measured_on(planted)
    assert planted.setting.machine in where and planted.setting.sizes in where


def test_what_has_no_place_and_what_failed_is_counted_too(store):
    cells = [
        cell(FLASH, 2048, 0.01),
        cell(SOFTMAX, 2048, 0.02),
        cell(RANKS[0], 2048, None, outcome="oom"),
    ]
    plant(store, cells, [fidelity(FLASH, 2048, 1e-7)])
    said = counted(look(store))
    assert said.startswith("3 points: 1 on the front, 2 lack one of the two. Not measured: 1 oom.")
    assert "1 on the front (ringed)" in standings(look(store))


def test_what_did_not_run_is_on_no_front(store):
    plant(store, [cell(one, 2048, None, outcome="oom") for one in (FLASH, *RANKS)])
    found = look(store, x="flops", y="memory_bytes")
    assert set(found.labels) == {"unmeasured"} and not found.table["flops"].notna().any()
    assert nothing_drawn(found).startswith("Nothing that was tried")
    assert asked(found).note == "Tried at N = 2,048, and nothing could be timed."


def test_a_quantity_within_a_sentence_keeps_its_capitals():
    nouns = [AXES[name].noun for name in ("flops", "bleu", "top_k_recall", "time_s")]
    assert nouns == ["FLOPs", "BLEU", "top-8 recall", "time"]


def test_points_without_a_budget_are_on_no_line(planted):
    lines = linked(planted).points.set_index("label")["line"]
    assert lines["FlashAttention"].isna().all() and lines["Low-rank rank=16"].notna().all()


def test_a_chart_in_words_names_the_front_from_one_end_to_the_other(planted):
    said = alternative(at(planted, 2048))
    names = [f"Low-rank rank={rank}" for rank in (16, 32)]
    places = [said.index(name) for name in names]
    assert places == sorted(places) and "at N = 2,048, 5 points" in said and "512" not in said


def test_the_first_view_has_the_points(planted):
    """Errors where there are any; a quality of a few trained models does not hide all others."""
    table = planted.whole
    assert first_axes(table) == ("time_s", "output_error")
    few = table.assign(output_error=np.nan, token_accuracy=[0.5, *[np.nan] * (len(table) - 1)])
    assert first_axes(few) == ("time_s", "memory_bytes")
    assert first_axes(few.assign(token_accuracy=0.5)) == ("time_s", "token_accuracy")


def test_of_one_choice_in_several_runs_the_newest_counts_everywhere_and_the_others_are_counted(
    store,
):
    old = full(store, lengths=(2048,))
    twice = [cell(FLASH, 2048, 0.003), cell(SOFTMAX, 2048, 0.004)]
    new = plant(store, twice, [fidelity(FLASH, 2048, 1e-7)])
    found = look(store)
    # The newer run of softmax has no error: the older one still says more.
    kept = {row["label"]: row["run_id"] for row in found.table.to_dict("records")}
    assert kept == {"flash": new, "softmax": old} | {one.label: old for one in RANKS}
    said = counted(found)
    stand = "2 on the front, 3 beaten"
    assert said.startswith(f"5 points of 2 runs: {stand}.")
    assert said.endswith(
        "2 points are left out: of their choices a run counts that is newer, or has the error too."
    )
    assert found.setting.points == 5
    text = " ".join(one.text for one in verdicts.sentences(found))
    assert "FlashAttention within 1% error (3.00 ms)" in text and "Of 5 choices" in text
    offered = [one.point["run_id"] for one in asked(found).surely if one.name == "FlashAttention"]
    assert offered == [new]
    # Drawn too, an older one changes nothing, and stays a point of its run.
    both = shown(found.everything, found.setting, (2048,), "time_s", "output_error", True)
    assert counted(both).startswith(f"7 points of 2 runs: {stand}, 1 of another run")
    assert both.shares == found.shares
    older = point.reading(both.everything, of(both, "flash") | {"older": True})
    assert older.startswith("Another run of this choice counts")


def test_the_first_length_is_the_one_that_the_verdict_is_about(store):
    # Measured twice, a shorter length has more points and no more choices.
    for _ in range(3):
        full(store, lengths=(512,))
    full(store, lengths=(2048,))
    found = look(store)
    assert first_lengths(found.whole, "time_s", "output_error") == [2048]
    assert "at N = 2,048" in verdicts.sentences(found)[0].text


def test_a_shown_view_is_found_again_by_what_it_is_of(planted):
    assert at(planted, 2048) is at(planted, 2048)
    other = replace(planted.setting, machine="another")
    assert shown(planted.everything, other, (2048,), "time_s", "output_error") is not at(
        planted, 2048
    )


@pytest.mark.parametrize(
    "origin, ended, why, more",
    [
        ("here", "done", "limit", True),
        ("here", "done", "settled", False),
        ("here", "cancelled", None, True),
        ("here", "running", None, False),
        ("imported", "done", "limit", False),
    ],
)
def test_a_study_goes_on_where_its_time_was_up_and_not_where_nothing_is_uncertain(
    origin, ended, why, more
):
    run: Any = SimpleNamespace(origin=origin, state=ended)
    job: Any = SimpleNamespace(progress={"why": why} if why else {})
    assert tradeoffs.can_resume(run, job) == more
