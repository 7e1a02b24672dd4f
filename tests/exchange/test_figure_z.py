"""A Figure Z as a file and back: nothing is lost on the way, and nothing false comes in."""

import copy
import io
import json
import zipfile
from typing import Any

import pytest

from attn_core.exchange import export_csv, export_json, export_zip, import_run
from attn_core.store import Store
from tests.exchange.given import at, only_sentences, packed, refusal
from tests.stored_figure_z import KINDS, SPECS, store_figure_z
from tests.stored_figure_z import document as a_document
from tests.stored_runs import LAPTOP, store_run

PARTS = ("rows", "curves", "samples", "agreement", "roles")
HEAD = (
    "format", "run_id", "kind", "name", "notes", "command", "created_at", "versions", "environment",
    "other_environments", "settings",
)  # fmt: skip


def rows(store: Store, run_id: str) -> dict[str, list[dict[str, Any]]]:
    found = {kind: store.rows(run_id, kind) for kind in KINDS}
    return {kind: [row | {"run_id": ""} for row in rows] for kind, rows in found.items()}


@pytest.mark.parametrize(("protocol", "form"), [*zip(SPECS, ("zip", "json"), strict=True)])
def test_what_the_engine_wrote_comes_back_as_it_went(here, there, protocol, form):
    run_id = store_figure_z(here, protocol, name="at night")
    here.annotate(run_id, "quiet machine")
    document = export_json(here, run_id)
    again = import_run(there, export_zip(here, run_id) if form == "zip" else packed(document))
    assert rows(there, again) == rows(here, run_id)
    assert {row["run_id"] for kind in KINDS for row in there.rows(again, kind)} == {again}
    before, after = here.run(run_id), there.run(again)
    for name in ("kind", "name", "notes", "settings", "environment_id", "command", "cells"):
        assert getattr(after, name) == getattr(before, name)
    assert (after.origin, after.state) == ("imported", "done")
    second = json.loads(json.dumps(export_json(there, again)).replace(again, run_id))
    assert second == document


def test_cells_keep_their_keys(here, there):
    """A page that asks for a number by its key finds it, wherever it was measured."""
    run_id = store_figure_z(here)
    again = import_run(there, packed(export_json(here, run_id)))
    assert there.finished(again) == here.finished(run_id)


def test_a_document_has_the_head_of_any_run_and_its_own_parts(here):
    document = export_json(here, store_figure_z(here))
    assert set(document) == {*HEAD, *PARTS}
    assert all(document[part] for part in PARTS)
    assert set(export_json(here, store_run(here))) == {*HEAD, "rows", "nulls", "rates"}


def test_a_table_has_one_line_a_cell(here):
    run_id = store_figure_z(here)
    heading, *lines = export_csv(here, run_id).decode().splitlines()
    assert len(lines) == here.run(run_id).cells
    assert {"method", "student", "metric", "value", "outcome"} <= set(heading.split(","))


def test_the_zip_has_what_people_and_programs_look_for(here):
    run_id = store_figure_z(here, name="small")
    charts = {"figure_z": b"<svg>all</svg>"}
    with zipfile.ZipFile(io.BytesIO(export_zip(here, run_id, charts=lambda *_: charts))) as found:
        names = set(found.namelist())
        readme = found.read("README.txt").decode()
        assert found.read("rows.csv") == export_csv(here, run_id)
        assert json.loads(found.read("roles.json")) == export_json(here, run_id)["roles"]
    files = {f"{part}.json" for part in (*PARTS, "environment", "settings", "run")}
    assert names == {*files, "README.txt", "rows.csv", "charts/figure_z.svg"}
    assert all(file in readme for file in files)
    assert here.run(run_id).command in readme
    assert LAPTOP.line in readme
    assert "median_s" not in readme
    assert export_zip(here, run_id) == export_zip(here, run_id)


def test_a_zip_that_lacks_a_part_is_refused_naming_it(here, there):
    whole = io.BytesIO(export_zip(here, store_figure_z(here)))
    fewer = io.BytesIO()
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(fewer, "w") as target:
        for name in set(source.namelist()) - {"agreement.json"}:
            target.writestr(name, source.read(name))
    assert "agreement.json" in refusal(there, fewer.getvalue())


def test_the_same_run_is_not_taken_twice_and_another_of_its_settings_is(there):
    document = a_document()
    document |= {part: document[part][:2] for part in PARTS}
    first = import_run(there, packed(document))
    with pytest.raises(ValueError, match=first):
        import_run(there, packed(document))
    document["rows"][0]["value"] = document["rows"][0]["high"]
    assert import_run(there, packed(document)) != first
    assert len(there.runs()) == 2


def cell(document: Any, **wanted: Any) -> int:
    """The place of the first row that has all of it."""
    return next(
        place
        for place, row in enumerate(document["rows"])
        if all(row[name] == value for name, value in wanted.items())
    )


BAD: list[tuple[str, Any, list[str]]] = [
    ("kind", "sweep", ["nulls"]),
    ("kind", "training", ["kind", "'training'", "figure-z"]),
    ("kind", [], ["kind", "[]"]),
    ("settings.protocol", "mine", ["settings", "'mine'", "article"]),
    ("settings.methods", ["longfomer"], ["settings", "longfomer"]),
    ("settings.methods", [{"method": []}], ["settings"]),
    ("settings.width", 15, ["settings", "15"]),
    ("settings.learning_rate", "fast", ["settings", "'fast'"]),
    ("settings.surprise", 1, ["settings", "surprise"]),
    ("settings.data", "\ud800", ["data", "character"]),
    ("settings", [], ["settings"]),
    ("environment", None, ["environment"]),
    ("rows", [], ["no rows"]),
    ("rows", {}, ["rows", "list"]),
    ("rows.0", 5, ["cell 1", "object"]),
    ("rows.0.surprise", 1, ["cell 1", "surprise"]),
    ("rows.0.method", "softmax", ["cell 1", "'softmax'", "settings"]),
    ("rows.0.method", [], ["cell 1", "method"]),
    ("rows.0.method", "identity", ["cell 1", "identity", "teacher"]),
    ("rows.0.student", "pupil", ["student", "'pupil'", "distilled"]),
    ("rows.0.student", "identity", ["cell 1", "flash"]),
    ("rows.0.seed", 4, ["cell 1", "seed 4"]),
    ("rows.0.seed", 0.0, ["seed", "0.0"]),
    ("rows.0.length", 7, ["cell 1", "length 7"]),
    ("rows.0.length", "48", ["length", "'48'"]),
    ("rows.0.metric", "fame", ["metric", "'fame'", "val_ce"]),
    ("rows.0.metric", "steps", ["metric", "'steps'"]),
    ("rows.0.outcome", "fine", ["outcome", "'fine'", "oom"]),
    ("rows.0.outcome", "oom", ["oom", "value"]),
    ("rows.0.value", None, ["low", "no value"]),
    ("rows.0.value", "low", ["value", "'low'"]),
    ("rows.0.value", True, ["value", "True"]),
    ("rows.0.value", -1.0, ["value", "-1.0"]),
    ("rows.0.value", 1e30, ["order"]),
    ("rows.0.low", 1e30, ["order"]),
    ("rows.0.high", 0.0, ["order"]),
    ("rows.0.high", 10**400, ["high"]),
    ("rows.0.message", None, ["message", "None"]),
    ("rows.0.message", "x" * 30_000, ["message", "20,000"]),
    ("rows.0.run_id", 5, ["run_id", "5"]),
    ("rows.0.environment_id", "elsewhere", ["'elsewhere'"]),
    ("curves", {}, ["curves", "list"]),
    ("curves.0.stage", "warm-up", ["curve 1", "'warm-up'", "logits"]),
    ("curves.0.student", "published", ["curve 1", "'published'"]),
    ("curves.0.step", 0, ["step", "0"]),
    ("curves.0.step", 10_000, ["step 10000", "24 steps"]),
    ("curves.0.loss", "small", ["loss", "'small'"]),
    ("curves.0.val_ce", -5.0, ["val_ce", "-5.0"]),
    ("curves.0.tokens_per_s", None, ["tokens_per_s", "None"]),
    ("curves.0.seconds", 1e9, ["seconds", "1000000000.0"]),
    ("curves.0.method", "longformer", ["curve 1", "'longformer'"]),
    ("curves.0.seed", 3, ["curve 1", "seed 3"]),
    ("samples.0.text", 5, ["text", "5"]),
    ("samples.0.text", "x" * 1_000_001, ["text", "1,000,000"]),
    ("samples.0.source", "\udfff", ["source", "character"]),
    ("samples.0.index", -1, ["index", "-1"]),
    ("samples.0.seed", 3, ["sample 1", "seed 3"]),
    ("agreement.0.evidence", "hearsay", ["evidence", "'hearsay'", "target"]),
    ("agreement.0.total", 0, ["total", "0"]),
    ("agreement.0.correct", 999, ["999 correct"]),
    ("agreement.0.value", 0.123, ["0.123"]),
    ("agreement.0.value", 1.5, ["value", "1.5"]),
    ("agreement.0.high", 1.5, ["high", "1.5"]),
    ("agreement.0.low", 1.0, ["order"]),
    ("agreement.0.distance_low", 10_000, ["10000", "order"]),
    ("agreement.0.length", 7, ["length 7"]),
    ("agreement.0.length", [], ["length []"]),
    ("roles.0.method", "longformer", ["role 1", "'longformer'"]),
    ("roles.0.cross", "guess", ["cross", "'guess'", "flash"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "named"), BAD, ids=[f"{p}={str(v)[:20]}" for p, v, _ in BAD]
)
def test_each_bad_value_is_one_sentence_naming_it_and_nothing_is_stored(
    here, there, path, value, named
):
    document = a_document()
    at(document, path, value)
    said = refusal(there, packed(document))
    assert all(word in said for word in named), said


@pytest.mark.parametrize(
    ("metric", "value", "allowed"),
    [
        ("token_accuracy", 1.01, "0 to 1"),
        ("agreement_accuracy", -0.01, "0 to 1"),
        ("bleu", 100.1, "0 to 100"),
        ("chrf", -1.0, "0 to 100"),
        ("generalization", -1.0, "0 to"),
        ("forward_s", 0.0, "1e-09"),
        ("forward_s", 1e30, "1e+07"),
        ("peak_bytes", 2**70, "0 to"),
        ("decode_tokens_per_s", -1.0, "0 to"),
    ],
)
def test_numbers_that_no_metric_has_are_refused(there, metric, value, allowed):
    document = a_document()
    place = cell(document, metric=metric, outcome="ok")
    document["rows"][place]["value"] = value
    said = refusal(there, packed(document))
    assert f"value of cell {place + 1}" in said
    assert allowed in said


def test_an_interval_around_the_mean_of_draws_is_taken_beyond_the_scale(there):
    document = a_document()
    document["rows"][cell(document, metric="chrf", outcome="ok")] |= {
        "value": 99.0, "low": 93.0, "high": 104.2,
    }  # fmt: skip
    assert import_run(there, packed(document))


def test_what_was_refused_may_not_have_a_number(there):
    document = a_document()
    place = cell(document, outcome="unsupported")
    document["rows"][place]["value"] = 1.0
    assert f"cell {place + 1} is unsupported and yet has value" in refusal(there, packed(document))


def test_published_numbers_may_be_of_another_length_but_not_of_an_unknown_method(there):
    document = a_document("article")
    place = cell(document, student="published")
    assert document["rows"][place]["length"] not in document["settings"]["lengths"]
    document["rows"][place]["method"] = "guesswork"
    assert "'guesswork'" in refusal(there, packed(document))


def test_settings_that_the_recipe_of_the_article_has_not_are_refused(there):
    document = a_document("article")
    document["settings"]["heads"] = 2
    assert "heads must be 1" in refusal(there, packed(document))


@pytest.mark.parametrize("part", PARTS)
def test_the_same_row_twice_is_refused(there, part):
    document = a_document()
    document[part].append(document[part][0])
    assert "twice" in refusal(there, packed(document))


@pytest.mark.parametrize("part", PARTS)
def test_each_missing_field_and_part_is_named(there, part):
    whole = a_document()
    for name in whole[part][0]:
        document = copy.deepcopy(whole)
        del document[part][0][name]
        assert f"lacks {name!r}" in refusal(there, packed(document))
    del whole[part]
    assert f"lacks {part!r}" in refusal(there, packed(whole))


def test_parts_of_a_sweep_have_no_place_here(here, there):
    document = a_document() | {"nulls": []}
    assert "'nulls'" in refusal(there, packed(document))
    sweep = export_json(here, store_run(here)) | {"kind": "figure-z"}
    assert "curves" in refusal(there, packed(sweep))


def test_mutated_documents_never_raise_anything_but_a_sentence(there):
    document = a_document()
    document |= {part: document[part][:1] for part in PARTS}
    only_sentences(there, document, 150)
