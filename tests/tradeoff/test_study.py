"""The loop of a study, on planted measurements: a spread first, within its limit, and resumed where it was."""

from dataclasses import replace
from typing import Any

import pytest

from attn_core.environment import describe
from attn_core.timing.events import Progress, RowReady, Started
from attn_core.timing.spec import Choice
from attn_core.tradeoff.agenda import STEADY_S
from attn_core.tradeoff.fidelity_rows import fidelity_key
from attn_core.tradeoff.plan import Known, grid
from attn_core.tradeoff.sampling import promising
from attn_core.tradeoff.study import run_study
from attn_core.tradeoff.study_events import Ended, FidelityReady
from tests.tradeoff.handmade import cell, fidelity
from tests.tradeoff.planted import SMALL, PlantedMeasuring

S = "synthetic local"
# Two points of its spread are a batch, then the rest: no batch takes more than a third of the time.
IN_PARTS = replace(SMALL, lengths=(512,), limit_s=20.0)


def study(spec, planted, finished=None, stop=lambda: False) -> list[Any]:
    events: list[Any] = []
    run_study(
        spec, finished=finished, emit=events.append, stop=stop, measuring=planted.measuring()
    )
    return events


def rows_of(events: list[Any]) -> dict[str, list[dict[str, Any]]]:
    cells = [e.row for e in events if isinstance(e, RowReady) and e.kind == "cell"]
    return {"cell": cells, "fidelity": [e.row for e in events if isinstance(e, FidelityReady)]}


def keys(events: list[Any]) -> list[str]:
    return [e.key for e in events if isinstance(e, RowReady) and e.kind == "cell"]


def test_every_point_has_its_rows_once_and_the_end_says_why():
    events = study(SMALL, PlantedMeasuring())
    found = rows_of(events)
    assert len(set(keys(events))) == len(keys(events))
    assert len(found["fidelity"]) == 2 * len(found["cell"])
    assert (
        isinstance(events[-1], Ended) and events[-1].why == "settled" and not events[-1].promising
    )
    assert events[-1].measured == len(found["cell"])
    assert sum(isinstance(event, Started) for event in events) == 1
    done = [event.done for event in events if isinstance(event, Progress)]
    assert done == sorted(done)


def test_each_length_begins_with_the_exact_methods():
    events = study(SMALL, PlantedMeasuring())
    assert set(keys(events)[:2]) == {"softmax @ 256", "flash @ 256"}
    begun = [key for key in keys(events) if key.endswith("@ 512")]
    assert set(begun[:2]) == {"softmax @ 512", "flash @ 512"}


def test_a_known_point_runs_beside_every_later_batch_and_is_not_stored_again():
    planted = PlantedMeasuring(cell_s=0.1)
    events = study(IN_PARTS, planted)
    stored = keys(events)
    again = [key for key in planted.timed if planted.timed.count(key) > stored.count(key)]
    assert len(again) >= 2 and len(set(again)) == 1
    assert len(set(stored)) == len(stored)


def test_all_batches_share_the_inputs_that_were_drawn_and_none_is_left_behind():
    planted = PlantedMeasuring()
    study(SMALL, planted)
    assert len(planted.folders) > 1 and len(set(planted.folders)) == 1
    assert not planted.folders[0].exists()


def test_what_runs_beside_a_batch_takes_long_enough_to_tell():
    """Of exact attention and ladders of budgets: the quickest that takes five milliseconds."""
    planted = PlantedMeasuring(cell_s=0.1)
    events = study(IN_PARTS, planted)
    again = next(key for key in planted.timed if planted.timed.count(key) > 1)
    first = [
        row for row in rows_of(events)["cell"] if f"{row['label']} @ 512" in planted.timed[:2]
    ]
    steady = [row["median_s"] for row in first if row["median_s"] >= STEADY_S]
    chosen = next(row for row in first if f"{row['label']} @ 512" == again)["median_s"]
    assert chosen == (min(steady) if steady else max(row["median_s"] for row in first))


def test_a_batch_that_met_a_busy_machine_is_timed_again():
    planted = PlantedMeasuring(cell_s=0.1, slow=(1.0, 4.0))
    events = study(IN_PARTS, planted)
    assert planted.sweeps == 3
    alone = study(IN_PARTS, PlantedMeasuring(cell_s=0.1))
    calm = {row["label"]: row["median_s"] for row in rows_of(alone)["cell"]}
    for row in rows_of(events)["cell"]:
        assert row["median_s"] == pytest.approx(calm[row["label"]])
        assert "machine" not in row["message"]


def test_rows_of_a_machine_that_stays_busy_say_so():
    planted = PlantedMeasuring(cell_s=0.1, slow=(1.0, *[4.0] * 50))
    events = study(IN_PARTS, planted)
    first, later = rows_of(events)["cell"][:2], rows_of(events)["cell"][2:]
    assert all(row["outcome"] == "ok" for row in first) and later
    assert all(row["outcome"] == "unstable" for row in later)
    assert "took 4 times as long" in later[0]["message"]


@pytest.mark.parametrize("limit", [20.0, 40.0])
def test_the_limit_holds_and_what_is_left_is_counted(limit):
    planted = PlantedMeasuring(cell_s=4.0)
    events = study(replace(SMALL, limit_s=limit), planted)
    assert planted.time <= limit + 5
    assert events[-1].why == "limit" and events[-1].unmeasured > 0
    left = [event.seconds_left for event in events if isinstance(event, Progress)]
    assert all(0 <= one <= limit for one in left)


def test_a_machine_that_is_much_slower_than_expected_has_errors_within_the_limit():
    """Errors follow the times of a batch: one that took all the time would leave times alone."""
    expected = sum(point.seconds for point in grid(SMALL, describe())) / 2
    planted = PlantedMeasuring(cell_s=3 * expected / len(grid(SMALL, describe())))
    found = rows_of(study(replace(SMALL, limit_s=expected), planted))
    assert found["cell"] and len(found["fidelity"]) == 2 * len(found["cell"])


def test_what_takes_too_long_keeps_nothing_else_from_being_measured():
    """Softmax at a length where it alone would take the time; other choices there do not, nor do other lengths."""
    spec = replace(SMALL, lengths=(256, 8192), limit_s=20.0)
    slow = [point for point in grid(spec, describe()) if point.seconds > 20]
    assert slow
    found = keys(study(spec, PlantedMeasuring(cell_s=0.1)))
    assert {key.split(" @ ")[1] for key in found} == {"256", "8192"}
    without_limit = keys(study(replace(spec, limit_s=None), PlantedMeasuring(cell_s=0.1)))
    assert {point.key for point in slow} & set(without_limit)


def test_a_stop_keeps_what_is_there_and_a_resumed_study_measures_only_the_rest():
    whole = study(SMALL, PlantedMeasuring())
    planted, seen = PlantedMeasuring(), []
    run_study(
        SMALL, emit=seen.append, measuring=planted.measuring(),
        stop=lambda: sum(isinstance(e, FidelityReady) for e in seen) >= 3,
    )  # fmt: skip
    assert seen[-1].why == "stopped"
    again = PlantedMeasuring()
    rest = study(SMALL, again, rows_of(seen))
    assert not set(keys(seen)) & set(keys(rest))
    compared = {e.key for e in seen if isinstance(e, FidelityReady)}
    assert compared and not compared & set(again.compared)
    assert set(keys(seen)) | set(keys(rest)) == set(keys(whole))


def test_rounding_errors_of_exact_methods_make_nothing_else_worth_its_time():
    """Of two exact methods the slower one rounds better: what is slower than the other is beaten all the same."""
    choices = {name: Choice(name, {}) for name in ("flash", "softmax")}
    low = [Choice("low_rank", {"rank": rank}) for rank in (8, 16, 512)]
    spec = replace(SMALL, methods=(*choices, "low_rank"), lengths=(512,), sources=(S,))
    known = Known(spec)
    times = [(choices["flash"], 1.0), (choices["softmax"], 2.0), (low[0], 0.2), (low[1], 1.2)]
    errors = {"flash": 3e-7, "softmax": 1e-7}
    for choice, seconds in times:
        known.cells[f"{choice.label} @ 512"] = cell(choice, 512, seconds)
        row = fidelity(choice, 512, errors.get(choice.method, 0.5), S)
        known.fidelity[fidelity_key(choice.label, 512, S)] = row
    places = {point.key: point for point in grid(spec, describe())}
    seen = known.seen(list(places.values()))
    assert seen["flash @ 512"].errors == seen["softmax @ 512"].errors
    tried = {
        guess.place.name for guess in promising([point.place for point in places.values()], seen)
    }
    assert not any(f"{low[2].label} @ 512" == name for name in tried)


def test_a_settled_study_has_nothing_to_do():
    whole = study(SMALL, PlantedMeasuring())
    again = PlantedMeasuring()
    assert study(SMALL, again, rows_of(whole))[-1].why == "settled"
    assert again.timed == again.compared == []
