"""A run as a file and back: nothing is lost on the way, and nothing false comes in."""

import copy
import io
import json
import random
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from attn_core.exchange import archive, export_csv, export_json, export_zip, import_run
from attn_core.exchange.document import rows_csv
from attn_core.store import Store, StoreError
from tests.stored_runs import LAPTOP, SERVER, facts, small_spec, store_run

KINDS = ("cell", "null", "gemm", "copy")
FAILURES = {
    "flash @ 1024": ("oom", "needs 40 GiB, 16 GiB are there"),
    "longformer @ 1024": ("unstable", ""),
}


@pytest.fixture
def here(tmp_path) -> Store:
    return Store(tmp_path / "here")


@pytest.fixture
def there(tmp_path) -> Store:
    return Store(tmp_path / "there")


def packed(document: Any) -> bytes:
    return json.dumps(document).encode()


def rows(store: Store, run_id: str) -> dict[str, list[dict[str, Any]]]:
    """Everything measured, without the id that each store gives."""
    found = {kind: store.rows(run_id, kind) for kind in KINDS}
    return {kind: [row | {"run_id": ""} for row in rows] for kind, rows in found.items()}


def refusal(store: Store, data: bytes) -> str:
    """The sentence with which the data are refused; nothing may have been stored."""
    with pytest.raises(ValueError) as refused:
        import_run(store, data)
    assert store.runs() == []
    said = str(refused.value)
    assert said.startswith("import: ")
    assert "\n" not in said
    return said


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


def at(document: Any, path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for part in parents:
        document = document[int(part) if part.isdigit() else part]
    document[int(last) if last.isdigit() else last] = value


BAD_VALUES: list[tuple[str, Any, list[str]]] = [
    ("format", 2, ["format 2", "update"]),
    ("format", "1", ["format", "'1'"]),
    ("kind", "training", ["kind", "'training'"]),
    ("name", 7, ["name", "7"]),
    ("name", "x" * 201, ["name", "200"]),
    ("notes", "\ud800", ["notes", "character"]),
    ("notes", "x" * 30_000, ["notes", "20,000"]),
    ("versions", [], ["versions"]),
    ("settings", [], ["settings"]),
    ("settings.lengths", "512", ["settings", "lengths"]),
    ("settings.lengths", [[]], ["settings", "[]"]),
    ("settings.methods", ["softmx"], ["settings", "softmx"]),
    ("settings.methods", [{"method": []}], ["settings"]),
    ("settings.methods", [{"method": "flash", "params": [1]}], ["settings"]),
    ("settings.dtype", "int8", ["settings", "int8"]),
    ("settings.dtype", {}, ["settings"]),
    ("settings.device", [], ["settings"]),
    ("settings.surprise", 1, ["settings", "surprise"]),
    ("environment", None, ["environment"]),
    ("environment.cores", 0, ["cores", "0"]),
    ("environment.cores", True, ["cores", "True"]),
    ("environment.id", "", ["id"]),
    ("environment.gpus", [{"name": "H200"}], ["GPU", "total_memory"]),
    ("environment.surprise", 1, ["surprise"]),
    ("other_environments", {}, ["other_environments"]),
    ("rows", {}, ["rows", "list"]),
    ("rows", [], ["no rows"]),
    ("rows.0", 5, ["row 1", "object"]),
    ("rows.0.outcome", "fine", ["outcome", "'fine'", "unsupported"]),
    ("rows.0.outcome", [], ["outcome"]),
    ("rows.0.outcome", "oom", ["oom", "median_s"]),
    ("rows.0.median_s", -1.0, ["median_s", "-1.0"]),
    ("rows.0.median_s", None, ["median_s", "None"]),
    ("rows.0.median_s", "fast", ["median_s", "'fast'"]),
    ("rows.0.median_s", True, ["median_s", "True"]),
    ("rows.0.median_s", 1e300, ["median", "samples"]),
    ("rows.0.median_s", 10**400, ["median_s"]),
    ("rows.0.samples", [], ["samples"]),
    ("rows.0.samples", [1.0, 2.0], ["median", "samples"]),
    ("rows.0.samples.3", None, ["sample", "None"]),
    ("rows.0.samples.3", -1e-9, ["sample", "-1e-09"]),
    ("rows.0.p80_s", 0.0, ["order"]),
    ("rows.0.ci_high_s", 0.0, ["order"]),
    ("rows.0.peak_bytes", -1, ["peak_bytes", "-1"]),
    ("rows.0.peak_bytes", 1.5, ["peak_bytes", "1.5"]),
    ("rows.0.flops", "many", ["flops", "'many'"]),
    ("rows.0.queries", 300, ["300", "settings"]),
    ("rows.0.method", "softmax", ["method", "'softmax'", "'flash'"]),
    ("rows.0.heads", 9, ["heads", "9", "8"]),
    ("rows.0.heads", 8.0, ["heads", "8.0"]),
    ("rows.0.dtype", "bfloat16", ["dtype", "bfloat16"]),
    ("rows.0.message", None, ["message", "None"]),
    ("rows.0.environment_id", "elsewhere", ["'elsewhere'"]),
    ("rows.0.surprise", 1, ["surprise"]),
    ("nulls.0.ratio", -0.5, ["ratio", "-0.5"]),
    ("nulls.0.ratios", "none", ["ratios", "'none'"]),
    ("nulls.0.ratios", [], ["ratios"]),
    ("nulls.0.ratios", [1.01, "fast"], ["ratio", "'fast'"]),
    ("nulls.0.ratios", [1.01, -1.0], ["ratio", "-1.0"]),
    ("nulls.0.ratios", [1.2], ["1.01", "1.2"]),
    ("nulls.0.ratio", None, ["ratio"]),
    ("nulls.0.outcome", "great", ["outcome", "'great'"]),
    ("rates.0.kind", "fma", ["rate 1", "gemm"]),
    ("rates.0.queries", 7, ["rate 1", "7"]),
    ("rates.0.queries", [], ["rate 1", "[]"]),
    ("rates.0.params", [], ["rate 1", "params"]),
    ("rates.0.median_s", -2.0, ["median_s", "-2.0"]),
    ("rates.0.gemm_flops_per_s", "fast", ["gemm_flops_per_s", "'fast'"]),
    ("rates.0.environment_id", "elsewhere", ["'elsewhere'"]),
]


@pytest.mark.parametrize(
    ("path", "value", "named"), BAD_VALUES, ids=[f"{p}={str(v)[:20]}" for p, v, _ in BAD_VALUES]
)
def test_each_bad_value_is_one_sentence_naming_it_and_nothing_is_stored(
    here, there, path, value, named
):
    document = export_json(here, store_run(here))
    at(document, path, value)
    said = refusal(there, packed(document))
    assert all(word in said for word in named), said


def test_the_ratios_of_a_null_travel_and_files_of_before_lack_them(here, there, tmp_path):
    document = export_json(here, store_run(here))
    again = import_run(there, packed(document))
    assert there.rows(again, "null")[0]["ratios"] == document["nulls"][0]["ratios"] != []
    for null in document["nulls"]:
        del null["ratios"]
    older = Store(tmp_path / "older")
    assert "ratios" not in older.rows(import_run(older, packed(document)), "null")[0]


def test_a_table_of_nulls_has_no_lists(here):
    nulls = export_json(here, store_run(here))["nulls"]
    heading = rows_csv(nulls).splitlines()[0].split(",")
    assert {"ratio", "sample_count"} <= set(heading)
    assert {"ratios", "samples"}.isdisjoint(heading)


@pytest.mark.parametrize("part", ["rows", "nulls", "rates"])
def test_the_same_row_twice_is_refused(here, there, part):
    document = export_json(here, store_run(here))
    document[part].append(document[part][0])
    assert "twice" in refusal(there, packed(document))


@pytest.mark.parametrize("path", ["rows", "rows.0.samples", "environment.line", "command"])
def test_each_missing_field_is_named(here, there, path):
    document = export_json(here, store_run(here))
    *parents, last = path.split(".")
    place = document
    for part in parents:
        place = place[int(part) if part.isdigit() else part]
    del place[last]
    assert last in refusal(there, packed(document))


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"", "empty"),
        (b"   ", "empty"),
        (b"hello", "not JSON"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"PK\x03\x04 but no zip", "not a zip"),
        (b"[1, 2]", "object"),
        (b"null", "object"),
        (b'{"format": NaN}', "NaN"),
        (b'{"format": 1e999}', "format"),
        (b'{"format": ' + b"9" * 5000 + b"}", "number"),
        (b'{"format": 1, "format": 1}', "twice"),
        (b'{"format": 1}', "lacks"),
        (b"[" * 100_000, "deep"),
        (b'{"format": 99, "whatever": 1}', "format 99"),
    ],
    ids=range(14),
)
def test_what_is_no_run_is_refused_in_one_sentence(there, data, named):
    assert named in refusal(there, data)


def test_not_a_number_is_refused_wherever_it_hides(here, there):
    document = export_json(here, store_run(here))
    document["rows"][1]["floor_s"] = float("nan")
    assert "NaN" in refusal(there, packed(document))


def rezipped(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        files = {name: source.read(name) for name in source.namelist()}
    change(files)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../../b", "c:\\x", "a\\..\\b"])
def test_a_name_that_leads_elsewhere_is_refused(here, there, name):
    data = rezipped(export_zip(here, store_run(here)), lambda files: files.update({name: b""}))
    assert "unsafe name" in refusal(there, data)


@pytest.mark.parametrize("name", ["rows.json", "settings.json", "run.json", "environment.json"])
def test_a_zip_that_lacks_a_part_is_refused_naming_it(here, there, name):
    data = rezipped(export_zip(here, store_run(here)), lambda files: files.pop(name))
    assert name in refusal(there, data)


def test_a_zip_with_a_name_twice_is_refused(here, there):
    packed = io.BytesIO(export_zip(here, store_run(here)))
    with (
        pytest.warns(UserWarning, match="Duplicate"),
        zipfile.ZipFile(packed, "a") as archive_file,
    ):
        archive_file.writestr("rows.json", b"[]")
    assert "twice" in refusal(there, packed.getvalue())


def test_a_zip_bomb_is_refused_before_it_unfolds(here, there, monkeypatch):
    monkeypatch.setattr(archive, "LARGEST_INSIDE", 2 * archive.MIB)
    bomb = b" " * (5 * archive.MIB)
    data = rezipped(export_zip(here, store_run(here)), lambda files: files.update({"big": bomb}))
    assert len(data) < archive.MIB
    assert "2 MiB" in refusal(there, data)


def test_too_many_files_and_too_large_a_file_are_refused(here, there, monkeypatch):
    many = {f"charts/{n}.svg": b"" for n in range(300)}
    data = rezipped(export_zip(here, store_run(here)), lambda files: files.update(many))
    assert "files" in refusal(there, data)
    monkeypatch.setattr("attn_core.exchange.intake.LARGEST_FILE", 1000)
    assert "larger" in refusal(there, b"x" * 1001)


def test_damaged_zips_never_raise_anything_but_a_sentence(here, there):
    whole = export_zip(here, store_run(here))
    chance = random.Random(0)
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.3:
            data = data[: chance.randrange(4, len(data))]
        try:
            run_id = import_run(there, bytes(data))
        except ValueError as refused:
            assert "\n" not in str(refused)
        else:  # the damage was where nothing is read
            there.delete(run_id)
    assert there.runs() == []


def test_mutated_documents_never_raise_anything_but_a_sentence(here, there):
    document = export_json(here, store_run(here, outcomes=FAILURES))
    chance = random.Random(1)
    strange = [None, True, -1, 0, 1e308, 10**30, "", "x", [], {}, [[]], {"a": []}, [None], "\x00"]
    for _ in range(600):
        changed = copy.deepcopy(document)
        place: Any = changed
        while True:
            keys = list(place) if isinstance(place, dict) else range(len(place))
            key = chance.choice(list(keys))
            inner = place[key]
            if isinstance(inner, (dict, list)) and inner and chance.random() < 0.8:
                place = inner
                continue
            place[key] = chance.choice(strange)
            break
        try:
            run_id = import_run(there, packed(changed))
        except ValueError as refused:
            assert "\n" not in str(refused)
        else:
            there.delete(run_id)
    assert there.runs() == []


def test_half_an_import_is_taken_back(here, there, monkeypatch):
    data = export_zip(here, store_run(here))
    kept = there.append
    calls = []

    def full(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise StoreError("The disk that holds the store is full.")
        return kept(*arguments)

    monkeypatch.setattr(there, "append", full)
    with pytest.raises(StoreError, match="full"):
        import_run(there, data)
    assert there.runs() == []


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("samples", [0.0], "a sample of"),
        ("samples", [1e-300], "a sample of"),
        ("floor_s", 1e30, "floor_s of"),
        ("peak_bytes", 2**70, "peak_bytes of"),
        ("gemm_flops_per_s", 0.0, "gemm_flops_per_s of"),
    ],
)
def test_numbers_that_nothing_measures_are_refused(here, there, field, value, said):
    document = export_json(here, store_run(here))
    document["rows"][0][field] = value
    assert f"{said} row 1" in refusal(there, packed(document))


def test_an_imported_run_is_exported_with_its_own_date_and_version(here, there, tmp_path):
    document = export_json(here, store_run(here))
    document |= {"created_at": "2026-01-01T00:00:00.000+00:00", "versions": {"attn_core": "0.0.9"}}
    again = export_json(there, import_run(there, packed(document)))
    assert again["created_at"] == document["created_at"]
    assert again["versions"] == {"attn_core": "0.0.9"}
