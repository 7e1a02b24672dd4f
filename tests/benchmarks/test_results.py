"""Storing results: rows come and replace, machines do not mix."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.clock import summarize
from benchmarks.results import Row, as_json, merge, read

HERE, ELSEWHERE = {"processor": "one"}, {"processor": "another"}


def names(path: Path, part: str = "peers") -> list[str]:
    return [row["name"] for row in read(path)[part]["rows"]]


def test_a_row_measured_again_replaces_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "latest.json"
    merge(path, "peers", HERE, [{"name": "a", "n": 1}, {"name": "b", "n": 1}], whole=False)
    merge(path, "peers", HERE, [{"name": "a", "n": 2}], whole=False)
    assert read(path)["peers"]["rows"] == [{"name": "a", "n": 2}, {"name": "b", "n": 1}]


def test_rows_of_another_machine_are_dropped_and_other_parts_stay(tmp_path: Path) -> None:
    path = tmp_path / "latest.json"
    merge(path, "peers", HERE, [{"name": "a"}], whole=False)
    merge(path, "floor", HERE, [{"name": "c"}], whole=False)
    merge(path, "peers", ELSEWHERE, [{"name": "b"}], whole=False)
    assert names(path) == ["b"]
    assert names(path, "floor") == ["c"]


def test_after_a_whole_run_nothing_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "latest.json"
    merge(path, "peers", HERE, [{"name": "renamed since"}], whole=True)
    merge(path, "peers", HERE, [{"name": "a"}], whole=True)
    assert names(path) == ["a"]


def test_an_interrupted_run_keeps_what_it_measured(tmp_path: Path) -> None:
    def rows() -> Iterator[Row]:
        yield {"name": "a"}
        raise KeyboardInterrupt

    path = tmp_path / "latest.json"
    with pytest.raises(KeyboardInterrupt):
        merge(path, "peers", HERE, rows(), whole=True)
    assert names(path) == ["a"]


def test_samples_are_kept_to_six_digits() -> None:
    stored = as_json(summarize([1 / 3, 2 / 3]))
    assert json.loads(json.dumps(stored))["samples"] == [0.333333, 0.666667]
