"""The Masks page, run without a browser: every source, role and method opens, and every bad input is a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from attn_core import get_method
from dashboard import state
from dashboard.services import mask_form as form
from dashboard.services.mask_form import TABS

PAGE = Path(__file__).resolve().parents[2] / "dashboard" / "app_pages" / "masks.py"


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("ATTN_CORE_HOME", str(tmp_path / "store"))


def page(**url: str) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=120)
    for key, value in url.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def told(app: AppTest) -> str:
    return " ".join(one.value for one in app.markdown)


def charts(app: AppTest) -> int:
    return len(app.get("vega_lite_chart"))


SOURCES = [
    (kind, role, TABS[2])
    for kind in ("corpus", "text", "synthetic")
    for role in ("encoder", "decoder", "cross")
]
OTHERS = [("corpus", role, tab) for role in ("encoder", "cross") for tab in TABS if tab != TABS[2]]


@pytest.mark.parametrize(("kind", "role", "tab"), SOURCES + OTHERS)
def test_it_opens_on_every_source_role_and_tab(kind, role, tab):
    app = page(source=kind, of=role, **{state.K_TAB: tab})
    assert not app.error and "the patterns keep: A " in told(app)


@pytest.mark.parametrize("name", form.PATTERNS)
@pytest.mark.parametrize("role", ["encoder", "decoder"])
def test_every_method_is_drawn_or_says_why_not(name, role):
    app = page(of=role, ka=name, **{state.K_PATTERNS: "1", state.K_TAB: "Lost mass"})
    if role in get_method(name).roles:
        assert charts(app) == 2 and not app.info
    else:
        (said,) = app.info
        assert said.value.startswith("BigBird: the decoder role") and not charts(app)


def test_the_reformer_needs_the_sources_own_tokens():
    app = page(kc="reformer", **{state.K_LENGTH: "1000"})
    (said,) = app.info
    assert said.value.startswith(
        "Reformer: its buckets are those of the chosen source's 48 tokens"
    )
    assert "Of the 1,000,000 pairs of 1,000 tokens the patterns keep: A " in told(app)


@pytest.mark.parametrize(
    ("url", "why"),
    [({state.K_LENGTH: "1000"}, "those of the chosen source's 48 tokens"), ({"of": "cross"}, "hashes queries")],
)  # fmt: skip
def test_where_there_are_no_buckets_the_reformer_is_left_out_with_a_sentence(url, why):
    app = page(**url)
    assert not app.info and charts(app) == 4
    said = [one.value for one in app.caption if one.value.startswith("Reformer is left out: ")]
    assert len(said) == 1 and why in said[0]
    assert app.selectbox(key="kc").value == "multiscale"


def test_the_reformer_comes_back_with_the_sources_own_tokens_and_a_choice_stays():
    app = page(**{state.K_LENGTH: "1000"})
    app.number_input(key=state.K_LENGTH).set_value(48).run()
    assert app.selectbox(key="kc").value == "reformer"
    app.selectbox(key="kc").set_value("softmax").run()
    app.number_input(key=state.K_LENGTH).set_value(1000).run()
    assert app.selectbox(key="kc").value == "softmax"
    assert not [one for one in app.caption if "left out" in one.value]


def test_four_patterns_stand_side_by_side_at_65536_tokens():
    app = page(
        kc="multiscale",
        **{
            state.K_QUERY: "30",
            state.K_LENGTH: "65536",
            state.K_PATTERNS: "4",
            state.K_TAB: TABS[1],
        },
    )
    assert "Of the 4,294,967,296 pairs" in told(app) and charts(app) == 4 + 4 + 1
    assert "A 2 (everyone hears everyone: 2); B 2 (everyone hears everyone: 2)" in told(app)


def test_a_pair_beyond_the_source_is_pinned_on_the_page_alone():
    far = {state.K_LENGTH: "1000", state.K_QUERY: "900", state.K_KEY: "898", state.K_TAB: TABS[3]}
    app = page(i="7", j="5", **far)
    assert "**Query 900, key 898**: A allowed: band" in told(app)
    assert app.session_state[state.PIN_QUERY] == 7
    assert any("so this pair has no weight" in one.value for one in app.caption)
    app.number_input(key=state.K_LENGTH).set_value(500).run()
    assert not app.exception and "**Query 499, key 499**" in told(app)


def test_settings_change_the_map():
    app = page(**{state.K_PATTERNS: "1"})
    before = told(app)
    app.number_input(key="ka.longformer.window").set_value(20).run()
    assert not app.exception and told(app) != before
    pairs = 48 * 41 - 20 * 21 + 2 * (48 - 21)
    assert f"A {100 * pairs / 48**2:.1f}%" in told(app)


def test_a_set_n_begins_with_the_sources_pin():
    app = page(i="20", j="10", **{state.K_LENGTH: "1000"})
    assert [app.number_input(key=key).value for key in (state.K_QUERY, state.K_KEY)] == [20, 10]


def test_padding_and_the_causal_mask_narrow_it():
    app = page(
        ka="softmax", **{state.K_PATTERNS: "1", state.K_PADDING: "8", state.K_CAUSAL: "causal"}
    )
    assert f"A {100 * 40 * 41 / 2 / 48**2:.1f}%" in told(app)
    app = page(
        ka="softmax", i="45", **{state.K_PATTERNS: "1", state.K_PADDING: "8", state.K_TAB: TABS[1]}
    )
    assert "masked: the query is padding" in told(app)
    assert "is no real token here" in app.info[0].value


def test_long_sources_are_measured_when_asked(monkeypatch):
    monkeypatch.setattr("dashboard.services.mask_lost.AT_ONCE", 1)
    app = page(source="synthetic", drawn="300", **{state.K_PATTERNS: "1", state.K_TAB: TABS[2]})
    assert charts(app) == 1
    app.button(key=state.K_MEASURE).click().run()
    assert not app.exception and charts(app) == 2
    assert "Of exact attention in layer 0, head 0, lies outside: A " in told(app)


BAD = {
    state.K_LENGTH: ("0", "-5", "65537", "1e9", "nan", "many", "9" * 40),
    state.K_PADDING: ("-1", "65536", "x", "../../etc/passwd"),
    state.K_CAUSAL: ("sideways",),
    state.K_TAB: ("nowhere",),
    state.K_QUERY: ("-1", "65536", "x"),
    state.K_PATTERNS: ("0", "5", "two"),
    "ka": ("nope", "flash", "../reformer"),
    "ka.longformer.window": ("-1", "x", "99999999999999999999", "nan"),
    "kb.sparse_transformer.pattern": ("dotted",),
}


@pytest.mark.parametrize(
    ("key", "text"), [(key, text) for key, texts in BAD.items() for text in texts]
)
def test_what_the_url_cannot_set_is_a_sentence(key, text):
    app = page(**{key: text})
    (said,) = app.warning
    assert "must be" in said.value and "the patterns keep: A " in told(app)


@pytest.mark.parametrize(
    ("url", "reason"),
    [({"kd": "multiscale", "kd.multiscale.scales": "3,5"}, "Multiscale: scales must start at 1"),
     ({"kd": "multiscale", "kd.multiscale.scales": "a"}, "Multiscale: scales must be"),
     ({"kd.bigbird.window": "2"}, "BigBird: window must be an odd number"),
     ({"kd.bigbird.block": "1", "kd.bigbird.random": "9999", "k.n": "65536", "kc": "longformer"},
      "more than this page holds")],
)  # fmt: skip
def test_settings_that_do_not_fit_are_a_sentence(url, reason):
    app = page(**{state.K_PATTERNS: "4", **url})
    assert any(reason in one.value for one in app.info)
    assert "the patterns keep: A " in told(app)


def test_huge_settings_are_harmless():
    huge = str(2**31 - 1)
    app = page(
        **{
            state.K_PATTERNS: "3",
            "ka.longformer.window": huge,
            "ka.longformer.dilation": huge,
            "kb.sparse_transformer.stride": huge,
            "kc.reformer.bucket": huge,
        }
    )
    assert "the patterns keep: A " in told(app)


def test_padding_that_leaves_nothing_is_a_sentence():
    app = page(**{state.K_PADDING: "48"})
    (said,) = app.error
    assert said.value == "Padding must leave a token: at most 47 of N = 48, got 48."
