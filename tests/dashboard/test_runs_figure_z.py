"""Figure Z runs in the history and on the command line: seen, compared, exported and deleted beside sweeps."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from attn_core.cli import main
from attn_core.exchange import export_json, import_run
from attn_core.store import Store
from dashboard import state
from dashboard.services import bundles, comparison, comparison_numbers, figure_z, history, sweeps
from tests.stored_figure_z import store_figure_z
from tests.stored_runs import SERVER, facts, store_run

MAIN = Path(__file__).resolve().parents[2] / "dashboard" / "main.py"


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))
    monkeypatch.setattr(sweeps, "STUDIES", tmp_path / "no-studies")
    for service in (sweeps, figure_z):
        monkeypatch.setattr(service, "recorded", dict)
    return Store()


@pytest.fixture
def both(store) -> tuple[str, str]:
    """A sweep, and a Figure Z, the newest."""
    return store_run(store, name="sweep"), store_figure_z(store, name="translators")


def page(*run_ids: str) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.switch_page("app_pages/runs.py")
    app.query_params[state.RUNS_CHOSEN] = ",".join(run_ids)
    app.run()
    assert not app.exception
    assert not app.error
    return app


def texts(app: AppTest) -> str:
    return "\n".join(block.value for block in (*app.markdown, *app.caption, *app.code))


def test_the_history_shows_it_beside_sweeps_and_it_opens_its_own_page(store, both):
    app = page(both[1])
    table = app.dataframe[0].value
    assert list(table["Kind"]) == ["figure-z", "sweep"]
    assert list(table["Methods"]) == ["Linformer", "FlashAttention, Longformer"]
    assert list(table["Lengths"]) == ["48 … 96", "512 … 1,024"]
    (link,) = app.get("page_link")
    assert link.proto.label == "Open on Figure Z"
    assert f"run={both[1]}" in link.proto.query_string
    assert store.run(both[1]).command in texts(app)
    assert "controlled custom" in texts(app)
    numbers = app.dataframe[1].value
    assert {"Token accuracy", "Validation CE", "Memory"} <= set(numbers["Metric"])


def test_its_name_and_notes_are_kept_and_it_is_deleted(store, both):
    app = page(both[1])
    app.text_input(key=state.runs_key("name", both[1])).set_value("night").run()
    app.text_area(key=state.runs_key("notes", both[1])).set_value("fan on").run()
    assert (store.run(both[1]).name, store.run(both[1]).notes) == ("night", "fan on")
    app.button(key=state.runs_key("delete", both[1])).click().run()
    assert not app.exception
    assert [run.id for run in store.runs()] == [both[0]]
    for widget in (*app.text_input, *app.text_area, *app.button, *app.multiselect):
        assert widget.help, widget.label


def test_a_sweep_and_a_figure_z_are_not_compared_and_one_sentence_says_so(both):
    app = page(*both)
    (warning,) = app.warning
    assert "figure-z" in warning.value
    assert "sweep" in warning.value
    assert warning.value.count(".") == 1
    assert not app.table


def test_two_of_them_are_compared_by_settings_machine_and_numbers(store, both):
    other = store_figure_z(store, name="hotter", environment=SERVER, temperature=3.0)
    app = page(both[1], other)
    facts = app.table[0].value
    assert list(facts.loc["Temperature"]) == ["3", "2"]
    assert list(facts.loc["GPU"]) == ["H200", "none"]
    numbers = app.dataframe[1].value
    assert list(numbers.columns) == ["Metric", "N", "Model", "hotter", "translators"]
    assert list(numbers["hotter"]) == list(numbers["translators"])
    assert "They differ in" in texts(app)
    app.multiselect[0].set_value(["BLEU"]).run()
    assert set(app.dataframe[1].value["Metric"]) == {"BLEU"}


def test_a_run_without_numbers_is_shown_and_compared(store, both):
    empty = store.create_run("figure-z", store.run(both[1]).settings)
    assert "no rows yet" in page(empty).info[0].value
    runs = [store.run(one) for one in (empty, both[1])]
    table = comparison_numbers.numbers(store, runs)
    assert set(table[history.names(runs)[empty]]) == {comparison.NONE}
    differ = comparison.differences([store.run(both[1])] * 2, {}).reindex(["Seed"])
    said = comparison_numbers.numbers_sentence(differ, table)
    assert "No number was measured in all" in said
    assert bundles.figures(store, empty) == {}


def test_what_was_refused_stands_in_its_place(store, both):
    table = comparison_numbers.numbers(store, [store.run(both[1])])
    refused = table[(table["Model"] == "Linformer rank=8") & (table["N"] == 96)]
    assert "unsupported" in set(refused["translators"])


def test_every_model_metric_and_length_is_one_line(store, both):
    run = store.run(both[1])
    cells = {
        (row["metric"], row["length"], row["method"], row["student"]) for row in store.rows(run.id)
    }
    assert len(comparison_numbers.numbers(store, [run])) == len(cells)


def test_a_recorded_study_is_listed_with_its_kind(store, both, tmp_path, monkeypatch):
    document = export_json(store, both[1]) | {"name": "On a server", "environment": facts(SERVER)}
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "z.json").write_text(json.dumps(document))
    monkeypatch.undo()
    found = figure_z.recorded(tmp_path / "studies")
    monkeypatch.setenv("ATTN_CORE_HOME", str(store.folder))
    monkeypatch.setattr(figure_z, "recorded", lambda: found)
    monkeypatch.setattr(sweeps, "recorded", dict)
    monkeypatch.setattr(sweeps, "STUDIES", tmp_path / "studies")
    study = history.listed(store)[-1]
    assert (study.kind, study.name, study.origin) == ("figure-z", "On a server", "recorded")
    assert study.cells == store.run(both[1]).cells
    app = page(study.id)
    assert app.text_input(key=state.runs_key("name", study.id)).disabled


def test_its_charts_are_drawn_by_name_and_its_zip_holds_them(store, both, tmp_path):
    found = bundles.figures(store, both[1])
    assert {"figure_z", "quality", "generalization", "speed", "agreement_both"} <= set(found)
    assert b"<svg" in bundles.rendered(found["figure_z"], "svg")
    zipped = bundles.zipped(store, both[1])
    assert all(f"charts/{name}.svg".encode() in zipped for name in found)
    assert import_run(Store(tmp_path / "there"), zipped)


def test_the_command_line_shows_lists_and_exports_it(store, both, tmp_path, capsys):
    assert main(["runs", "show", both[1]]) == 0
    shown = capsys.readouterr().out
    assert "token_accuracy @ 48" in shown
    assert "linformer rank=8" in shown
    assert main(["runs", "show", both[1], "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == export_json(store, both[1])
    assert main(["runs", "list"]) == 0
    assert "figure-z" in capsys.readouterr().out
    for more, name in (([], "whole.svg"), (["--chart", "speed"], "speed.svg")):
        out = tmp_path / name
        assert main(["runs", "export", both[1], "--format", "svg", "--out", str(out), *more]) == 0
        assert b"<svg" in out.read_bytes()
    refused = ["runs", "export", both[1], "--format", "svg", "--chart", "time", "--out", "-"]
    assert main(refused) != 0
    assert "figure_z" in capsys.readouterr().err
