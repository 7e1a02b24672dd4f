"""A row is stored once and never changed, and comes back as it was measured."""

import math
import threading
from itertools import count

import numpy as np
import pytest

from attn_core.store import Store


def test_rows_come_back_in_the_order_in_which_they_were_stored(store, run_id):
    for key in "cab":
        assert store.append(run_id, key, "cell", {"label": key, "samples": [0.1, 0.2]})
    assert [row["label"] for row in store.rows(run_id)] == ["c", "a", "b"]
    assert store.rows(run_id)[0] == {"label": "c", "samples": [0.1, 0.2], "run_id": run_id}
    assert store.finished(run_id) == {"a", "b", "c"}
    assert store.run(run_id).cells == 3


def test_a_second_row_of_the_same_cell_changes_nothing(store, run_id):
    assert store.append(run_id, "a", "cell", {"median_s": 1.0})
    assert not store.append(run_id, "a", "cell", {"median_s": 2.0})
    assert [row["median_s"] for row in store.rows(run_id)] == [1.0]


def test_kinds_and_runs_have_keys_of_their_own(store, run_id):
    other = store.create_run("sweep", {})
    assert store.append(run_id, "a", "cell", {"n": 1})
    assert store.append(run_id, "a", "null", {"n": 2})
    assert store.append(other, "a", "cell", {"n": 3})
    assert [row["n"] for row in store.rows(run_id, "null")] == [2]
    assert store.finished(run_id) == {"a"} and store.rows(run_id, "gemm") == []


def test_the_row_belongs_to_the_run_it_was_stored_in(store, run_id):
    store.append(run_id, "a", "cell", {"run_id": "another"})
    assert store.rows(run_id)[0]["run_id"] == run_id


def test_numbers_of_numpy_and_infinite_ones_are_kept(store, run_id):
    row = {
        "a": np.float32(0.5),
        "b": np.int64(3),
        "c": np.array([1.5, 2.5]),
        "d": math.inf,
        "e": None,
    }
    store.append(run_id, "a", "cell", row)
    assert store.rows(run_id) == [
        {"a": 0.5, "b": 3, "c": [1.5, 2.5], "d": math.inf, "e": None, "run_id": run_id}
    ]


def test_what_is_no_plain_data_is_refused(store, run_id):
    with pytest.raises(TypeError, match="plain data"):
        store.append(run_id, "a", "cell", {"method": object()})


def test_a_frame_has_the_rows_of_several_runs(store, run_id):
    other = store.create_run("sweep", {})
    store.append(run_id, "a", "cell", {"label": "a", "median_s": 1.0, "samples": [1.0]})
    store.append(other, "a", "cell", {"label": "b", "median_s": None, "samples": []})
    frame = store.frame([other, run_id])
    assert list(frame["run_id"]) == [other, run_id]
    assert list(frame["label"]) == ["b", "a"]
    assert frame["samples"].iloc[1] == [1.0]
    assert store.frame([]).empty and store.frame([run_id], "null").empty


def test_many_threads_and_stores_write_at_once(store, run_id):
    numbers = count()

    def write() -> None:
        mine = Store(store.folder)
        for _ in range(10):
            number = next(numbers)
            mine.append(run_id, f"own {number}", "cell", {"n": number})
            mine.append(run_id, f"shared {number % 5}", "null", {"n": number})
            mine.rows(run_id)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(row["n"] for row in store.rows(run_id)) == list(range(40))
    assert len(store.rows(run_id, "null")) == 5
