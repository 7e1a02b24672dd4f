"""The Attention matrices page through AppTest: every kind of source, every role, every method, any URL."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from attn_core import METHODS
from attn_core.matrix import ScoreView
from attn_core.sources import SourceSpec
from dashboard import state
from dashboard.components.matrix_controls import CHOICES
from dashboard.services.matrix_scene import MODES
from dashboard.services.sources import source_of

PAGE = str(Path(__file__).resolve().parents[2] / "dashboard" / "app_pages" / "matrices.py")


@pytest.fixture(autouse=True)
def _own_store(tmp_path, monkeypatch):
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path))


def opened(**query) -> AppTest:
    app = AppTest.from_file(PAGE, default_timeout=120)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception, app.exception[0].value
    return app


def small(**query) -> AppTest:
    return opened(source="synthetic", drawn="24", **query)


def said(app: AppTest) -> str:
    return "\n".join(one.value for one in [*app.markdown, *app.caption, *app.warning, *app.error])


@pytest.mark.parametrize("kind", ["corpus", "text", "synthetic"])
@pytest.mark.parametrize("role", ["encoder", "decoder", "cross"])
def test_opens_on_every_source_and_role(kind, role):
    app = opened(source=kind, of=role)
    assert "off the exact matrix" in said(app)
    assert "Query 0" in said(app)


@pytest.mark.parametrize(
    ("method", "role"),
    [*((name, "encoder") for name in CHOICES), ("linformer", "decoder"), ("ssd", "decoder")],
)
def test_every_method_is_drawn_or_says_why_not(method, role):
    app = small(of=role, x_methods=method)
    if role in METHODS[method].roles:
        assert not app.warning
    else:
        assert any(one.value.startswith(f"{method}: the {role} role") for one in app.warning)
        assert "A row's entropy" in said(app)


@pytest.mark.parametrize(
    ("mode", "drawn"),
    [*((mode, "zoomable") for mode in MODES), ("signed", "labelled"), ("row KL", "labelled")],
)
def test_every_error_mode_for_two_methods(mode, drawn):
    app = small(x_methods=["longformer", "nystromformer"], x_error=mode, x_draw=drawn)
    assert not app.warning


def test_a_metric_that_does_not_apply_is_a_dash_and_says_why_where_it_wraps():
    app = small(x_methods="performer", x_tab="Fidelity")
    assert not app.dataframe
    table = next(one.value for one in app.table if "metric" in one.value).set_index("metric")
    row = table.loc["mass outside the pattern"]
    assert (row["in view"], row["whole"]) == ("–", "–")
    assert row["what it is"].endswith("; –: the method leaves out no pairs")


@pytest.mark.parametrize("tab", ["Fidelity", "Margins", "Distance and entropy", "Budget"])
def test_every_tab(tab):
    app = small(x_tab=tab, x_methods="longformer")
    assert {one.label for one in app.tabs if one.label == tab}


@pytest.mark.parametrize("method", ["longformer", "reformer", "nystromformer", "performer"])
def test_another_head_than_the_first_has_its_own_numbers(method):
    """What is kept of a head knows that head alone; the read-out is that of all heads, read at this one."""
    app = opened(head="2", i="5", j="3", x_methods=method)
    source = source_of(SourceSpec("corpus", length=48))
    exact = ScoreView(source.q, source.k, source.q.shape[3] ** -0.5)
    expected = float(exact.block(slice(5, 6), slice(3, 4))[0, 2])
    assert f"weight exact {expected:.4g}" in said(app)
    for tab in ("Fidelity", "Margins", "Distance and entropy", "Budget"):
        opened(head="2", x_methods=method, x_tab=tab)


def test_more_methods_than_stand_beside_each_other_are_named():
    app = small(x_methods=["performer", "linformer", "longformer", "bigbird"])
    (warning,) = app.warning
    assert "At most 3 methods" in warning.value and "left out: bigbird" in warning.value


def test_a_method_named_twice_is_drawn_once_and_none_that_is_known_leaves_the_usual_one():
    app = small(x_methods=["performer", "performer"])
    assert app.multiselect(key=state.X_METHODS).value == ["performer"]
    app = small(x_methods="performer, linformer")
    assert "as in x_methods=performer&x_methods=linformer; got" in app.warning[0].value
    app = small(x_methods="evil")
    assert app.multiselect(key=state.X_METHODS).value == ["performer"] and app.warning


def test_no_method_shows_exact_attention_alone():
    app = small()
    app.multiselect(key=state.X_METHODS).set_value([]).run()
    assert not app.exception
    assert "A row's entropy" in said(app)
    again = small(x_methods=app.query_params[state.X_METHODS])
    assert "A row's entropy" in said(again) and not again.warning


def test_methods_have_titles_on_the_page_and_names_in_its_link():
    app = small()
    box = app.multiselect(key=state.X_METHODS)
    assert "Nyströmformer" in box.options and state.X_METHODS not in app.query_params
    box.set_value(["nystromformer"]).run()
    assert app.query_params[state.X_METHODS] == "nystromformer"
    assert small(x_methods="nystromformer").multiselect(key=state.X_METHODS).value == [
        "nystromformer"
    ]


def test_the_budget_moves_the_error_and_is_in_the_url():
    app = small(x_methods="longformer")
    before = said(app)
    app.select_slider(key="x.longformer.window").set_value(2).run()
    assert not app.exception
    assert said(app) != before and "its pattern leaves out" in said(app)


def test_a_pattern_begins_small_and_the_url_wins():
    app = opened(x_methods=["longformer", "reformer", "bigbird"])
    assert app.select_slider(key="x.longformer.window").value == 4
    assert app.select_slider(key="x.reformer.rounds").value == 2
    assert app.number_input(key="x.reformer.bucket").value == 8
    assert app.number_input(key="x.bigbird.block").value == 4
    asked = {"x.longformer.window": "128", "x.reformer.bucket": "64", "x.reformer.rounds": "4"}
    app = opened(x_methods=["longformer", "reformer"], **asked)
    assert app.select_slider(key="x.longformer.window").value == 128
    assert app.select_slider(key="x.reformer.rounds").value == 4
    assert app.number_input(key="x.reformer.bucket").value == 64


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        ("x_methods", "nonsense", "method"),
        ("x_error", "nonsense", "error"),
        ("x_pool", "median", "pooling"),
        ("x_draw", "3d", "drawing"),
        ("colours", "neon", "colours"),
        ("clip", "nan", "clip"),
        ("sinks", "99999", "sinks"),
        ("x.performer.features", "-3", "features"),
        ("x.longformer.window", "many", "window"),
        ("source", "../etc", "source"),
        ("i", "1e9", "query"),
    ],
)
def test_a_bad_value_in_the_url_is_a_sentence(key, value, word):
    query = {"source": "synthetic", "drawn": "24"} | {key: value}
    if key.startswith("x.longformer"):
        query["x_methods"] = "longformer"
    if key == "x_pool":  # where a pixel stands for one cell there is no such control
        query["drawn"] = "300"
    app = opened(**query)
    told = [one.value for one in [*app.warning, *app.error]]
    assert any(word in one.lower() for one in told), told


def test_a_bad_part_in_the_url_is_a_sentence():
    app = opened(source="synthetic", drawn="300", x_view="9-3_0-9")
    assert any("i0-i1_j0-j1" in one.value for one in app.warning)


def test_a_part_in_the_url_is_what_is_measured():
    app = opened(source="synthetic", drawn="300", x_view="10-74_10-74")
    assert "is in view" in said(app)


def test_a_matrix_too_large_to_show_at_once_offers_its_overview():
    app = opened(source="synthetic", drawn="9000", drawn_width="8", x_methods="longformer")
    assert any(one.label == "Make the overview" for one in app.button)
    assert "exact side" not in said(app)


def test_factors_that_are_shown_whole_already_are_told_apart_from_the_exact_side():
    app = opened(
        source="synthetic", drawn="9000", drawn_width="8", x_methods="longformer,performer"
    )
    told = "The means of Performer are shown whole already: it is the exact side that needs"
    assert told in said(app)


def test_tokens_stand_in_the_table_as_they_are():
    app = opened(source="text", text="*red* $5 [a](b) `x` |", i="0", j="0")
    table = app.table[0].value
    assert not app.exception
    tokens = [one.replace("\\", "") for one in table["token"]]
    assert "*" in tokens and "\\*" in list(table["token"])
