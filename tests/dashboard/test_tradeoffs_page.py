"""The Trade-offs page over stores of every kind: empty, with one point, all beaten, all out of memory, mixed."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from attn_core.store import Store
from dashboard import state
from dashboard.components.tradeoff_bring import ANCHOR, CHART, COVERAGE
from dashboard.components.tradeoff_tabs import TABS
from dashboard.services import sweeps, tradeoff_view, tradeoffs
from tests.dashboard.planted_tradeoffs import FLASH, RANKS, SETTINGS, full, plant
from tests.tradeoff.handmade import LAPTOP, SERVER, cell, fidelity

PAGE = Path(__file__).resolve().parents[2] / "dashboard" / "app_pages" / "tradeoffs.py"


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))
    monkeypatch.setattr(sweeps, "STUDIES", tmp_path / "no-studies")
    return Store()


def page(**url: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=60)
    for key, value in url.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def button(app: AppTest, words: str):
    return next(one for one in app.button if words in one.label)


def texts(app: AppTest) -> str:
    blocks = (*app.markdown, *app.caption, *app.info, *app.warning, *app.error)
    return "\n".join(block.value for block in blocks)


def test_an_empty_store_offers_one_action(store):
    app = page()
    assert "Nothing has been measured yet" in app.info[0].value
    assert [one.label for one in app.button if one.label == "Run study"] and not app.error


def test_a_full_store_has_a_front_a_verdict_and_a_budget(store):
    full(store)
    said = texts(page())
    assert "on the front" in said and "Verdict" in said and "Not measured: a GPU" in said
    assert "5 choices at N = 2,048" in said


def brought(app: AppTest) -> str:
    """What the page asks the browser to bring into view."""
    return "".join(one.proto.body for one in app.get("html") if "scrollIntoView" in one.proto.body)


def test_evidence_is_brought_into_view_once(store):
    full(store)
    app = page()
    assert not brought(app)
    button(app, "Evidence: Crossovers").click().run()
    assert app.query_params[state.D_TAB] == "Crossovers"
    assert f"'{ANCHOR}'" in brought(app)
    # Once: what is read next stays where it is.
    app.run()
    assert not brought(app)
    button(app, "Evidence: what was measured").click().run()
    assert app.query_params[state.D_TAB] == "Front" and f"'{COVERAGE}'" in brought(app)
    button(app, "Evidence: the chart").click().run()
    # The chart stands beside the verdict, or on a narrow screen below it.
    assert f"'{CHART}'" in brought(app) and "nearest" in brought(app)


def test_a_quantity_is_never_drawn_against_itself(store):
    full(store)
    app = page(x="Time", y="Time")
    across, up = (
        next(one for one in app.selectbox if one.label == name) for name in ("Across", "Up")
    )
    assert across.value == "time_s" != up.value
    across.set_value(up.value).run()
    assert not app.exception and across.value != up.value


def test_a_link_that_names_what_was_not_measured_says_so_and_shows_the_rest(store):
    full(store)
    known = page()
    assert not known.warning
    wrong = {
        state.D_AT: "-1",
        state.D_SOURCE: "a dream",
        state.D_SETTING: "../x",
        state.D_POINT: "q" * 999,
    }
    app = page(**wrong)
    said = texts(app)
    assert "names the length '-1', which is not among what was measured in this setting: " in said
    assert "names the source 'a dream'" in said and "names the setting '../x'" in said
    assert "(999 characters)" in said
    assert len(app.warning) == len(wrong) and "on the front" in said


def test_a_link_that_names_more_than_is_drawn_says_so(store):
    lengths = (256, 512, 1024, 2048, 4096)
    full(store, lengths=lengths)
    app = page(**{state.D_AT: [str(n) for n in lengths], state.D_X: "Time", state.D_Y: "Time"})
    said = texts(app)
    assert "names 5 lengths (256, 512, 1024, 2048, 4096); at most 4 are drawn" in said
    assert "names 'Time' for both axes; they must be two quantities." in said
    assert len(app.warning) == 2 and "on the front" in said
    fine = page(**{state.D_AT: ["256", "512"], state.D_X: "Time", state.D_Y: "Memory"})
    assert not fine.warning


def test_the_verdict_stands_before_what_else_the_points_tell(store):
    full(store)
    said = texts(page())
    assert said.index("Verdict") < said.index("5 choices at N = 2,048")
    assert "What is offered" in said and "Within the limits" not in said
    limited = texts(page(**{state.need_key("output_error"): "1000"}))
    assert "Within the limits" in limited and "What is offered" not in limited


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_opens(store, tab):
    full(store)
    app = page(**{state.D_TAB: tab})
    assert not app.error


def test_a_running_study_counts_points(store):
    full(store)
    run_id = store.create_run(tradeoffs.KIND, SETTINGS)
    job = store.submit(run_id, SETTINGS, "cpu")
    store.claim(job.id)
    store.begin(job.id, 1)
    store.heartbeat(job.id, {"done": 3, "total": 40, "cell": "flash @ 2048"})
    app = page()
    assert [one.proto.text for one in app.get("progress")] == ["3 of 40 points · flash @ 2048"]
    said = texts(app)
    assert "The verdict follows" in said and f"Planted {LAPTOP}" in said


@pytest.mark.parametrize(
    "cells, errors, expected",
    [
        ([cell(FLASH, 2048, 0.01)], [fidelity(FLASH, 2048, 1e-7)], "1 point: 1 on the front"),
        ([cell(FLASH, 2048, 0.01)], [], "No point has both"),
        ([cell(one, 2048, None, outcome="oom") for one in (FLASH, *RANKS)], [], "Nothing that was tried"),
        (
            [cell(one, 2048, 0.1 * place) for place, one in enumerate(RANKS, 1)],
            [fidelity(one, 2048, 0.1 * place) for place, one in enumerate(RANKS, 1)],
            "3 points: 1 on the front (ringed), 2 beaten (faint)",
        ),
    ],
    ids=["one point", "no error", "all oom", "one method, beaten but for one"],
)  # fmt: skip
def test_odd_stores_are_shown_as_they_are(store, cells, errors, expected):
    plant(store, cells, errors)
    app = page()
    assert expected in texts(app) and not app.error


def test_of_more_points_than_can_be_drawn_the_newest_are_left(store, monkeypatch):
    monkeypatch.setattr(tradeoff_view, "MOST", 3)
    full(store, lengths=(2048,))
    assert "3 points: " in (said := texts(page())) and "2 older ones are left out" in said


def test_older_runs_are_left_out_until_they_are_asked_for(store):
    full(store, lengths=(2048,))
    assert not [one for one in page().toggle if one.label == "Older runs"]
    first = full(store, lengths=(2048,))
    full(store, lengths=(2048,))
    app = page()
    assert (
        "5 points: " in (said := texts(app)) and "10 points are left out: of their choices" in said
    )
    next(one for one in app.toggle if one.label == "Older runs").set_value(True).run()
    assert "15 points of 3 runs: " in texts(app) and "10 of another run (faint too" in texts(app)
    assert "15 points of 3 runs: " in texts(page(**{state.D_OLDER: "true"}))
    # A link to an older point opens it, and says that it is one.
    old = texts(page(**{state.D_POINT: f"{first}/flash @ 2048"}))
    assert "Another run of this choice counts" in old


def test_machines_are_chosen_and_never_mixed(store):
    full(store, LAPTOP, (2048,))
    full(store, SERVER, (2048,))
    app = page()
    assert "5 points: " in texts(app)
    chooser = next(one for one in app.selectbox if one.label == "Machine and setting")
    assert len(chooser.options) == 2
    assert f"Planted {SERVER}" in texts(app), "the newest is shown first"
    chooser.select_index(1).run()
    assert (
        not app.exception and "5 points: " in (said := texts(app)) and f"Planted {LAPTOP}" in said
    )
    again = page(**{state.D_SETTING: app.query_params[state.D_SETTING]})
    assert f"Planted {LAPTOP}" in texts(again)


def test_a_budget_names_what_must_give(store):
    full(store, lengths=(2048,))
    app = page(
        **{
            "need_n": "2048",
            state.need_key("time_s"): "0.001",
            state.need_key("output_error"): "1",
        }
    )
    assert "Nothing is within" in texts(app) and "would admit" in texts(app)
    app = page(**{"need_n": "2048", state.need_key("output_error"): "1"})
    assert "2 choices surely within" in texts(app)
    assert any('get_method("flash")' in one.value or "flash" in one.value for one in app.code)


def test_a_point_of_the_link_is_opened_with_its_numbers_and_links(store):
    run_id = full(store, lengths=(2048,))
    app = page(**{state.D_POINT: f"{run_id}/low_rank rank=16 @ 2048"})
    said = texts(app)
    assert "**Low-rank rank=16** at N = 2,048" in said and "9 timings" in said
    assert "Click a point" in texts(page(**{state.D_POINT: "../../etc/passwd"}))


@pytest.mark.parametrize(
    "key, value",
    [
        ("study", "5 days"),
        ("x", "speed"),
        ("need_n", "-3"),
        ("need.time_s", "nan"),
        ("need.time_s", "1e300"),
        ("d_tab", "<b>"),
        ("d_heads", "0"),
    ],
)
def test_bad_addresses_get_a_sentence(store, key, value):
    full(store, lengths=(2048,))
    app = page(**{key: value})
    assert any(value in one.value.replace("\\", "") for one in app.warning)


def test_what_is_used_instead_is_said_by_the_name_that_the_page_shows(store):
    full(store, lengths=(2048,))
    (warning,) = page(x="speed").warning
    assert warning.value.endswith("got 'speed'. Used instead: Time.")
    tabs = {"d_cheap": "Error and quality", "d_cost": "Published", "against": "Crossovers"}
    for key, tab in tabs.items():
        (warning,) = page(**{key: "hope", state.D_TAB: tab}).warning
        assert "got 'hope'. Used instead: " in warning.value and "_" not in warning.value
    app = page(**{state.need_key("time_s"): "1e300"})
    assert "5 choices at N = 2,048" in (said := texts(app)) and "000,000,000,000" not in said


def test_what_is_measured_next_comes_into_view(store):
    # Two machines with times and memory alone, so that both boxes hold something before.
    for machine in (SERVER, "a third"):
        cells = [cell(FLASH, 2048, 0.01, memory=1, environment=machine)]
        plant(store, cells, machine=machine)
    app = page()
    assert "Memory against time" in texts(app)
    run_id = plant(store, [cell(FLASH, 512, 0.01), cell(RANKS[0], 512, 0.02)])
    app.run()
    assert f"Planted {LAPTOP}" in texts(app) and f"Planted {SERVER}" not in texts(app)
    # Errors come in after the first times, and then are what is asked for.
    for one in (FLASH, RANKS[0]):
        row = fidelity(one, 512, 0.1)
        store.append(run_id, f"{one.label} @ 512 on {row['source_key']}", "fidelity", row)
    app.run()
    assert "Output error against time" in texts(app) and not app.exception


def test_the_lengths_of_a_study_come_into_view_with_its_first_point(store):
    full(store, lengths=(1024, 2048))
    app = page()
    app.session_state[state.D_AWAITED] = ["512"]
    app.run()
    assert "at N = 2,048" in texts(app)
    full(store, lengths=(512,))
    app.run()
    assert "Fastest at N = 512" in texts(app)
    # Once: what is chosen then stays.
    next(one for one in app.multiselect if one.label == "Lengths N").set_value(["1024"]).run()
    assert "Fastest at N = 1,024" in texts(app) and not app.exception


def test_a_chosen_quantity_stays_and_its_address_is_understood(store):
    full(store, lengths=(2048,))
    app = page()
    box = next(one for one in app.selectbox if one.label == "Up")
    box.select("memory_bytes").run()
    assert "Memory against time" in texts(app)
    app.run()
    assert "Memory against time" in texts(app) and not app.warning
    # As the box writes it there.
    again = page(**{state.D_Y: "Memory"})
    assert "Memory against time" in texts(again) and not again.warning


def test_links_to_crossovers_and_papers_hold_names_and_the_boxes_show_titles(store):
    full(store, lengths=(512, 2048))
    app = page(d_tab="Crossovers", against="softmax")
    assert app.selectbox(key=state.D_AGAINST).value == "softmax"
    assert app.selectbox(key=state.D_AGAINST).options == ["FlashAttention", "Softmax"]
    assert "Time against Softmax: from which length on it pays" in texts(app)
    app = page(d_tab="Published", d_papers="linformer")
    assert app.multiselect(key=state.D_PAPERS).value == ["linformer"]
    assert "Linformer" in app.multiselect(key=state.D_PAPERS).options
    assert app.query_params[state.D_PAPERS] == "linformer"
    assert not app.warning
