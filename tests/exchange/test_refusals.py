"""What is false or damaged does not come in, and one sentence says why."""

from typing import Any

import pytest

from attn_core.exchange import export_json, export_zip, import_run
from attn_core.exchange.document import rows_csv
from attn_core.store import Store, StoreError
from tests.exchange.given import FAILURES, at, only_sentences, packed, refusal
from tests.stored_runs import store_run

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


def test_mutated_documents_never_raise_anything_but_a_sentence(here, there):
    document = export_json(here, store_run(here, outcomes=FAILURES))
    only_sentences(there, document, 600)


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
