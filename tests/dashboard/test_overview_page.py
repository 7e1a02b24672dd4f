"""The Overview page, run without a browser: every method answers, and bad input gives a sentence."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from attn_core import METHODS
from attn_core.amounts import flops, size
from dashboard.services.prediction import Question, predict

MAIN = Path(__file__).resolve().parents[2] / "dashboard" / "main.py"


def page(**url: str) -> AppTest:
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    for key, value in url.items():
        app.query_params[key] = value
    return app.run()


def numbers(app: AppTest) -> list[tuple[str, str]]:
    return [(metric.label, metric.value) for metric in app.metric]


def texts(app: AppTest) -> str:
    return "\n".join(block.value for block in app.markdown)


def widgets(app: AppTest) -> list:
    return [*app.selectbox, *app.number_input, *app.text_input, *app.toggle]


def test_the_first_answer_needs_no_click():
    app = page()
    assert not app.exception
    assert not app.error
    assert not app.warning
    chosen = METHODS[app.selectbox(key="method").value]
    found = predict(Question(chosen, 16_384))
    assert (chosen.short_title, flops(found.flops)) in numbers(app)
    assert (chosen.short_title, size(found.memory)) in numbers(app)
    assert {"Softmax", "FlashAttention"} <= {label for label, _ in numbers(app)}
    assert "not measured" in "\n".join(caption.value for caption in app.caption)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_can_be_chosen_and_shows_its_own_controls(name):
    app = page(method=name)
    assert not app.exception
    assert not app.error
    assert set(METHODS[name].defaults) <= {widget.label for widget in widgets(app)}
    assert all(widget.help for widget in widgets(app)), "every control says what it changes"
    if "encoder" in METHODS[name].roles:
        assert METHODS[name].short_title in {label for label, _ in numbers(app)}


def test_a_longer_sequence_changes_the_numbers():
    app = page()
    before = numbers(app)
    app.selectbox(key="n").set_value("65536").run()
    assert not app.exception
    assert [value for _, value in numbers(app)] != [value for _, value in before]
    assert "At N = 65,536" in texts(app)


def test_the_url_chooses_the_question():
    app = page(method="flash", n="3000", role="decoder", heads="4", dtype="bfloat16")
    found = predict(Question(METHODS["flash"], 3000, "decoder", heads=4, dtype="bfloat16"))
    assert not app.warning
    assert ("FlashAttention", flops(found.flops)) in numbers(app)
    assert ("FlashAttention", size(found.memory)) in numbers(app)


def test_nonsense_in_the_url_is_named_with_what_is_allowed():
    app = page(method="nonsense", n="-5")
    assert not app.exception
    (error,) = app.error
    (warning,) = app.warning
    assert error.value == "N must be a whole number from 1 to 1,048,576, got -5."
    assert "'nonsense'" in warning.value
    assert all(name in warning.value for name in METHODS)
    assert not app.metric, "no number is shown for a question that was not understood"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ({"heads": "-3"}, ["heads", "-3", "1 to 256", "Shown instead: 8"]),
        ({"head_dim": "wide"}, ["head width", "'wide'", "Shown instead: 64"]),
        ({"batch": "0"}, ["batch", "0", "Shown instead: 1"]),
        ({"role": "judge"}, ["role", "'judge'", "encoder, decoder, cross"]),
        ({"dtype": "int8"}, ["dtype", "'int8'", "bfloat16"]),
    ],
)
def test_each_bad_setting_in_the_url_is_one_sentence_and_the_default_is_shown(url, shown):
    app = page(**url)
    assert not app.exception
    (warning,) = app.warning
    assert all(words in warning.value for words in shown)
    assert app.metric


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n, m in METHODS.items() if m.params])
def test_a_bad_parameter_in_the_url_is_named_with_what_is_allowed(name):
    method = METHODS[name]
    bounded = [one for one in method.params if not isinstance(one.default, str) or one.choices]
    bad = {f"{name}.{param.name}": "!" for param in bounded}
    app = page(method=name, role=next(iter(method.roles)), **bad)
    assert not app.exception
    said = [one.value for one in (*app.warning, *app.error)]
    assert len(said) == len(bounded)
    for param in bounded:
        assert any(param.name in one and param.allowed in one for one in said)


@pytest.mark.parametrize(
    ("name", "role"),
    [(n, r) for n, m in METHODS.items() for r in ("encoder", "decoder", "cross") if r not in m.roles],
)  # fmt: skip
def test_a_role_a_method_lacks_is_one_sentence_and_exact_attention_is_still_shown(name, role):
    app = page(method=name, role=role)
    assert not app.exception
    (warning,) = app.warning
    assert METHODS[name].short_title in warning.value
    assert role in warning.value
    assert all(allowed in warning.value for allowed in METHODS[name].roles)
    assert {label for label, _ in numbers(app)} == {"Softmax", "FlashAttention"}


def test_cross_attention_asks_for_the_keys():
    app = page(method="flash", role="cross", n="512", m="2048")
    found = predict(Question(METHODS["flash"], 512, "cross", keys=2048))
    assert ("FlashAttention", flops(found.flops)) in numbers(app)


def test_the_catalogue_shows_every_method_with_its_formula_and_cost():
    app = page()
    assert len(app.latex) == len(METHODS)
    text = texts(app)
    for method in METHODS.values():
        assert f"**{method.title}**" in text
        assert f"Time {method.complexity['time']} · memory {method.complexity['memory']}" in text
        assert all(limit in text for limit in method.limits)
    families = [heading.value.lower() for heading in app.subheader]
    assert families == list(dict.fromkeys(method.family for method in METHODS.values()))


def test_this_machine_is_described():
    text = texts(page())
    for fact in (
        "Processor",
        "Logical cores",
        "Memory",
        "GPU",
        "torch",
        "Exact attention kernels",
    ):
        assert fact in text
