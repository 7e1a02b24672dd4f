"""The page of steps, run without a browser: every source, role and method, and whatever stands in the URL."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from attn_core import METHODS
from attn_core.sources import SourceSpec
from dashboard.services.first_settings import SMALL, first_settings
from dashboard.services.sources import source_of
from dashboard.services.steps import chain_of

MAIN = Path(__file__).resolve().parents[2] / "dashboard" / "main.py"


def page(**url: str) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.switch_page("app_pages/steps.py")
    for key, value in url.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def captions(app: AppTest) -> str:
    return "\n".join(one.value for one in app.caption)


def texts(app: AppTest) -> str:
    return "\n".join(one.value for one in app.markdown)


@pytest.mark.parametrize("source", ["corpus", "text", "synthetic"])
@pytest.mark.parametrize("role", ["encoder", "decoder", "cross"])
def test_every_source_in_every_role_shows_its_chain(source, role):
    app = page(source=source, of=role)
    assert not app.error
    assert not app.warning
    assert "largest difference" in captions(app)
    assert app.latex


@pytest.mark.parametrize("name", METHODS)
def test_every_method_shows_its_own_steps_and_its_difference(name):
    role = "encoder" if "encoder" in METHODS[name].roles else "decoder"
    app = page(t_method=name, of=role, step="output", i="5", j="3")
    assert not app.error
    chain = chain_of(source_of(SourceSpec(role=role, length=48)), 0, 5, name, first_settings(name))
    assert f"largest difference {chain.difference:.2g}" in captions(app)
    assert app.session_state["t_step"] == "output"
    assert any(chain.at("output").substituted(5, 3) in one.value for one in app.latex)


@pytest.mark.parametrize(
    ("method", "step", "offered"),
    [("softmax", "tokens", False), ("softmax", "dot", False), ("longformer", "pattern", False),
     ("softmax", "qkv", True), ("softmax", "softmax", True)],
)  # fmt: skip
def test_colours_are_offered_where_the_step_has_any_to_change(method, step, offered):
    app = page(t_method=method, step=step)
    assert ("colours" in app.session_state) == offered


@pytest.mark.parametrize(
    ("step", "who"), [("dot", "one pair of one head"), ("scores", "all 4 heads")]
)
def test_a_cost_says_what_it_is_of(step, who):
    shown = [one.value for one in page(step=step).markdown]
    assert any(f"This step, {who}: " in one for one in shown)


def test_a_method_is_shown_by_its_title_and_linked_by_its_name():
    app = page(t_method="low_rank")
    box = app.selectbox(key="t_method")
    assert box.value == "low_rank" and "Low-rank" in box.options
    assert not [one for one in box.options if "_" in one]
    box.set_value("linformer").run()
    assert app.query_params["t_method"] == "linformer"
    box.set_value("softmax").run()
    assert "t_method" not in app.query_params


@pytest.mark.slow
@pytest.mark.parametrize("name", METHODS)
def test_every_step_of_every_method_opens(name):
    role = "encoder" if "encoder" in METHODS[name].roles else "decoder"
    chain = chain_of(source_of(SourceSpec(role=role, length=48)), 0, 0, name, first_settings(name))
    for key in chain.keys:
        app = page(t_method=name, of=role, step=key)
        assert app.session_state["t_step"] == key
        assert not app.error
        assert not app.warning


@pytest.mark.parametrize(
    ("name", "role"),
    [(n, r) for n, m in METHODS.items() for r in ("decoder", "cross") if r not in m.roles],
)
def test_a_role_that_a_method_lacks_is_one_sentence(name, role):
    app = page(t_method=name, of=role)
    (error,) = app.error
    assert error.value.startswith(f"{METHODS[name].short_title}: ")
    assert role in error.value


def test_previous_and_next_move_along_the_chain():
    app = page(step="scores")
    app.button(key="t_Next").click().run()
    assert app.session_state["t_step"] == "scaled"
    assert app.query_params["step"] in ("scaled", ["scaled"])
    app.button(key="t_Previous").click().run()
    app.button(key="t_Previous").click().run()
    assert app.session_state["t_step"] == "dot"
    assert page(step="tokens").button(key="t_Previous").disabled
    assert page(step="residual").button(key="t_Next").disabled


def test_another_method_keeps_the_step_or_shows_one_nearby():
    app = page(step="scores")
    app.selectbox(key="t_method").set_value("flash").run()
    assert not app.exception
    assert app.session_state["t_step"] == "scaled" or app.session_state["t_step"] in (
        "gathered",
        "output",
    )


def test_a_link_opens_the_tab_that_it_names():
    app = page(t_tab="Costs")
    assert [tab.label for tab in app.tabs] == ["Pinned pair", "Costs", "Numbers"]
    assert "4,096" in texts(app) + str(
        [table.value for table in app.table]
    ) and "weight exact" not in texts(app)
    assert any("tab must be one of" in one.value for one in page(t_tab="nonsense").warning)


def test_a_temperature_and_no_scaling_saturate_the_row():
    before = texts(page(step="softmax", i="5"))
    after = texts(page(step="softmax", i="5", t_unscaled="true"))
    assert "divided by √d alone" in after
    assert "divided by √d alone" not in before
    assert "divided by √d alone" in texts(page(step="softmax", i="5", t_temperature="0.5"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ({"t_method": "nonsense"}, ["nonsense", "softmax"]),
        ({"step": "../../etc"}, ["step must be one of", "../../etc"]),
        ({"t_temperature": "nan"}, ["temperature", "0.05 to 20"]),
        ({"t_temperature": "-1"}, ["temperature", "-1"]),
        ({"t_method": "longformer", "t.longformer.window": "-9"}, ["window", "-9"]),
        ({"t_method": "performer", "t.performer.features": "1e99"}, ["features", "1e99"]),
        ({"t_unscaled": "perhaps"}, ["without scaling", "perhaps"]),
        ({"i": "99999999"}, ["query", "99,999,999"]),
    ],
)
def test_what_the_url_cannot_mean_is_one_sentence(url, said):
    app = page(**url)
    shown = [one.value for one in (*app.warning, *app.error)]
    assert any(all(word in one for word in said) for one in shown), shown


def test_parameters_that_do_not_fit_together_are_one_sentence():
    app = page(**{"t_method": "bigbird", "t.bigbird.window": "2"})
    (error,) = app.error
    assert "window must be an odd number" in error.value


def test_every_control_has_help():
    app = page(t_method="longformer", step="softmax")
    drawn = [*app.selectbox, *app.number_input, *app.toggle, *app.button, *app.text_input]
    assert all(one.help for one in drawn)


@pytest.mark.parametrize(
    "name, param", [(name, param) for name, small in SMALL.items() for param in small]
)
def test_a_pattern_begins_small_and_the_url_wins(name, param):
    key, own = f"t.{name}.{param}", METHODS[name].defaults[param]
    first = page(t_method=name, step="output")
    assert first.number_input(key=key).value == SMALL[name][param] != own
    asked = page(**{"t_method": name, key: str(own)})
    assert asked.number_input(key=key).value == own


@pytest.mark.parametrize("name", [name for name, one in METHODS.items() if one.family == "sparse"])
def test_a_pattern_in_its_first_settings_shows_in_a_short_text(name):
    source = source_of(SourceSpec(length=48))
    chain = chain_of(source, 0, 5, name, first_settings(name))
    shown = chain.at("pattern").arrays[0]
    met = shown.values.bool() if shown.masked is None else ~shown.masked
    # Multiscale leaves nothing out: it shows by its levels.
    levels = len(shown.values.unique()) if name == "multiscale" else 0
    assert 0 < float(met.float().mean()) < 0.75 or levels == len(chain.call.params["scales"])
