"""`runs` on the command line: listed, shown, exported, imported, deleted."""

import json
import sys
import zipfile

import pytest

from attn_core import cli
from attn_core.store import Store
from tests.cli.planted import complaint
from tests.stored_runs import LAPTOP, store_run


def test_no_runs_yet(store, capsys):
    assert cli.main(["runs"]) == 0
    assert capsys.readouterr().out == "no runs yet\n"
    assert cli.main(["runs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_runs_are_listed_newest_first_and_searched(store, capsys):
    first, second = store_run(store, name="laptop"), store_run(store, name="server")
    assert cli.main(["runs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [second, first]
    cli.main(["runs", "list", "--search", "lap"])
    assert "server" not in capsys.readouterr().out
    for arguments in (["runs", "--json"], ["runs", "list", "--json"], ["runs", "--json", "list"]):
        assert cli.main(arguments) == 0
        assert [one["id"] for one in json.loads(capsys.readouterr().out)] == [second, first]


def test_a_name_of_several_lines_stays_on_one_line_of_the_table(store, capsys):
    run_id = store_run(store, name="of a file\nand more")
    assert cli.main(["runs"]) == 0
    _, line = capsys.readouterr().out.splitlines()
    assert line.startswith(run_id) and line.endswith("of a file and more")


def test_a_run_is_shown_in_words_and_as_json(store, capsys):
    run_id = store_run(store, name="laptop")
    store.annotate(run_id, "fan on")
    assert cli.main(["runs", "show", run_id]) == 0
    shown = capsys.readouterr().out
    for words in ("laptop", "fan on", "median", LAPTOP.line, store.run(run_id).command):
        assert words in shown
    order = ["median", "peak memory", "time grows as", "against flash", "same method twice: 1.010"]
    places = [shown.index(words) for words in order]
    assert places == sorted(places)
    assert cli.main(["runs", "show", "latest", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert {"run_id", "environment", "settings", "rows", "nulls", "rates"} <= set(data)


@pytest.mark.parametrize(
    ("form", "beginning"),
    [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF-"), ("html", b"<!DOCTYPE html>"),
     ("csv", b"run_id,"), ("json", b"{"), ("zip", b"PK")],
)  # fmt: skip
def test_each_format_is_what_it_says(store, capsys, tmp_path, form, beginning):
    run_id, target = store_run(store), tmp_path / f"out.{form}"
    assert cli.main(["runs", "export", run_id, "--format", form, "--out", str(target)]) == 0
    assert target.read_bytes().lstrip().startswith(beginning)
    assert capsys.readouterr().out == ""


def test_charts_are_chosen_by_name_or_all_put_into_a_folder(store, capsys, tmp_path):
    run_id = store_run(store)
    export = ["runs", "export", run_id, "--format", "svg", "--out"]
    assert cli.main([*export, str(tmp_path / "m.svg"), "--chart", "memory"]) == 0
    assert "Peak memory" in (tmp_path / "m.svg").read_text()
    assert cli.main([*export, f"{tmp_path}/all/"]) == 0
    assert {path.name for path in (tmp_path / "all").iterdir()} == {
        "time.svg", "memory.svg", "tokens.svg", "roofline.svg", "speedup.svg",
    }  # fmt: skip
    said = complaint(capsys, *export, str(tmp_path / "x.svg"), "--chart", "fame")
    assert "'fame'" in said
    assert "memory" in said


def test_the_zip_has_its_charts(store, tmp_path):
    target = tmp_path / "out.zip"
    cli.main(["runs", "export", store_run(store), "--format", "zip", "--out", str(target)])
    with zipfile.ZipFile(target) as found:
        assert found.read("charts/time.svg").startswith(b"<svg")


def test_without_the_dashboard_numbers_are_exported_and_charts_are_explained(
    store, capsys, tmp_path, monkeypatch
):
    run_id = store_run(store)
    monkeypatch.setitem(sys.modules, "dashboard.services.bundles", None)
    export = ["runs", "export", run_id, "--out", str(tmp_path / "out"), "--format"]
    said = complaint(capsys, *export, "svg")
    assert "requirements.txt" in said
    assert cli.main([*export, "zip"]) == 0
    assert "without charts" in capsys.readouterr().err
    with zipfile.ZipFile(tmp_path / "out") as found:
        assert "rows.json" in found.namelist()


def test_a_run_goes_out_and_comes_in_again(store, capsys, tmp_path, monkeypatch):
    run_id, target = store_run(store), tmp_path / "run.json"
    cli.main(["runs", "export", run_id, "--format", "json", "--out", str(target)])
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "other"))
    capsys.readouterr()
    assert cli.main(["runs", "import", str(target)]) == 0
    again = capsys.readouterr().out.strip()
    assert Store().run(again).origin == "imported"
    assert "here already" in complaint(capsys, "runs", "import", str(target))
    assert "no file" in complaint(capsys, "runs", "import", str(tmp_path / "none"))


def test_a_run_is_deleted_by_name_only(store, capsys):
    first, second = store_run(store), store_run(store)
    said = complaint(capsys, "runs", "delete", "nothing")
    assert "'nothing'" in said
    assert second in said
    assert "several" in complaint(capsys, "runs", "show", first[:8])
    assert cli.main(["runs", "delete", first]) == 0
    assert [run.id for run in store.runs()] == [second]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["runs", "lst"], ["'lst'", "export"]),
        (["runs", "show"], ["RUN"]),
        (["runs", "export", "x", "--format", "gif", "--out", "x"], ["'gif'", "svg"]),
        (["runs", "export", "x", "--format", "svg"], ["--out"]),
        (["worker", "--idle", "long"], ["--idle", "'long'"]),
        (["worker", "--idle", "-1"], ["--idle", "-1"]),
    ],
)
def test_bad_arguments_of_the_other_verbs_are_one_line(store, capsys, arguments, named):
    said = complaint(capsys, *arguments)
    assert all(word in said for word in named), said


def test_a_file_that_cannot_be_written_is_one_line(store, capsys, tmp_path):
    target = tmp_path / "no" / "such" / "out.csv"
    export = ["runs", "export", store_run(store), "--format", "csv", "--out"]
    assert "folder that exists" in complaint(capsys, *export, str(target))
    assert "is a folder" in complaint(capsys, *export, str(tmp_path))
