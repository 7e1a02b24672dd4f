"""Crossings of planted laws: found where they were put, in time and in memory, on each machine by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from attn_core.tradeoff.crossing import COLUMNS, crossings, memory_crossover, newest
from attn_core.tradeoff.stored import of_document
from tests.tradeoff.handmade import LAPTOP, MACHINES, SERVER, cell, choice, figure_z, judged, study

LENGTHS = (256, 512, 1024, 2048, 4096)
FLASH, SOFTMAX, LINEAR = choice("flash"), choice("softmax"), choice("kernelized")


def laws(at: float, memory_at: float = 700, environment: str = LAPTOP) -> list[Any]:
    """Flash is quadratic in time; the linear method meets it at a length, and its memory at another."""
    cells = []
    for n in LENGTHS:
        cells.append(cell(FLASH, n, 1e-9 * n**2, memory=n * 1000, environment=environment))
        linear = 1e-9 * n * at
        fixed = int(1000 * memory_at)
        cells.append(cell(LINEAR, n, linear, memory=fixed, environment=environment))
    return cells


def row(table: Any, **where: str) -> Any:
    for name, value in where.items():
        table = table[table[name] == value]
    (found,) = table.to_dict("records")
    return found


def test_a_planted_crossing_is_found_with_its_interval():
    found = row(crossings([study(laws(1500))]), label="kernelized", axis="time_s")
    assert found["against"] == "flash"
    assert found["state"] == "crosses"
    assert found["length"] == pytest.approx(1500, rel=0.01)
    assert found["low"] <= 1500 <= found["high"] < 1600
    assert (found["first"], found["up_to"]) == (256, 4096)
    assert found["machine"] == MACHINES[LAPTOP]


def test_a_crossing_may_be_anywhere_between_the_measured_lengths_about_it():
    """However little the noise: beside what the timings' interval says stands where they were taken."""
    for axis, at in (("time_s", 1500), ("memory_bytes", 700)):
        found = row(crossings([study(laws(1500))]), label="kernelized", axis=axis)
        after, by = (1024, 2048) if at == 1500 else (512, 1024)
        assert (found["after"], found["by"]) == (after, by)
        assert f"{after:,} and {by:,}" in found["note"]
    # Exactly at a measured length: it crosses there or in what lies beside it.
    found = row(crossings([study(laws(1024))]), label="kernelized", axis="time_s")
    assert found["after"] <= found["low"] and found["high"] <= found["by"]


def test_a_choice_is_said_to_win_only_where_it_was_measured():
    """Though its rival was measured at more lengths."""
    rows = [one for one in laws(100) if one["label"] == "flash" or one["queries"] == 2048]
    for axis in ("time_s", "memory_bytes"):
        found = row(crossings([study(rows)]), label="kernelized", axis=axis)
        assert (found["state"], found["first"], found["up_to"]) == ("always faster", 2048, 2048)


def test_memory_crosses_between_the_two_lengths_around_it():
    found = row(crossings([study(laws(1500))]), label="kernelized", axis="memory_bytes")
    assert found["length"] == pytest.approx(700)
    assert (found["low"], found["high"]) == (512, 1024)
    assert "between 512 and 1,024" in found["note"]


@pytest.mark.parametrize(
    ("memory", "state"),
    [
        ([1, 1, 1], "always faster"),
        ([9, 9, 9], "never up to N"),
        ([1, 9, 9], "only shorter"),
        ([2, 2, 2], "never up to N"),
        ([9, 1, 1], "crosses"),
        ([1, 9, 1], "crosses"),
        ([9, 1, 9, 1], "crosses"),
    ],
)
def test_every_way_that_memory_can_go(memory: list[int], state: str):
    measured = LENGTHS[: len(memory)]
    cells = [cell(FLASH, n, 0.1, memory=2) for n in measured]
    cells += [cell(LINEAR, n, 0.1, memory=m) for n, m in zip(LENGTHS, memory, strict=False)]
    found = memory_crossover(cells, "kernelized", "flash")
    assert found.state == state
    assert found.up_to == measured[-1]
    if memory[-2:] == [9, 1]:
        # Where it begins to win and then keeps winning.
        assert measured[-2] < (found.length or 0) < measured[-1]


def test_memory_that_nobody_measured_has_no_crossing():
    assert memory_crossover(laws(1500)[:1], "kernelized", "flash").state == "not measured"
    lost = cell(LINEAR, 256, None, outcome="oom")
    assert memory_crossover([*laws(1500)[:1], lost], "kernelized", "flash").state == "not measured"


def test_machines_cross_each_by_itself():
    both = study([*laws(1500), *laws(600, environment=SERVER)])
    found = crossings([both])
    times = {one: row(found, environment_id=one, axis="time_s")["length"] for one in MACHINES}
    assert times[LAPTOP] == pytest.approx(1500, rel=0.01)
    assert times[SERVER] == pytest.approx(600, rel=0.01)


def test_a_choice_is_held_against_the_references_of_its_own_run():
    first = study([one for one in laws(1500) if one["label"] == "flash"])
    second = study([one for one in laws(1500) if one["label"] != "flash"], run_id="other")
    assert len(crossings([first, second])) == 0


def test_of_several_runs_the_newest_that_knows_says_where_a_choice_crosses():
    """Two marks of one choice would contradict each other; a run of one length knows nothing of crossings."""
    one_length = [one for one in laws(4000) if one["queries"] == LENGTHS[0]]
    runs = [
        study(laws(1500)), study(laws(600), run_id="newer"), study(one_length, run_id="newest"),
        study(laws(900, environment=SERVER), run_id="elsewhere"),
    ]  # fmt: skip
    found = newest(crossings(runs))
    assert list(found.columns) == list(COLUMNS)
    for where, run, at in ((LAPTOP, "newer", 600), (SERVER, "elsewhere", 900)):
        mark = row(found, label="kernelized", axis="time_s", environment_id=where)
        assert mark["run_id"] == run and mark["length"] == pytest.approx(at, rel=0.01)


def test_both_exact_methods_are_references_and_of_each_other():
    cells = [*laws(1500), *(cell(SOFTMAX, n, 3e-9 * n**2, memory=n * n) for n in LENGTHS)]
    found = crossings([study(cells)])
    assert set(zip(found["label"], found["against"], strict=True)) == {
        ("kernelized", "flash"),
        ("kernelized", "softmax"),
        ("flash", "softmax"),
        ("softmax", "flash"),
    }
    assert row(found, label="flash", axis="time_s")["state"] == "always faster"
    assert row(found, label="softmax", axis="time_s")["state"] == "never up to N"
    assert len(crossings([study(cells)], ["softmax"])) == 4


def test_no_rows_have_a_table_with_its_columns():
    for runs in ([], [study()], [figure_z(judged("flash", 256, forward_s=0.1))]):
        assert list(crossings(runs).columns) == list(COLUMNS)
        assert len(crossings(runs)) == 0


def test_the_recorded_sweep_has_crossings_of_every_method_it_timed():
    path = Path(__file__).resolve().parents[2] / "data" / "studies" / "speed-cpu.json"
    document = json.loads(path.read_text())
    found = crossings([of_document(document)])
    assert len(found) == 2 * 2 * (len(document["settings"]["methods"]) - 1)
    assert set(found[found["label"] == "ssd"]["state"]) == {"not measured"}
    assert "crosses" in set(found["state"])
