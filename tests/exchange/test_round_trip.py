"""A run as a file and back: nothing is lost on the way."""

import copy
import io
import json
import zipfile
from typing import Any

import pytest

from attn_core.exchange import export_csv, export_json, export_zip, import_run
from attn_core.store import Store
from tests.exchange.given import FAILURES, packed
from tests.stored_runs import LAPTOP, SERVER, facts, small_spec, store_run

KINDS = ("cell", "null", "gemm", "copy")


def rows(store: Store, run_id: str) -> dict[str, list[dict[str, Any]]]:
    """Everything measured, without the id that each store gives."""
    found = {kind: store.rows(run_id, kind) for kind in KINDS}
    return {kind: [row | {"run_id": ""} for row in rows] for kind, rows in found.items()}


@pytest.mark.parametrize("form", ["zip", "json"])
def test_a_run_comes_back_as_it_went(here, there, form):
    run_id = store_run(here, outcomes=FAILURES, name="on the train")
    here.annotate(run_id, "quiet machine")
    document = export_json(here, run_id)
    data = export_zip(here, run_id) if form == "zip" else packed(document)
    again = import_run(there, data)
    assert rows(there, again) == rows(here, run_id)
    assert {row["run_id"] for row in there.rows(again)} == {again}
    before, after = here.run(run_id), there.run(again)
    for name in ("kind", "name", "notes", "settings", "environment_id", "command", "cells"):
        assert getattr(after, name) == getattr(before, name)
    assert after.origin == "imported"
    assert after.state == "done"
    second = export_json(there, again)
    for name in ("settings", "environment", "nulls", "command"):
        strip = json.dumps(second[name]).replace(again, run_id)
        assert strip == json.dumps(document[name])


def test_the_source_of_an_imported_run_is_kept(here, there):
    run_id = store_run(here)
    again = import_run(there, export_zip(here, run_id))
    source = json.loads(there.files(again)["origin"].read_text())
    assert source["run_id"] == run_id
    assert source["created_at"] == here.run(run_id).created_at


def test_a_run_measured_on_two_machines_keeps_both_environments(here, there):
    run_id = store_run(here, small_spec(), cells=2)
    where = here.environment(facts(SERVER))
    row = export_json(here, store_run(here, small_spec(seed=1)))["rows"][2]
    here.append(run_id, "flash @ 1024", "cell", row | {"environment_id": where})
    again = import_run(there, export_zip(here, run_id))
    assert [one["environment_id"] for one in there.rows(again)] == [
        LAPTOP.id,
        LAPTOP.id,
        SERVER.id,
    ]
    assert set(there.environments([LAPTOP.id, SERVER.id])) == {LAPTOP.id, SERVER.id}


def test_the_same_run_is_not_taken_twice_and_the_first_is_named(here, there):
    data = export_zip(here, store_run(here))
    first = import_run(there, data)
    with pytest.raises(ValueError, match=first):
        import_run(there, data)
    assert len(there.runs()) == 1
    with pytest.raises(ValueError, match="here already"):
        import_run(here, data)
    there.delete(first)
    assert import_run(there, data)


def test_two_runs_of_the_same_settings_are_both_taken(here, there):
    one = export_json(here, store_run(here))
    other = copy.deepcopy(one)
    for row in other["rows"]:
        for name in ("median_s", "p20_s", "p80_s", "ci_low_s", "ci_high_s"):
            row[name] *= 1.5
        row["samples"] = [sample * 1.5 for sample in row["samples"]]
    assert import_run(there, packed(one)) != import_run(there, packed(other))


def test_the_zip_has_what_people_and_programs_look_for(here):
    run_id = store_run(here, outcomes=FAILURES)
    charts = {"time": b"<svg>time</svg>", "memory": b"<svg>memory</svg>"}
    data = export_zip(here, run_id, charts=lambda _store, _run: charts)
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        names = set(found.namelist())
        assert found.read("charts/time.svg") == charts["time"]
        readme = found.read("README.txt").decode()
        table = found.read("rows.csv").decode().splitlines()
        assert len(json.loads(found.read("rows.json"))) == 4
    assert names == {
        "rows.csv", "rows.json", "nulls.json", "rates.json", "environment.json", "settings.json",
        "run.json", "charts/time.svg", "charts/memory.svg", "README.txt",
    }  # fmt: skip
    assert here.run(run_id).command in readme
    assert LAPTOP.line in readme
    assert len(table) == 5
    assert table == export_csv(here, run_id).decode().splitlines()


def test_the_same_run_gives_the_same_bytes(here):
    run_id = store_run(here)
    assert export_zip(here, run_id) == export_zip(here, run_id)


def test_an_open_interval_is_exported_as_json_that_every_reader_takes(here, there):
    run_id = store_run(here, cells=1)
    (row,) = here.rows(run_id)
    row |= {"queries": 1024, "keys": 1024, "ci_low_s": float("-inf"), "ci_high_s": float("inf")}
    here.append(run_id, "flash @ 1024", "cell", row)
    document = export_json(here, run_id)
    json.dumps(document, allow_nan=False)
    again = import_run(there, export_zip(here, run_id))
    assert there.rows(again)[1]["ci_high_s"] is None
