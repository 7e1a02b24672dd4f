"""From stored rows to points: what belongs together, what stays apart, and what is not there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attn_core.store import Store
from attn_core.tradeoff.axes import AXES, amount, axis, chosen
from attn_core.tradeoff.front import front_of
from attn_core.tradeoff.newest import newest
from attn_core.tradeoff.points import COLUMNS, points, source_keys
from attn_core.tradeoff.stored import of_document, of_store
from tests.tradeoff.handmade import (
    LAPTOP,
    MACHINES,
    SERVER,
    cell,
    choice,
    fidelity,
    figure_z,
    judged,
    study,
)

STUDIES = Path(__file__).resolve().parents[2] / "data" / "studies"
RANK = choice("linformer", rank=64)
FLASH = choice("flash")
TEXTS = ("id", "run_name", "machine", "method", "family", "label", "outcome", "source_key")


def test_no_runs_have_no_points_but_all_columns():
    for runs in ([], [study()], [figure_z([])]):
        found = points(runs)
        assert found.shape == (0, len(COLUMNS))
        assert list(found.columns) == list(COLUMNS)
        assert front_of(found, ["time_s", "output_error"]).tolist() == []


def test_a_cell_and_its_fidelity_are_one_point():
    run = study(
        [cell(RANK, 512, 0.01, memory=2**20), cell(RANK, 1024, 0.02), cell(FLASH, 512, 0.03)],
        [fidelity(RANK, 512, 0.2, kl=None, recall=0.7)],
    )
    found = points([run])
    assert len(found) == 3
    point = found.iloc[0]
    assert point["id"] == f"{run.run_id}/linformer rank=64 @ 512"
    assert point[["run_name", "machine", "family"]].tolist() == [
        "Planted",
        MACHINES[LAPTOP],
        "low-rank",
    ]
    assert point["params"]["rank"] == 64
    assert not point["exact"]
    assert found["exact"].tolist() == [False, False, True]
    assert point["time_s"] == 0.01
    assert (point["time_s_low"], point["time_s_high"]) == pytest.approx((0.0099, 0.0101))
    assert point["memory_bytes"] == point["memory_bytes_low"] == 2**20
    assert point["floor_share"] == 0.5
    # The slower the call, the smaller the share.
    ends = (point["floor_share_low"], point["floor_share_high"])
    assert ends == pytest.approx((0.5 / 1.01, 0.5 / 0.99))
    assert point["output_error"] == 0.2
    assert point["output_error_high"] == pytest.approx(0.22)
    assert np.isnan(point["row_kl"])
    assert point["top_k_recall"] == 0.7
    assert point["source_key"] == "synthetic local"
    assert np.isnan(found["output_error"].to_numpy()[1:]).all()
    assert found["source_key"].tolist()[1:] == ["", ""]


def test_every_axis_has_an_interval_that_holds_it():
    for document in STUDIES.glob("*.json"):
        found = points([of_document(json.loads(document.read_text()))])
        assert len(found)
        assert found["id"].is_unique
        for one in AXES.values():
            value, low, high = (found[name].to_numpy() for name in (one.name, one.low, one.high))
            known = ~np.isnan(value)
            assert (low[known] <= value[known]).all() and (value[known] <= high[known]).all()
            assert np.isnan(low[~known]).all() and np.isnan(high[~known]).all()


def test_an_open_interval_falls_back_to_the_fifths():
    found = points([study([cell(FLASH, 512, 0.1, ci_low_s=None, ci_high_s=None, p20_s=0.08)])])
    assert found["time_s_low"][0] == 0.08


def test_fidelity_without_a_timed_cell_is_a_point_all_the_same():
    found = points(
        [study([], [fidelity(RANK, 512, 0.2), fidelity(FLASH, 512, None, outcome="oom")])]
    )
    assert found["output_error"].tolist()[0] == 0.2
    assert np.isnan(found["time_s"]).all()
    assert found["outcome"].tolist() == ["cancelled", "oom"]
    assert found["environment_id"].tolist() == [LAPTOP] * 2
    assert found["dtype"].tolist() == ["float32"] * 2


def test_what_failed_is_a_point_without_numbers():
    found = points([study([cell(FLASH, 512, None, outcome="oom"), cell(RANK, 512, 0.1)])])
    assert found["outcome"].tolist() == ["oom", "ok"]
    assert found["message"][0] == "planted oom"
    labels = front_of(found, ["time_s", "flops"])
    assert labels.tolist() == ["unmeasured", "front"]


def test_the_source_with_most_rows_is_taken_unless_one_is_named():
    run = study(
        [cell(RANK, 512, 0.1), cell(RANK, 1024, 0.1)],
        [
            fidelity(RANK, 512, 0.5, "teacher layer 1"),
            fidelity(RANK, 512, 0.1),
            fidelity(RANK, 1024, 0.2),
        ],
    )
    assert source_keys([run]) == {"synthetic local": 2, "teacher layer 1": 1}
    assert points([run])["output_error"].tolist() == [0.1, 0.2]
    assert points([run])["sources"].tolist() == [2, 1]
    named = points([run], "teacher layer 1")
    assert named["output_error"][0] == 0.5
    assert np.isnan(named["output_error"][1])
    with pytest.raises(ValueError, match="must be one of synthetic local, teacher layer 1"):
        points([run], "teacher layer 9")


def test_the_same_choice_of_two_runs_stays_two_points_that_do_not_beat_each_other():
    again = study(
        [cell(FLASH, 512, 0.0999)], [fidelity(FLASH, 512, 1e-7)], "20260103-000000-ccccc"
    )
    first = study([cell(FLASH, 512, 0.1)], [fidelity(FLASH, 512, 1e-7)])
    found = points([first, again])
    assert found["run_id"].tolist() == [first.run_id, again.run_id]
    assert front_of(found, ["time_s", "output_error"]).tolist() == ["front", "front"]


def test_points_of_other_machines_settings_and_lengths_do_not_beat_each_other():
    slow = cell(FLASH, 512, 1.0)
    fast = [
        cell(RANK, 512, 0.1, environment=SERVER),
        cell(RANK, 256, 0.1),
        cell(RANK, 512, 0.1, dtype="bfloat16"),
        cell(RANK, 512, 0.1, **{"pass": "forward+backward"}),
    ]
    for one in fast:
        labels = front_of(points([study([slow, one])]), ["time_s"])
        assert labels.tolist() == ["front", "front"]
    alike = front_of(points([study([slow, cell(RANK, 512, 0.1)])]), ["time_s"])
    assert alike.tolist() == ["dominated", "front"]


Z_ROWS = [
    *judged("linformer rank=64", 256, token_accuracy=0.5, bleu=10, forward_s=0.2, peak_bytes=1e6),
    *judged("linformer rank=64", 256, "drop-in", token_accuracy=0.3),
    *judged("linformer rank=64", 512, token_accuracy=0.4, generalization=0.8, forward_s=0.4),
    *judged("flash", 256, "teacher", token_accuracy=0.9),
    *judged("identity", 256, "identity", token_accuracy=0.1, forward_s=0.01),
    *judged("linformer", 256, "published", forward_s=9.0),
]


def test_quality_is_lent_by_the_student_of_the_same_method_and_parameters():
    others = [cell(RANK, n, 0.1) for n in (256, 512, 4096)]
    others += [cell(choice("linformer", rank=32), 256, 0.1), cell(FLASH, 256, 0.1)]
    found = points([study(others), figure_z(Z_ROWS, [RANK])]).iloc[:5]
    assert found["token_accuracy"].tolist()[:3] == [0.5, 0.4, 0.5]
    assert found["generalization"].tolist()[1] == 0.8
    assert np.isnan(found["generalization"].tolist()[2])
    assert found["quality_length"].tolist()[:3] == [256, 512, 256]
    assert found["quality_from"].tolist()[2] == (
        "distilled linformer rank=64 of run 20260102-000000-bbbbb, N = 256"
    )
    assert np.isnan(found["token_accuracy"].tolist()[3])
    assert found["quality_from"].tolist()[3] == ""
    assert found["quality_from"].tolist()[4].startswith("teacher flash")
    assert found["token_accuracy_low"].tolist()[0] == pytest.approx(0.45)
    # Time and memory stay those of the operator.
    assert found["time_s"].tolist() == [0.1] * 5


def test_what_was_trained_with_one_exact_method_is_lent_to_all_of_them():
    """They compute the same function; and one that has a model of its own keeps it."""
    others = [cell(FLASH, 256, 0.1), cell(choice("softmax"), 256, 0.1)]
    found = points([study(others), figure_z(Z_ROWS, [RANK])]).iloc[:2]
    assert found["token_accuracy"].tolist() == [0.9, 0.9]
    own = [*Z_ROWS, *judged("softmax", 256, "teacher", token_accuracy=0.8)]
    found = points([study(others), figure_z(own, [RANK])]).iloc[:2]
    assert found["token_accuracy"].tolist() == [0.9, 0.8]


def test_a_distilled_student_of_one_exact_method_is_lent_to_all_of_them_too():
    """As in a Figure Z whose teacher is left out of the comparison."""
    rows = judged("flash", 256, "distilled", token_accuracy=0.7)
    found = points([study([cell(choice("softmax"), 256, 0.1)]), figure_z(rows, [FLASH])])
    assert found["token_accuracy"].tolist()[0] == 0.7


def test_points_of_one_length_have_the_quality_of_models_judged_at_one_length():
    """A model that takes no longer inputs was judged at the trained length only, where everything is easier."""
    rows = [
        *judged("linformer rank=64", 256, token_accuracy=0.8),
        *judged("flash", 256, "teacher", token_accuracy=0.9),
        *judged("flash", 1024, "teacher", token_accuracy=0.6),
    ]
    others = [cell(one, n, 0.1) for n in (512, 1024) for one in (RANK, FLASH)]
    found = points([study(others), figure_z(rows, [RANK])]).iloc[:4]
    assert found["quality_length"].tolist()[:2] == [256, 256]
    assert np.isnan(found["token_accuracy"].tolist()[2])
    assert found["token_accuracy"].tolist()[3] == 0.6


def test_the_other_kind_of_student_can_be_asked_for():
    runs = [study([cell(RANK, 256, 0.1), cell(FLASH, 256, 0.1)]), figure_z(Z_ROWS, [RANK])]
    found = points(runs, student="drop-in")
    assert found["token_accuracy"].tolist()[:2] == [0.3, 0.9]
    assert found["quality_from"][0].startswith("drop-in linformer rank=64")


@pytest.mark.parametrize("older", ["20260101-000000-aaaaa", "recorded:figure-z"])
def test_the_newest_figure_z_lends(older: str):
    """Runs come oldest first, recorded ones before one's own, whatever they are called."""
    better = judged("linformer rank=64", 256, token_accuracy=0.6)
    runs = [figure_z(Z_ROWS, [RANK], older), figure_z(better, [RANK], "20260109-000000-zzzzz")]
    assert points([study([cell(RANK, 256, 0.1)]), *runs])["token_accuracy"][0] == 0.6


def test_a_figure_z_has_points_of_its_own():
    found = points([figure_z(Z_ROWS, [RANK])])
    assert found["label"].tolist() == ["linformer rank=64"] * 2 + ["flash"]
    assert found["length"].tolist() == [256, 512, 256]
    assert set(found["role"]) == {"model"}
    assert found["time_s"].tolist()[:2] == [0.2, 0.4]
    assert found["memory_bytes"][0] == 1e6
    assert found["head_dim"].tolist() == [32] * 3
    assert found["params"][0]["rank"] == 64
    assert found["machine"][0] == MACHINES[LAPTOP]


def test_several_seeds_are_their_mean_with_the_widest_interval():
    rows = [
        row for s in (0, 1) for row in judged("flash", 256, seed=s, token_accuracy=0.5 + s / 10)
    ]
    found = points([figure_z(rows)])
    assert len(found) == 1
    assert found["token_accuracy"][0] == pytest.approx(0.55)
    assert found["token_accuracy_low"][0] == pytest.approx(0.45)
    assert found["token_accuracy_high"][0] == pytest.approx(0.66)


def test_the_articles_recipe_lends_no_quality_and_its_ratio_of_errors_is_no_generalization():
    rows = judged("linformer rank=64", 512, token_accuracy=0.5, generalization=1.2, forward_s=0.1)
    runs = [study([cell(RANK, 512, 0.1)]), figure_z(rows, [RANK], protocol="article")]
    found = points(runs)
    assert np.isnan(found["token_accuracy"][0])
    assert found["token_accuracy"][1] == 0.5
    assert np.isnan(found["generalization"]).all()


def test_a_method_that_the_catalogue_lost_is_still_a_point():
    gone = cell(FLASH, 512, 0.1, method="gone", label="gone x=1", params={"x": 1})
    found = points([study([gone])])
    assert found[["family", "budget"]].values.tolist() == [["", ""]]


def test_recorded_runs_have_the_same_points_by_file_and_by_store(tmp_path: Path):
    store, kept = Store(tmp_path), []
    documents = [json.loads(path.read_text()) for path in sorted(STUDIES.glob("*.json"))]
    for one in documents:
        run_id = store.create_run(one["kind"], one["settings"], name=one["name"])
        store.set_environment(run_id, store.environment(one["environment"]))
        rows = [
            (run_id, kind, str(n), json.dumps(row))
            for kind, part in (("cell", "rows"), ("fidelity", "fidelity"))
            for n, row in enumerate(one.get(part, []))
        ]
        with store.writing() as db:
            db.executemany("INSERT INTO rows (run_id, kind, key, data) VALUES (?, ?, ?, ?)", rows)
        kept.append(run_id)
    found = points(of_store(store))
    read = points([of_document(one) for one in documents])
    assert len(found) == len(read) > 0
    sort = ["kind", "label", "length"]
    left, right = (
        one.sort_values(sort, kind="stable").reset_index(drop=True) for one in (found, read)
    )
    np.testing.assert_array_equal(left[list(AXES)].to_numpy(), right[list(AXES)].to_numpy())
    assert left["machine"].tolist() == right["machine"].tolist()
    assert set(points(of_store(store, kept[:1]))["run_id"]) == {kept[0]}


def test_runs_made_at_the_same_instant_come_in_the_order_they_were_made(tmp_path: Path):
    store = Store(tmp_path)
    made = [store.create_run("tradeoff", {}) for _ in range(5)]
    with store.writing() as db:
        db.execute("UPDATE runs SET created_at = '2026-01-01T00:00:00'")
    assert [run.run_id for run in of_store(store)] == made


def test_axes_by_name_are_known_or_refused():
    assert axis("time_s").better == "lower"
    assert [one.name for one in chosen(["bleu", "time_s"])] == ["bleu", "time_s"]
    for names, said in (
        ([], "at least one"),
        (["bleu", "bleu"], "each axis once"),
        (["speed"], "'speed'"),
    ):
        with pytest.raises(ValueError, match=said):
            chosen(names)


def test_values_in_words_have_their_units():
    said = {
        "time_s": (0.0123, "12.3 ms"),
        "memory_bytes": (2**21, "2.00 MiB"),
        "flops": (3e9, "3.00 GFLOP"),
        "output_error": (0.05, "5.00%"),
        "row_kl": (0.5, "0.500 nats"),
        "bleu": (31.4, "31.4"),
        "generalization": (0.9, "0.900×"),
    }
    for name, (value, words) in said.items():
        assert amount(name, value) == words
    assert amount("output_error", 2e-7) == "under 0.001%"
    assert amount("output_error", 0.0) == "0%"
    assert amount("time_s", float("nan")) == "–"


def test_the_newest_point_of_a_choice_counts_unless_an_older_one_knows_more():
    flash, narrow = choice("flash"), choice("low_rank", rank=8)
    old = study(
        [cell(flash, 512, 0.1), cell(narrow, 512, 0.1), cell(flash, 1024, 0.1)],
        [fidelity(flash, 512, 1e-7), fidelity(narrow, 512, 0.1)],
        run_id="old",
    )
    timed = study([cell(flash, 512, 0.2), cell(narrow, 512, None, outcome="oom")], run_id="timed")
    new = study([cell(flash, 512, 0.3)], [fidelity(flash, 512, 1e-7)], run_id="new")
    away = study([cell(flash, 512, 0.4, environment=SERVER)], run_id="away")

    def kept(*runs):
        return [*newest(points(runs))["id"]]

    assert kept(old, timed) == ["old/flash @ 512", "old/low_rank rank=8 @ 512", "old/flash @ 1024"]
    assert kept(old, timed, new)[-1] == "new/flash @ 512"
    # Another machine is another point.
    assert len(kept(old, away)) == 4
    # Translators of two runs were trained each in its own way.
    models = [
        replace(figure_z(judged("flash", 256, token_accuracy=0.5)), run_id=one) for one in "ab"
    ]
    assert len(kept(*models)) == 2
