"""The Speed page, run without a browser: in every state of a store and of a run, and with every bad input, it shows
what it has and says the rest in a sentence."""

import json
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from attn_core import METHODS, jobs
from attn_core.exchange import export_json
from attn_core.store import Store, StoreError
from attn_core.timing.spec import SweepSpec
from dashboard import state
from dashboard.components.sweep_view import View, figure
from dashboard.figures.quantities import QUANTITIES
from dashboard.figures.reading import reading
from dashboard.services import sweeps
from dashboard.services.sweep_form import DEFAULT_LENGTHS, DEFAULT_METHODS, Form, spec_of
from tests.dashboard.planted import a_spec
from tests.stored_runs import store_run

MAIN = Path(__file__).resolve().parents[2] / "dashboard" / "main.py"
PROGRESS = {"done": 7, "total": 25, "cell": "flash @ 1024", "seconds_left": 65.0}


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    """An empty store, no studies, and nobody who would take a job from the queue."""
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))
    monkeypatch.setattr(sweeps, "STUDIES", tmp_path / "studies")
    for place in (jobs, jobs.submit):
        monkeypatch.setattr(place, "ensure_worker", lambda _store: None)
    return Store()


def page(**url: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.switch_page("app_pages/speed.py")
    for key, value in url.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def button(app: AppTest, label: str):
    """The one button with this label."""
    (found,) = (one for one in app.button if one.label == label)
    return found


def labels(app: AppTest) -> list[str]:
    return [one.label for one in app.button]


def shown(app: AppTest) -> str:
    """The run that the URL names."""
    named = app.query_params[state.RUN]
    return named if isinstance(named, str) else named[-1]


def texts(app: AppTest) -> str:
    blocks = (*app.markdown, *app.caption, *app.info, *app.warning, *app.error)
    return "\n".join(block.value for block in blocks)


def charts(app: AppTest) -> list:
    return app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart")


def bar(app: AppTest) -> str:
    (found,) = app.get("progress")
    return found.proto.text


def queued(store: Store, spec: SweepSpec | None = None) -> str:
    return jobs.submit_sweep(store, spec or a_spec()).id


def running(store: Store, progress: dict | None = None) -> str:
    settings = a_spec().to_json()
    run_id = store.create_run("sweep", settings)
    job = store.submit(run_id, settings, "cpu")
    store.claim(job.id)
    store.begin(job.id, 1)
    store.heartbeat(job.id, PROGRESS if progress is None else progress)
    return run_id


def test_an_empty_store_offers_one_action(store):
    app = page()
    assert "Nothing has been measured here yet" in app.info[0].value
    assert not app.warning
    assert not app.error
    assert not button(app, "Run sweep").disabled
    assert {"Cancel", "Resume"}.isdisjoint(labels(app))
    assert not charts(app)


def test_before_starting_it_says_what_it_will_take(store):
    cells = len(DEFAULT_METHODS) * len(DEFAULT_LENGTHS)
    assert f"{cells} cells, about " in texts(page())


def test_every_control_says_what_it_changes(store):
    app = page(s_role="cross", methods=list(METHODS))
    controls = [*app.selectbox, *app.number_input, *app.text_input, *app.toggle, *app.button_group]
    assert all(one.help for one in controls)
    drawn = {one.key for one in controls}
    for method in METHODS.values():
        for param in method.params:
            assert state.sweep_param_key(method.name, param.name) in drawn


def test_run_sweep_hands_over_what_the_controls_say(store):
    app = page(methods=["flash", "longformer"], lengths=["64", "128"], s_heads="2")
    app.number_input(key="s.longformer.window").set_value(32)
    button(app, "Run sweep").click().run()
    assert not app.exception
    (run,) = store.runs("sweep")
    spec = SweepSpec.from_json(run.settings)
    assert [choice.label for choice in spec.methods] == ["flash", "longformer window=32"]
    assert (spec.lengths, spec.heads) == ((64, 128), 2)
    assert run.state == "queued"
    assert "--methods flash,longformer" in run.command
    assert shown(app) == run.id
    assert "Starting." in bar(app)


def test_a_second_sweep_says_its_place_in_the_queue(store):
    running(store)
    second = queued(store)
    assert "next in the queue, once the CPU is free" in bar(page(run=second))
    third = queued(store)
    assert "number 2 in the queue" in bar(page(run=third))


def test_a_finished_run_is_shown_with_its_sentences(store):
    failed = {"softmax @ 8192": ("oom", "needs at least 64 GiB")}
    store_run(store, a_spec(), failed, name="overnight")
    app = page()
    assert len(charts(app)) == 1
    text = texts(app)
    assert "At N = 8,192 Linformer takes" in text
    assert "as fast as FlashAttention" in text
    assert "Faster than FlashAttention: Linformer from about N = " in text
    assert "Does not fit in memory: Softmax at 8,192." in text
    assert {"Cancel", "Resume"}.isdisjoint(labels(app))
    table = app.dataframe[0].value
    assert len(table) == 25
    assert "needs at least 64 GiB" in set(table["message"])


def test_it_opens_on_the_newest_run_and_the_url_can_name_another(store):
    old, new = store_run(store, name="old"), store_run(store, name="new")
    assert shown(page()) == new
    app = page(run=old)
    assert app.selectbox(key=state.RUN_BOX).value == old
    app.selectbox(key=state.RUN_BOX).set_value(new).run()
    assert shown(app) == new


def test_two_runs_that_read_alike_are_told_apart(store):
    first, second = store_run(store, name="same"), store_run(store, name="same")
    shown = page().selectbox(key=state.RUN_BOX).options
    assert len(set(shown)) == 2
    assert all(run_id[-5:] in "".join(shown) for run_id in (first, second))


def test_a_running_run_shows_its_progress_and_can_be_cancelled(store):
    run_id = running(store)
    app = page()
    assert bar(app) == "7 of 25 cells · flash @ 1024 · about 1 min 5 s left"
    button(app, "Cancel").click().run()
    assert store.latest_job(run_id).cancel
    assert "Stopping" in bar(app)
    assert button(app, "Cancel").disabled


def test_a_waiting_run_is_cancelled_at_once_and_can_be_resumed(store):
    run_id = queued(store)
    app = page()
    button(app, "Cancel").click().run()
    assert store.run(run_id).state == "cancelled"
    assert "was cancelled" in texts(app)
    button(app, "Resume").click().run()
    assert not app.exception
    assert store.run(run_id).state == "queued"


def test_a_lost_run_says_so_and_offers_to_resume(store):
    earlier = Store(store.folder, clock=lambda: time.time() - 60)
    running(earlier)
    app = page()
    assert "is gone" in texts(app)
    assert "Resume" in labels(app)
    assert "Cancel" not in labels(app)


def test_a_failed_run_says_why(store):
    run_id = running(store)
    store.finish(store.latest_job(run_id).id, "failed", "no process could be started.")
    assert "This sweep failed: no process could be started." in texts(page())


def test_what_has_no_rows_yet_has_no_chart_and_no_export(store):
    running(store)
    app = page()
    assert "No cell is finished yet." in texts(app)
    assert not charts(app)
    assert not app.get("download_button")


def test_cells_that_cannot_run_are_named_before_starting(store):
    app = page(s_role="decoder", methods=["flash", "linformer"])
    assert "**Linformer** at 256, 512, 1,024, 2,048, 4,096" in texts(app)
    assert "5 cells, about" in texts(app)
    app = page(s_role="decoder", methods="linformer")
    assert button(app, "Run sweep").disabled
    assert "No cell can run." in texts(app)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ({"methods": ["flash", "nonsense"]}, ["'nonsense'", "softmax, flash"]),
        ({"pass": "sideways"}, ["pass", "'sideways'", "forward+backward", "instead: forward"]),
        ({"s_role": "judge"}, ["role", "'judge'", "encoder, decoder, cross"]),
        ({"s_heads": "0"}, ["heads", "got 0", "instead: 8"]),
        ({"seconds": "soon"}, ["seconds per cell", "'soon'"]),
        ({"device": "tpu"}, ["device", "'tpu'", "cpu"]),
        ({"s.longformer.window": "-1"}, ["window", "-1"]),
        ({"run": "20000101-000000-none"}, ["no sweep '20000101-000000-none'"]),
    ],
)
def test_what_the_url_cannot_say_is_one_sentence(store, url, words):
    store_run(store)
    app = page(**url)
    (warning,) = app.warning
    assert all(word in warning.value for word in words)
    assert not app.error
    assert charts(app)


def test_a_bad_view_in_the_url_is_one_sentence(store):
    store_run(store)
    app = page(show="Colour", relative="nobody")
    assert ["'Colour'" in app.warning[0].value, "'nobody'" in app.warning[1].value] == [True] * 2
    assert charts(app)


@pytest.mark.parametrize("text", ["many", "-5", "2.5", "99999999"])
def test_a_length_that_is_none_is_one_sentence_and_nothing_can_be_started(store, text):
    app = page(lengths=["512", text])
    (error,) = app.error
    assert error.value.startswith("length must be a whole number from 1 to 1,048,576")
    assert button(app, "Run sweep").disabled


def test_any_length_can_be_typed(store):
    app = page(lengths="512", other_lengths="1000, 3000")
    assert not app.error
    assert f"{3 * len(DEFAULT_METHODS)} cells" in texts(app)


def test_a_length_of_the_url_that_is_no_power_of_two_is_measured_too(store):
    app = page(lengths=["512", "3000"])
    assert app.text_input(key=state.SWEEP_OTHER_LENGTHS).value == "3000"
    assert f"{2 * len(DEFAULT_METHODS)} cells" in texts(app)


def test_no_method_or_no_length_is_one_sentence(store):
    app = page()
    app.button_group(key=state.SWEEP_METHODS).set_value([]).run()
    assert [error.value for error in app.error] == ["Choose at least one method."]
    assert button(app, "Run sweep").disabled


def test_presets_fill_in_methods_and_lengths(store):
    app = page()
    app.button(key="methods_All").click().run()
    app.button(key="lengths_Long").click().run()
    assert app.button_group(key=state.SWEEP_METHODS).value == list(METHODS)
    assert "131072" in app.button_group(key=state.SWEEP_LENGTHS).value


def test_a_store_that_cannot_be_written_can_be_read(store, monkeypatch):
    store_run(store)
    monkeypatch.setattr(sweeps, "cannot_write", lambda *_: "The store cannot be written.")
    app = page()
    assert button(app, "Run sweep").disabled
    assert "The store cannot be written." in texts(app)
    assert charts(app)


def test_what_the_store_refuses_on_starting_is_one_sentence(store, monkeypatch):
    def full(*_args, **_more):
        raise StoreError("The disk is full: nothing was stored")

    monkeypatch.setattr(jobs, "submit_sweep", full)
    app = page()
    button(app, "Run sweep").click().run()
    assert not app.exception
    assert [error.value for error in app.error] == ["The disk is full: nothing was stored."]


def test_a_corrupt_store_is_one_sentence_and_keeps_its_file(store):
    store_run(store)
    (file,) = store.folder.glob("*.sqlite")
    file.write_bytes(b"not a database" * 500)
    app = page()
    assert len(app.warning) + len(app.error) == 1
    assert file.read_bytes() == b"not a database" * 500


def test_a_recorded_study_is_shown_where_nothing_was_measured(store, tmp_path):
    run_id = store_run(store, name="sample")
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "sample.json").write_text(json.dumps(export_json(store, run_id)))
    (tmp_path / "studies" / "broken.json").write_text("{}")
    store.delete(run_id)
    app = page()
    assert "Recorded on " in texts(app)
    assert "not on yours" in texts(app)
    assert len(charts(app)) == 1
    assert {"Cancel", "Resume"}.isdisjoint(labels(app))


@pytest.mark.parametrize("quantity", ["Memory", "Tokens/s", "Roofline", "Speed-up"])
def test_every_quantity_has_a_chart_and_says_how_to_read_it(store, quantity):
    run_id = store_run(store, a_spec())
    app = page(show=quantity, scale="linear", relative="softmax", per_token="true")
    assert charts(app)
    assert "Setting: forward · encoder" in texts(app)
    found = sweeps.results(store, store.run(run_id), None)
    (key,) = (key for key, form in QUANTITIES.items() if form.name == quantity)
    relative = "softmax" if QUANTITIES[key].relative else None
    said = reading(found.rows, found.nulls, key, relative, True, found.crossings)
    assert said in texts(app)
    assert figure(found, View(key, "linear", relative, True)).note == said


def test_a_run_that_ends_while_it_is_watched_is_drawn_again_with_its_buttons(store):
    run_id = running(store)
    app = page()
    store.finish(store.latest_job(run_id).id, "cancelled")
    app.run()
    assert not app.get("progress")
    assert "Resume" in labels(app)


def test_the_defaults_are_a_sweep():
    spec = spec_of(Form())
    assert {"softmax", "flash"} < {choice.method for choice in spec.methods}
    assert spec.lengths == DEFAULT_LENGTHS


def test_a_link_to_a_relative_view_holds_a_name_and_the_box_shows_its_title(store):
    store_run(store, a_spec())
    app = page(relative="softmax")
    box = app.selectbox(key=state.RELATIVE)
    assert (box.value, "Softmax" in box.options, "softmax" in box.options) == (
        "softmax",
        True,
        False,
    )
    box.set_value("flash").run()
    assert app.query_params[state.RELATIVE] == "flash"
    app.selectbox(key=state.RELATIVE).set_value("absolute").run()
    assert state.RELATIVE not in app.query_params
