"""Published costs as ratios worked by hand, and the measured ratios that may stand beside them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from attn_core.tradeoff.points import points
from attn_core.tradeoff.published import BESIDE, NORMS, beside, noise_floor, published, ranges
from attn_core.tradeoff.stored import of_document
from attn_core.training.published import figures
from tests.tradeoff.handmade import SERVER, cell, choice, study

FLASH, SOFTMAX, RANK = choice("flash"), choice("softmax"), choice("linformer", rank=64)


def only(table: Any, **where: Any) -> Any:
    for name, value in where.items():
        column = table[name]
        table = table[column.str.startswith(value) if name == "source" else column == value]
    (found,) = table.to_dict("records")
    return found


@pytest.mark.parametrize(
    ("where", "normalised", "ratio"),
    [
        ({"source": "Flash", "method": "flash", "length": 4096, "metric": "time"}, 30.09, 30.09 / 50.44),
        ({"source": "Flash", "method": "linformer", "length": 4096, "metric": "memory"}, 1652, 1652 / 17024),
        ({"source": "Nyström", "method": "nystromformer", "length": 8192, "metric": "time"}, 12.3, 12.3 / 155.4),
        ({"source": "Linformer", "length": 4096, "metric": "speed_up"}, 3.4, 1 / 3.4),
        ({"source": "Linformer", "length": 4096, "metric": "memory_ratio"}, 14, 1 / 14),
        ({"source": "Long", "method": "performer", "length": 4096, "metric": "steps_per_s"}, 8 / 1.4, 1.4 / 8),
        ({"source": "Skyformer", "method": "linformer", "metric": "training_time"}, 0.65, 0.65 / 4.3),
    ],
)  # fmt: skip
def test_each_paper_is_normalised_its_own_way(where: dict, normalised: float, ratio: float):
    found = only(published(), **where)
    assert found["normalised"] == pytest.approx(normalised)
    assert found["ratio"] == pytest.approx(ratio)
    assert found["hardware"]
    assert found["definition"]


def test_sparse_transformers_two_tasks_are_each_relative_to_their_own_dense_model():
    table = published()
    table = table[table["source"].str.startswith("Sparse") & (table["method"] != "softmax")]
    assert sorted(table["normalised"]) == pytest.approx(
        sorted([0.55 / 1.31, 0.35 / 1.31, 0.47 / 0.54, 0.38 / 0.54])
    )


def test_exact_attention_is_its_own_measure():
    table = published()
    exact = table[(table["method"] == "softmax") & table["value"].notna()]
    assert set(exact["ratio"]) == {1.0}


def test_where_exact_attention_ran_out_of_memory_there_is_no_ratio():
    table = published()
    there = table[table["source"].str.startswith("Flash") & (table["length"] == 8192)]
    assert len(there) == 6
    assert there["ratio"].isna().all()
    assert there["value"].notna().sum() == 5


def test_every_published_cost_is_there_and_nothing_is_invented():
    costs = [one for one in figures() if one.metric in NORMS]
    table = published()
    assert len(table) == len(costs)
    assert table["value"].dropna().tolist() == [
        one.value for one in costs if one.value is not None
    ]
    assert set(table[~table["known"]]["method"]) == {
        "block-sparse flash",
        "openai block-sparse",
        "local attention",
        "gaussian kernel",
    }
    # Lower is always cheaper, whatever a paper prints.
    known = table.dropna(subset=["ratio"])
    assert (known["ratio"] > 0).all()
    left = {one.metric for one in figures()} - set(NORMS)
    assert not any("time" in metric or "memory" in metric for metric in left)


def test_papers_that_disagree_are_a_range():
    found = {(one.method, one.metric): one for one in ranges()}
    performer = found["performer", "listops_accuracy"]
    assert (performer.low, performer.high) == (18.0, 38.0)
    assert len(performer.by_source) == 5
    retrieval = found["softmax", "retrieval_accuracy"]
    assert (retrieval.low, retrieval.high) == (57.5, 81.6)
    floor = noise_floor()
    assert floor is not None
    assert (floor.low, floor.high) == (36.0, 37.6)


def test_measured_ratios_are_to_softmax_of_the_same_run_and_place():
    cells = [
        cell(SOFTMAX, 512, 0.10, memory=1000),
        cell(RANK, 512, 0.05, memory=500),
        cell(RANK, 1024, 0.05, memory=500),
        cell(RANK, 512, 0.05, environment=SERVER),
    ]
    table = beside(points([study(cells)]))
    assert len(table) == 4
    time = only(table, label="linformer rank=64", quantity="time")
    assert time["ratio"] == pytest.approx(0.5)
    assert time["ratio_low"] == pytest.approx(0.5 * 0.99 / 1.01)
    assert time["ratio_high"] == pytest.approx(0.5 * 1.01 / 0.99)
    assert time["exact_id"].endswith("/softmax @ 512")
    memory = only(table, label="linformer rank=64", quantity="memory")
    assert memory["ratio"] == memory["ratio_low"] == 0.5
    own = only(table, label="softmax", quantity="time")
    assert own["ratio"] == own["ratio_low"] == own["ratio_high"] == 1.0


def test_a_run_without_softmax_takes_the_newest_of_the_same_place():
    older, newer = (
        study([cell(SOFTMAX, 512, t)], run_id=f"2026010{k}") for k, t in ((1, 0.1), (2, 0.2))
    )
    without = study([cell(RANK, 512, 0.05)], run_id="20260103")
    table = beside(points([older, newer, without]))
    assert only(table, label="linformer rank=64")["ratio"] == pytest.approx(0.25)
    own = study([cell(SOFTMAX, 512, 0.1), cell(RANK, 512, 0.05)], run_id="20260101")
    both = beside(points([own, newer]))
    assert only(both, label="linformer rank=64")["ratio"] == pytest.approx(0.5)
    against = beside(points([older, newer, without]), "flash")
    assert len(against) == 0


def test_no_points_have_a_table_with_its_columns():
    assert list(beside(points([])).columns) == list(BESIDE)
    lost = study([cell(SOFTMAX, 512, None, outcome="oom"), cell(RANK, 512, 0.1)])
    assert len(beside(points([lost]))) == 0


def test_the_recorded_sweep_stands_beside_the_papers():
    path = Path(__file__).resolve().parents[2] / "data" / "studies" / "speed-cpu.json"
    table = beside(points([of_document(json.loads(path.read_text()))]))
    assert {"id", "quantity", "ratio", "length", "method"} <= set(table) & (
        set(published()) | {"id"}
    )
    assert not any(math.isnan(one) for one in table["ratio"])
