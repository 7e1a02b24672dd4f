"""The Runs page, run without a browser: history, comparison, import and delete; what fails is one sentence."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from attn_core.exchange import export_json, export_zip
from attn_core.store import Store, StoreError
from dashboard import state
from dashboard.services import figure_z, findings, sweeps
from dashboard.services.sweeps import recorded
from tests.dashboard.planted import a_spec
from tests.stored_runs import SERVER, small_spec, store_run

MAIN = Path(__file__).resolve().parents[2] / "dashboard" / "main.py"


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))
    monkeypatch.setattr(sweeps, "STUDIES", tmp_path / "no-studies")
    for service in (sweeps, figure_z):
        monkeypatch.setattr(service, "recorded", dict)
    return Store()


@pytest.fixture
def three(store) -> list[str]:
    """Two runs of one sweep on two machines, and a smaller one with an oom, the newest."""
    return [
        store_run(store, name="laptop"),
        store_run(store, small_spec(dtype="bfloat16"), environment=SERVER, name="server"),
        store_run(
            store,
            a_spec(("flash", "softmax"), (512, 1024)),
            {"softmax @ 1024": ("oom", "needs 40 GiB")},
        ),
    ]


def page(**url: str) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.switch_page("app_pages/runs.py")
    for key, value in url.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def chosen(*run_ids: str) -> dict[str, str]:
    return {state.RUNS_CHOSEN: ",".join(run_ids)}


def history(app: AppTest):
    return app.dataframe[0].value


def texts(app: AppTest) -> str:
    return "\n".join(block.value for block in (*app.markdown, *app.caption, *app.code))


def charts(app: AppTest) -> list:
    return app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart")


def test_an_empty_store_offers_one_action(store):
    app = page()
    assert not app.error
    assert not app.dataframe
    assert "Nothing was measured here yet." in texts(app)
    (action,) = app.get("page_link")
    assert action.proto.label == "Measure a first sweep"
    assert not store.folder.exists(), "looking at a store does not make one"


def test_the_history_lists_every_run_and_opens_on_the_newest(store, three):
    app = page()
    table = history(app)
    assert list(table["Run"]) == [three[2], "server", "laptop"]
    assert list(table["State"]) == ["done"] * 3
    assert list(table["Measured on"]) == ["Planted processor", "H200", "Planted processor"]
    assert len(charts(app)) == 1
    assert app.text_input(key=state.runs_key("name", three[2])).value == ""
    assert store.run(three[2]).command in texts(app)
    read_off = findings.sentences(sweeps.results(store, store.run(three[2]), None))
    assert read_off
    assert read_off in texts(app)
    assert "Top edge: × did not fit in memory." in texts(app)
    assert app.query_params[state.RUNS_CHOSEN] == three[2]


def test_every_control_says_what_it_changes(three):
    app = page(**chosen(*three[:2]))
    for widget in (*app.text_input, *app.text_area, *app.button, *app.multiselect):
        assert widget.help, widget.label


def test_the_url_chooses_the_run(store, three):
    app = page(**chosen(three[0]))
    assert app.text_input(key=state.runs_key("name", three[0])).value == "laptop"
    (link,) = app.get("page_link")
    assert link.proto.label == "Open on Speed"
    assert f"run={three[0]}" in link.proto.query_string


def test_a_run_that_is_not_there_is_said(three):
    app = page(**chosen("20200101-000000-aaaaa"))
    assert "20200101-000000-aaaaa" in texts(app)


def test_the_search_narrows_the_history_and_can_be_cleared(store, three):
    store.annotate(three[1], "measured at night")
    app = page(**{state.RUNS_SEARCH: "night bfloat16"})
    assert list(history(app)["Run"]) == ["server"]
    app.text_input(key=state.RUNS_SEARCH).set_value("nothing like it").run()
    assert not app.exception
    assert "No run mentions" in app.info[0].value
    app.button[0].click().run()
    assert not app.exception
    assert len(history(app)) == 3


def test_two_runs_are_compared_by_what_differs_only(three):
    app = page(**chosen(three[0], three[1]))
    assert len(charts(app)) == 1
    (table,) = app.table
    facts = table.value
    assert list(facts.columns) == ["server", "laptop"]
    assert list(facts.loc["dtype"]) == ["bfloat16", "float32"]
    assert list(facts.loc["GPU"]) == ["H200", "none"]
    assert set(facts.index) == {"dtype", "GPU", "Processor", "CPU threads"}
    assert "4 cells were measured in all of them" in texts(app)
    assert not app.text_area, "names and notes belong to one run"


def test_a_comparison_can_be_held_to_some_methods(three):
    app = page(**chosen(three[0], three[1]))
    before = charts(app)[0].proto.spec
    app.multiselect[0].set_value(["flash"]).run()
    assert not app.exception
    assert charts(app)[0].proto.spec != before


def test_more_than_six_runs_are_not_drawn(store):
    runs = [store_run(store, small_spec(seed=seed)) for seed in range(7)]
    app = page(**chosen(*runs))
    assert "7 runs" in app.warning[0].value
    assert not charts(app)


def test_every_chart_has_words_for_those_who_do_not_see_it(three):
    for wanted in ([three[0]], three[:2]):
        (chart,) = charts(page(**chosen(*wanted)))
        assert "against sequence length" in chart.proto.alt


@pytest.mark.parametrize("quantity", ["time", "memory", "tokens", "roofline", "speedup"])
def test_every_quantity_can_be_shown_for_one_run_and_for_several(three, quantity):
    for wanted in ([three[2]], three):
        app = page(**chosen(*wanted), **{state.RUNS_QUANTITY: quantity})
        assert not app.error
        assert len(charts(app)) == 1


def test_a_new_name_and_notes_are_kept(store, three):
    app = page(**chosen(three[0]))
    app.text_input(key=state.runs_key("name", three[0])).set_value(" on battery ").run()
    app.text_area(key=state.runs_key("notes", three[0])).set_value("fan on").run()
    assert not app.exception
    assert store.run(three[0]).name == "on battery"
    assert store.run(three[0]).notes == "fan on"
    assert "on battery" in list(history(app)["Run"])


def test_a_deleted_run_is_gone_and_the_others_stay(store, three):
    app = page(**chosen(three[1]))
    app.button(key=state.runs_key("delete", three[1])).click().run()
    assert not app.exception
    assert "Deleted server" in app.toast[0].value
    assert {run.id for run in store.runs()} == {three[0], three[2]}
    assert app.query_params[state.RUNS_CHOSEN] == three[2]


def test_a_running_run_is_not_deleted_and_says_so(store, three):
    job = store.submit(three[0], small_spec().to_json(), "cpu")
    store.claim(job.id)
    app = page(**chosen(three[0]))
    app.button(key=state.runs_key("delete", three[0])).click().run()
    assert not app.exception
    assert "cancel it first" in app.error[0].value
    assert len(store.runs()) == 3


def uploaded(app: AppTest, data: bytes, name: str = "run.zip") -> AppTest:
    app.file_uploader[0].set_value((name, data, "application/octet-stream")).run()
    assert not app.exception
    return app


def test_an_uploaded_run_is_imported_and_shown(store, three, tmp_path):
    elsewhere = Store(tmp_path / "elsewhere")
    data = export_zip(elsewhere, store_run(elsewhere, small_spec(seed=9), name="from the cluster"))
    app = uploaded(page(**{state.RUNS_SEARCH: "laptop"}), data)
    assert "Imported run.zip" in app.toast[0].value
    newest = store.runs()[0]
    assert newest.origin == "imported"
    assert app.query_params[state.RUNS_CHOSEN] == newest.id
    assert app.text_input(key=state.RUNS_SEARCH).value == ""
    assert "imported: there it was" in texts(app)


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"hello", "not JSON"), (b"PK\x03\x04", "not a zip"), (b'{"format": NaN}', "NaN")],
)
def test_a_bad_upload_is_one_sentence_and_nothing_is_stored(store, three, data, said):
    app = uploaded(page(), data)
    (error,) = app.error
    assert said in error.value
    assert error.value.count(".") == 1
    assert len(store.runs()) == 3


def test_the_same_run_is_not_imported_twice(store, three):
    app = uploaded(page(), export_zip(store, three[0]))
    assert three[0] in app.error[0].value
    assert len(store.runs()) == 3


def test_a_run_without_rows_is_shown_without_a_chart(store):
    store_run(store, cells=0)
    app = page()
    assert not charts(app)
    assert "no rows yet" in app.info[0].value
    assert list(history(app)["State"]) == ["empty"]


def test_a_read_only_store_is_shown_and_its_changes_are_off(three, monkeypatch):
    sentence = "The store cannot be written, so nothing can be measured into it."
    monkeypatch.setattr("dashboard.services.sweeps.cannot_write", lambda: sentence)
    app = page(**chosen(three[0]))
    assert sentence in app.warning[0].value
    assert len(history(app)) == 3
    assert len(charts(app)) == 1
    assert app.text_input(key=state.runs_key("name", three[0])).disabled
    assert app.text_area(key=state.runs_key("notes", three[0])).disabled


def test_what_the_store_refuses_is_one_sentence(three, monkeypatch):
    def refuse(*_):
        raise StoreError("The disk that holds the store is full.")

    monkeypatch.setattr(Store, "rename", refuse)
    app = page(**chosen(three[0]))
    app.text_input(key=state.runs_key("name", three[0])).set_value("new").run()
    assert not app.exception
    assert app.error[0].value == "The disk that holds the store is full."


def test_a_damaged_store_is_one_sentence(store):
    store.folder.mkdir(parents=True)
    (store.folder / "store.sqlite").write_bytes(b"this is no database" * 100)
    app = page()
    (error,) = app.error
    assert "damaged" in error.value


@pytest.fixture
def study(store, tmp_path, monkeypatch) -> str:
    """A sweep shipped with the code."""
    elsewhere = Store(tmp_path / "elsewhere")
    run_id = store_run(elsewhere, small_spec(dtype="bfloat16"), environment=SERVER)
    folder = tmp_path / "studies"
    folder.mkdir()
    (folder / "h200.json").write_text(json.dumps(export_json(elsewhere, run_id)))
    found = recorded(folder)
    monkeypatch.setattr(sweeps, "recorded", lambda: found)
    monkeypatch.setattr(sweeps, "STUDIES", folder)
    return "recorded-h200"


def test_a_recorded_study_is_seen_in_an_empty_store_and_labelled(store, study):
    app = page()
    assert "Nothing was measured here yet. Below is what others measured." in texts(app)
    assert list(history(app)["State"]) == ["recorded"]
    assert list(history(app)["Measured on"]) == ["H200"]
    assert len(charts(app)) == 1
    assert app.text_input(key=state.runs_key("name", study)).disabled


def test_every_run_that_is_shipped_is_listed_with_its_date_and_leads_on(store, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("ATTN_CORE_HOME", str(store.folder))
    names = sorted(path.stem for path in sweeps.STUDIES.glob("*.json"))
    assert {"tradeoff-cpu", "tradeoff-h100"} < set(names)
    listed = history(page())
    assert len(listed) == len(names) and all(listed["Created (UTC)"])
    app = page(**chosen("recorded-tradeoff-h100"))
    assert "on the Trade-offs page" in app.info[0].value
    assert "attn_core tradeoff" in app.code[0].value


def test_a_recorded_study_is_compared_with_what_was_measured_here(three, study):
    app = page(**chosen(three[0], study))
    (table,) = app.table
    assert list(table.value.columns) == ["laptop", "h200"]
    assert list(table.value.loc["dtype"]) == ["float32", "bfloat16"]
    assert len(charts(app)) == 1


def test_nonsense_in_the_url_is_named_with_what_is_allowed(three):
    app = page(**{state.RUNS_QUANTITY: "fame"})
    assert "'fame'" in app.warning[0].value
    assert "memory" in app.warning[0].value
    assert len(charts(app)) == 1
