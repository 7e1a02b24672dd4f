"""The Figure Z page, run without a browser: in every state of a store and of a run, and with every bad input, it shows
what it has and says the rest in a sentence."""

import json
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from attn_core import METHODS, jobs
from attn_core.store import Store, StoreError
from attn_core.training.spec import FigureZSpec
from dashboard import state
from dashboard.components import figure_z_view
from dashboard.services import figure_z, figure_z_plan, sweeps
from dashboard.services.figure_z_objections import OBJECTIONS
from tests.dashboard import planted_figure_z as planted
from tests.dashboard.planted_figure_z import store_figure_z

PAGE = Path(__file__).resolve().parents[2] / "dashboard" / "app_pages" / "figure_z.py"
PROGRESS = {"done": 3, "total": 12, "cell": "performer: logits", "seconds_left": 65.0}


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    """An empty store, no studies, and nobody who would take a job from the queue."""
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))
    monkeypatch.setattr(figure_z, "STUDIES", tmp_path / "studies")
    monkeypatch.setattr(
        figure_z_plan, "estimated", lambda _spec, _environment: (190.0, 900 * 2**20)
    )
    for place in (jobs, jobs.submit):
        monkeypatch.setattr(place, "ensure_worker", lambda _store: None)
    return Store()


def page(**url: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=120)
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


def texts(app: AppTest) -> str:
    blocks = (*app.markdown, *app.caption, *app.info, *app.warning, *app.error)
    return "\n".join(block.value for block in blocks)


def charts(app: AppTest) -> list:
    return app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart")


def bar(app: AppTest) -> str:
    (found,) = app.get("progress")
    return found.proto.text


def queued(store: Store) -> str:
    run_id = store.create_run(figure_z.KIND, planted.SETTINGS)
    store.submit(run_id, planted.SETTINGS, "cpu")
    return run_id


def running(store: Store) -> str:
    """A run in the middle of its training: curves, and no final number yet."""
    run_id = queued(store)
    job = store.latest_job(run_id)
    store.claim(job.id)
    store.begin(job.id, 1)
    store.heartbeat(job.id, PROGRESS)
    for number, row in enumerate(list(planted.curve_rows(1))[:40]):
        store.append(run_id, f"curve {number}", "curve", row)
    return run_id


def test_an_empty_store_offers_one_action_and_says_what_it_will_take(store):
    app = page()
    assert "Nothing has been trained here yet" in app.info[0].value
    assert not app.warning
    assert not app.error
    assert not button(app, "Run Figure Z").disabled
    assert {"Cancel", "Resume"}.isdisjoint(labels(app))
    assert not charts(app)
    text = texts(app)
    assert "about 3 min 10 s, at most 900 MiB" in text
    assert "Linformer rank=64 has no decoder form: FlashAttention stands in there." in text
    assert "Linformer rank=64 refuses 512 and 1,024 tokens: made for 256." in text


def test_a_recorded_study_is_shown_where_nothing_was_trained(store, tmp_path):
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "figure-z-quick.json").write_text(json.dumps(planted.study()))
    (tmp_path / "studies" / "broken.json").write_text("{}")
    (tmp_path / "studies" / "sweep.json").write_text('{"settings": {"lengths": [1]}, "rows": []}')
    app = page()
    assert "Recorded on " in texts(app)
    assert "not on yours" in texts(app)
    assert len(charts(app)) == 6
    assert {"Cancel", "Resume"}.isdisjoint(labels(app))


def test_a_finished_run_is_shown_with_its_sentences_and_all_its_numbers(store):
    store_figure_z(store, name="overnight")
    app = page()
    assert len(charts(app)) == 6
    text = texts(app)
    share = planted.accuracy("longformer", 1024) / planted.teacher_accuracy(1024)
    assert f"Longformer keeps {100 * share:.1f}% of the teacher's token accuracy" in text
    assert "The intervals of Performer and Kernelized overlap." in text
    assert "Linformer refuses 512 and 1,024 tokens." in text
    assert "One seed" in text
    assert "*FlashAttention, standing in*" in text
    table = app.dataframe[0].value
    assert len(table) == len(planted.rows()["cell"])
    assert set(table["shown"][table["outcome"] == "unsupported"]) == {""}
    assert {"Cancel", "Resume"}.isdisjoint(labels(app))


def test_the_article_shows_published_marks_and_every_objection(store):
    store_figure_z(store, planted.article_rows(), planted.ARTICLE)
    text = texts(page())
    for words in (words for some in OBJECTIONS.values() for words in some):
        assert words in text
    assert "Stars: published numbers" in text
    assert "11.5 published" in text
    assert "article (small) · N = 128" in text
    assert "The controls above are for the next run." in text


def test_run_figure_z_hands_over_what_the_controls_say(store):
    app = page(z_methods=["flash", "longformer"], seeds="2")
    app.number_input(key=state.z_param_key("longformer", "window")).set_value(16)
    button(app, "Run Figure Z").click().run()
    assert not app.exception
    (run,) = store.runs(figure_z.KIND)
    spec = FigureZSpec.from_json(run.settings)
    assert [one.label for one in spec.methods] == ["flash", "longformer window=16"]
    assert (spec.seeds, spec.lengths, spec.preset) == (2, (256, 512, 1024), "quick")
    assert "--seeds 2" in run.command
    assert run.state == "queued"
    assert app.query_params[state.RUN] in (run.id, [run.id])
    assert "Starting." in bar(app)


def test_a_protocol_or_preset_fills_in_what_it_says(store):
    app = page()
    app.button_group(key=state.Z_PROTOCOL).set_value("article").run()
    assert app.selectbox(key=state.Z_SCALE).value == "small"
    assert app.text_input(key=state.Z_LENGTH).value == "128"
    assert app.button_group(key=state.Z_METHODS).value == [
        "softmax",
        "linformer",
        "kernelized",
        "longformer",
    ]
    assert app.number_input(key=state.z_param_key("longformer", "window")).value == 8
    app.selectbox(key=state.Z_SCALE).set_value("full").run()
    assert app.text_input(key=state.Z_LENGTH).value == "2048"
    assert app.number_input(key=state.z_param_key("longformer", "window")).value == 128
    app.button_group(key=state.Z_PROTOCOL).set_value("controlled").run()
    app.selectbox(key=state.Z_PRESET).set_value("paper").run()
    assert app.button_group(key=state.Z_METHODS).value == list(METHODS)
    assert app.number_input(key=state.Z_SEEDS).value == 3


def test_a_running_run_shows_where_it_is_and_its_curves_and_can_be_cancelled(store):
    run_id = running(store)
    app = page()
    assert bar(app) == (
        "performer: logits · step 40 of 120 · 41.2 k tokens/s · 3 of 12 parts · about 1 min 5 s left"
    )
    assert len(charts(app)) == 1
    assert "No longer length is evaluated yet." in texts(app)
    button(app, "Cancel").click().run()
    assert store.latest_job(run_id).cancel
    assert "Stopping" in bar(app)
    assert button(app, "Cancel").disabled


def test_a_cancelled_and_a_lost_run_can_be_resumed(store):
    run_id = queued(store)
    app = page()
    button(app, "Cancel").click().run()
    assert store.run(run_id).state == "cancelled"
    button(app, "Resume").click().run()
    assert not app.exception
    assert store.run(run_id).state == "queued"
    lost = running(Store(store.folder, clock=lambda: time.time() - 60))
    app = page(run=lost)
    assert "is gone" in texts(app)
    assert "Resume" in labels(app)


def test_a_second_run_says_its_place_in_the_queue(store):
    running(store)
    assert "next in the queue, once the CPU is free" in bar(page(run=queued(store)))
    assert "number 2 in the queue" in bar(page(run=queued(store)))


def test_polls_that_find_nothing_new_read_and_draw_nothing_again(store):
    run_id = running(store)
    app = page()
    read, drawn = figure_z._results.cache_info(), figure_z_view.specifications.cache_info()
    store.heartbeat(store.latest_job(run_id).id, PROGRESS | {"seconds_left": 64.0})
    app.run()
    assert "about 1 min 4 s left" in bar(app)
    assert figure_z._results.cache_info().misses == read.misses
    assert figure_z_view.specifications.cache_info().misses == drawn.misses
    store.append(run_id, "one more", "curve", list(planted.curve_rows(1))[41])
    app.run()
    assert figure_z._results.cache_info().misses == read.misses + 1


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ({"z_methods": ["flash", "nonsense"]}, ["'nonsense'", "softmax, flash"]),
        ({"protocol": "fair"}, ["protocol", "'fair'", "controlled, article"]),
        ({"preset": "huge"}, ["preset", "'huge'", "quick, paper"]),
        ({"seeds": "0"}, ["seeds", "got 0", "instead: 1"]),
        ({"z_width": "2"}, ["Width", "got 2"]),
        ({"run": "20000101-000000-none"}, ["no Figure Z run '20000101-000000-none'"]),
        ({"metric": "Beauty"}, ["metric", "'Beauty'", "Token accuracy"]),
        ({"z_learning_rate": "5"}, ["Learning rate", "1e-08 to 1", "got '5'", "instead: 0.01"]),
        ({"z_temperature": "-1"}, ["Temperature", "0.1 to 100", "instead: 2.0"]),
        ({"run": "x" * 9000}, ["no Figure Z run 'xxx", "9,000 characters"]),
        ({"metric": "y" * 9000}, ["metric must be", "9,000 characters"]),
    ],
)
def test_what_the_url_cannot_say_is_one_sentence(store, url, words):
    store_figure_z(store)
    app = page(**url)
    (warning,) = app.warning
    assert all(word in warning.value for word in words)
    assert len(warning.value) < 600
    assert not app.error
    assert charts(app)


def test_what_the_article_fixes_is_named_where_the_url_asks_for_something_else(store):
    (warning,) = page(protocol="article", z_heads="2", z_positions="rotary", z_layers="1").warning
    assert warning.value == (
        "The article's protocol fixes heads (1) and positions (none): what the URL says of that is not used."
    )
    assert not page(protocol="controlled", z_heads="2").warning


def test_after_a_refused_upload_nothing_runs_with_other_data_until_it_is_removed(store):
    app = page()
    (box,) = app.file_uploader
    box.set_value(("mine.csv", b"only\none column\n", "text/csv")).run()
    assert not app.exception
    assert button(app, "Run Figure Z").disabled
    said = [one.value for one in app.error]
    assert any("The upload was not taken" in one and "mine.csv" in one for one in said)
    assert not any(str(store.folder) in one for one in said)
    app.text_input(key=state.Z_DATA).set_value("en_fr.csv").run()
    assert not button(app, "Run Figure Z").disabled


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ({"z_length": "many"}, "trained length must be a whole number"),
        ({"data": "/etc/passwd"}, "Data must lie under"),
        ({"z_width": "30"}, "width must be an even multiple of heads"),
        ({"tokenizer": "/etc"}, r"The folder '/etc' holds no tokenizer; choose \`shipped\`"),
        ({"protocol": "article", "z_batch": "8"}, "article: batch must be at most 4, got 8"),
    ],
)
def test_values_that_cannot_be_run_are_one_sentence_and_nothing_starts(store, url, words):
    app = page(**url)
    (error,) = app.error
    assert error.value.startswith(words)
    assert button(app, "Run Figure Z").disabled


def test_a_store_that_refuses_is_one_sentence(store, monkeypatch):
    def full(*_args, **_more):
        raise StoreError("The disk is full: nothing was stored")

    monkeypatch.setattr(jobs, "submit_figure_z", full)
    app = page()
    button(app, "Run Figure Z").click().run()
    assert [error.value for error in app.error] == ["The disk is full: nothing was stored."]
    monkeypatch.setattr(sweeps, "cannot_write", lambda *_: "The store cannot be written.")
    assert button(page(), "Run Figure Z").disabled


def test_every_control_says_what_it_changes(store):
    app = page(z_methods=list(METHODS))
    controls = [*app.selectbox, *app.number_input, *app.text_input, *app.toggle, *app.button_group]
    assert all(one.help for one in controls)
    drawn = {one.key for one in controls}
    for method in METHODS.values():
        for param in method.params:
            assert state.z_param_key(method.name, param.name) in drawn
